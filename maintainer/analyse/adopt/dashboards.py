"""A dashboard that somebody has edited, as a change of the file in the chart that holds it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from maintainer.analyse.adopt.json_text import rewritten
from maintainer.analyse.adopt.merge import Merge, without_volatile
from maintainer.analyse.adopt.template_json import Merged, in_template
from maintainer.analyse.drift.values import value_differences
from maintainer.model.dashboard_text import as_dashboard
from maintainer.model.drift import DesiredObject
from maintainer.model.message import Message, message

TEMPLATES = "templates/"
"""Where a chart has its templates."""


@dataclass(frozen=True, slots=True)
class DeployedDashboard:
    """A value of a ConfigMap that is a dashboard, as it was deployed."""

    holder: DesiredObject
    key: str
    uid: str
    text: str

    @property
    def name(self) -> str:
        """How messages name it."""
        return self.uid or self.key


@dataclass(frozen=True, slots=True)
class Placed:
    """The new text of a file, how many places of the dashboard it takes over, and which it could not."""

    path: str
    text: str
    changes: int
    conflicts: tuple[str, ...]


def deployed_dashboards(desired: DesiredObject) -> Iterator[DeployedDashboard]:
    """The dashboards that an object holds."""
    values = desired.content.get("data") if desired.id.kind == "ConfigMap" else None
    for key, text in values.items() if isinstance(values, Mapping) else ():
        document = as_dashboard(text)
        if document is not None:
            yield DeployedDashboard(desired, str(key), str(document.get("uid") or ""), str(text))


def placed(dashboard: DeployedDashboard, live: str, files: Mapping[str, str]) -> Placed | Message | None:
    """What the live dashboard changes in the chart's file; a reason why that cannot be said; ``None`` if it is as
    deployed."""
    changes = value_differences(dashboard.key, dashboard.text, live)
    if not changes:
        return None
    if as_dashboard(live) is None:
        return message("adopt/no-dashboard", name=dashboard.name)
    places = [*_places(dashboard, files)]
    if not places:
        return message("adopt/no-file", name=dashboard.name)
    if len(places) > 1:
        return message("adopt/files", name=dashboard.name, files=", ".join(path for path, _ in places))
    ((path, rewrite),) = places
    merge = Merge()
    deployed, wanted = (without_volatile(json.loads(each)) for each in (dashboard.text, live))
    new = rewrite(lambda own: merge.merged(deployed, wanted, own))
    conflicts = tuple("/".join(map(str, conflict)) for conflict in merge.conflicts)
    return Placed(path, new, len(changes), conflicts)


def _places(dashboard: DeployedDashboard, files: Mapping[str, str]) -> Iterator[tuple[str, Callable[[Merged], str]]]:
    """Where the chart has the dashboard, each with what rewrites it: its JSON files, else a template."""
    found = [(path, text) for path, text in files.items() if _holds(dashboard, path, text)]
    yield from ((path, partial(_of_file, text)) for path, text in found)
    for path, text in files.items() if not found else ():
        inside = in_template(text, dashboard.key) if path.startswith(TEMPLATES) else None
        document = inside.document if inside else None
        if inside and isinstance(document, Mapping) and document.get("uid", "") == dashboard.uid:
            yield path, inside.with_changes


def _of_file(text: str, merged: Merged) -> str:
    return rewritten(text, merged(json.loads(text)))


def _holds(dashboard: DeployedDashboard, path: str, text: str) -> bool:
    """Whether a file of the chart is this dashboard: it has its uid, or says the same."""
    document = None if path.startswith(TEMPLATES) else as_dashboard(text)
    if document is None:
        return False
    if dashboard.uid:
        return document.get("uid") == dashboard.uid
    return not value_differences(dashboard.key, dashboard.text, text)
