"""Takes what is better in the cluster over into the files of the chart: the other direction of the job reconcile."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

from maintainer.analyse.adopt.asked import asked
from maintainer.analyse.adopt.dashboards import DeployedDashboard, placed
from maintainer.analyse.adopt.drifted import Drifted, Wanted, wanted
from maintainer.analyse.adopt.placing import Placing
from maintainer.analyse.adopt.proof import Judge, Rendered
from maintainer.clients.helm_template import Rendering
from maintainer.collect.chart_release import releases_of, renderer
from maintainer.collect.drift.deployed import deployed
from maintainer.collect.drift.grafana_copy import grafana_copy
from maintainer.collect.drift.stored import stored_objects
from maintainer.collect.sources import SourceReader, Sources
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.jobs import arguments
from maintainer.model.chart import Adoption, Chart
from maintainer.model.drift import ObjectId, StoredObject
from maintainer.model.message import Message, message
from maintainer.settings import Settings

Stored = Mapping[ObjectId, StoredObject | None]
Open = Callable[[str], AbstractContextManager[Rendering]]
"""Opens a rendering of the chart in a folder."""


def adopt(words: Sequence[str], chart: Chart, settings: Settings, sources: Sources, *, open_: Open | None) -> Adoption:
    """What the chart is to take over of that which the words ask for, of all that differs without any.

    ``open_`` is ``None`` where there is no helm. Raises ``ConfigError`` for a word that names nothing.
    """
    found = deployed(sources, arguments.deployment(settings))
    ids = [desired.id for desired in found.objects]
    stored, why = stored_objects(sources, sources.cluster, ids) if sources.cluster else ({}, ())
    meant = wanted([asked(word) for word in words], found.objects, stored)
    if meant.unknown and not found.unavailable:
        kind = meant.unknown[0].partition("/")[0]
        known = [word for word in meant.known if word.startswith(f"{kind}/")] or meant.known
        raise ConfigError(f"nothing that was deployed is {meant.unknown[0]}; there is {', '.join(known)}")
    work = _Work(dict(chart.files), SourceReader(sources.guard))
    for dashboard in meant.dashboards:
        if live := _live(dashboard, stored, sources, work.read):
            work.take(dashboard, live)
    if meant.objects:
        work.place(meant, stored, chart=chart, sources=sources, open_=open_)
    texts = {path: text for path, text in work.files.items() if text != chart.files[path]}
    unavailable = dict.fromkeys((*sources.unavailable, *found.unavailable, *why, *work.read.unavailable))
    return Adoption(texts, tuple(work.placed), tuple(work.left), work.already, tuple(unavailable))


@dataclass(slots=True)
class _Work:
    """The files with what was taken over so far."""

    files: dict[str, str]
    read: SourceReader
    placed: list[Message] = field(default_factory=list)
    left: list[Message] = field(default_factory=list)
    already: int = 0

    def take(self, dashboard: DeployedDashboard, live: str) -> None:
        """Write the edits of a dashboard into its file."""
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
            elif not found.conflicts:
                self.already += found.changes

    def place(self, meant: Wanted, stored: Stored, *, chart: Chart, sources: Sources, open_: Open | None) -> None:
        """Write the other changes where the rendered chart proves that they are right."""
        if open_ is None or sources.cluster is None:
            self.left += [
                message("adopt/no-helm", object=str(drifted.desired.id.subject), count=len(drifted.changes))
                for drifted in meant.objects
            ]
            return
        with open_(chart.folder) as rendering:
            for release in releases_of((drifted.desired for drifted in meant.objects), stored):
                render = renderer(rendering, release, sources.cluster)
                if self.read("chart", partial(render, self.files), about=chart.folder) is not None:
                    placing = Placing(self.files, partial(_rendered, render), Judge(stored))
                    self._place_all(meant.objects, placing)

    def _place_all(self, objects: Sequence[Drifted], placing: Placing) -> None:
        for drifted in objects:
            placing.take(drifted)
        self.placed += placing.placed
        self.left += placing.left
        self.already += placing.already


def _rendered(render: Callable[[Mapping[str, str]], Rendered], texts: Mapping[str, str]) -> Rendered | None:
    """What the chart renders with these texts; ``None`` if helm refuses them, as it does a broken template."""
    try:
        return render(texts)
    except SourceUnavailable:
        return None


def _live(dashboard: DeployedDashboard, stored: Stored, sources: Sources, read: SourceReader) -> str:
    """The text of the live dashboard: Grafana's own, where Grafana can be asked; "" if it is not there."""
    if sources.grafana and dashboard.uid:
        return read("dashboards", partial(grafana_copy, sources.grafana, dashboard.uid), about=dashboard.uid) or ""
    holder = stored.get(dashboard.holder.id)
    values = holder.content.get("data") if holder else None
    return str(values.get(dashboard.key) or "") if isinstance(values, Mapping) else ""
