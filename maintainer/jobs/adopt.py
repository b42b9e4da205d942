"""Takes what is better in the cluster over into the files of the chart: the other direction of the job reconcile."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from maintainer.analyse.adopt.dashboards import DeployedDashboard, deployed_dashboards, placed
from maintainer.collect.drift.deployed import deployed
from maintainer.collect.drift.grafana_copy import grafana_copy
from maintainer.collect.drift.stored import stored_objects
from maintainer.collect.sources import SourceReader, Sources
from maintainer.errors import ConfigError
from maintainer.jobs import arguments
from maintainer.model.chart import Adoption, Chart
from maintainer.model.drift import ObjectId, StoredObject
from maintainer.model.message import Message, message
from maintainer.settings import Settings

DASHBOARD = "dashboard"


def adopt(asked: Sequence[str], chart: Chart, settings: Settings, sources: Sources) -> Adoption:
    """What of the asked dashboards, by default of all, the chart is to take over.

    Raises ``ConfigError`` for one that was not deployed.
    """
    found = deployed(sources, arguments.deployment(settings))
    dashboards = [each for desired in found.objects for each in deployed_dashboards(desired)]
    wanted = [*_wanted(asked, dashboards)] if dashboards else []
    holders = dict.fromkeys(dashboard.holder.id for dashboard in wanted)
    stored, why = stored_objects(sources, sources.cluster, holders) if sources.cluster else ({}, ())
    reader = SourceReader(sources.guard)
    result = _Result(dict(chart.files))
    for dashboard in wanted:
        if live := _live(dashboard, stored, sources, reader):
            result.take(dashboard, live)
    texts = {path: text for path, text in result.files.items() if text != chart.files[path]}
    unavailable = (*sources.unavailable, *found.unavailable, *why, *reader.unavailable)
    return Adoption(texts, tuple(result.placed), tuple(result.left), tuple(dict.fromkeys(unavailable)))


@dataclass(slots=True)
class _Result:
    """The files with what was taken over so far."""

    files: dict[str, str]
    placed: list[Message] = field(default_factory=list)
    left: list[Message] = field(default_factory=list)

    def take(self, dashboard: DeployedDashboard, live: str) -> None:
        found = placed(dashboard, live, self.files)
        if isinstance(found, Message):
            self.left.append(found)
        elif found:
            self.left += [
                message("adopt/conflict", name=dashboard.name, place=place, file=found.path)
                for place in found.conflicts
            ]
            if found.text != self.files[found.path]:
                self.files[found.path] = found.text
                self.placed.append(
                    message("adopt/dashboard", name=dashboard.name, file=found.path, count=found.changes)
                )


def _wanted(asked: Sequence[str], dashboards: Sequence[DeployedDashboard]) -> Iterator[DeployedDashboard]:
    for word in asked or (DASHBOARD,):
        kind, _, name = word.partition("/")
        if kind != DASHBOARD:
            raise ConfigError(f"{word} cannot be adopted; write dashboard, or dashboard/UID")
        found = [dashboard for dashboard in dashboards if name in ("", dashboard.name)]
        if not found:
            known = ", ".join(sorted({f"{DASHBOARD}/{dashboard.name}" for dashboard in dashboards}))
            raise ConfigError(f"{word} was not deployed; there is {known}")
        yield from found


def _live(
    dashboard: DeployedDashboard, stored: Mapping[ObjectId, StoredObject | None], sources: Sources, read: SourceReader
) -> str:
    """The text of the live dashboard: Grafana's own, where Grafana can be asked; "" if it is not there."""
    if sources.grafana and dashboard.uid:
        return read("dashboards", partial(grafana_copy, sources.grafana, dashboard.uid), about=dashboard.uid) or ""
    holder = stored.get(dashboard.holder.id)
    values = holder.content.get("data") if holder else None
    return str(values.get(dashboard.key) or "") if isinstance(values, Mapping) else ""
