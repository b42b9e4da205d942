"""A dashboard that somebody has edited, as a change of the file in the chart that holds it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from maintainer.analyse.adopt.json_text import rewritten
from maintainer.analyse.adopt.merge import Merge, without_volatile
from maintainer.analyse.drift.values import value_differences
from maintainer.model.dashboard_text import as_dashboard
from maintainer.model.drift import DesiredObject
from maintainer.model.message import Message, message


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
    document = as_dashboard(live)
    if document is None:
        return message("adopt/no-dashboard", name=dashboard.name)
    found = [path for path, text in files.items() if _holds(dashboard, path, text)]
    if len(found) != 1:
        return (
            message("adopt/files", name=dashboard.name, files=", ".join(found))
            if found
            else message("adopt/no-file", name=dashboard.name)
        )
    merge, text = Merge(), files[found[0]]
    deployed, wanted = (without_volatile(json.loads(each)) for each in (dashboard.text, live))
    new = rewritten(text, merge.merged(deployed, wanted, json.loads(text)))
    conflicts = tuple("/".join(map(str, path)) for path in merge.conflicts)
    return Placed(found[0], new, len(changes), conflicts)


def _holds(dashboard: DeployedDashboard, path: str, text: str) -> bool:
    """Whether a file of the chart is this dashboard: it has its uid, or says the same."""
    document = None if path.startswith("templates/") else as_dashboard(text)
    if document is None:
        return False
    if dashboard.uid:
        return document.get("uid") == dashboard.uid
    return not value_differences(dashboard.key, dashboard.text, text)
