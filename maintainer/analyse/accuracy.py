"""The four checks that hold metric values against the Rollout API."""

from collections.abc import Iterator

from maintainer.analyse.brackets import Judged
from maintainer.analyse.commands import Reach
from maintainer.analyse.differences import Shown, findings
from maintainer.model.contract import INFO
from maintainer.model.report import Finding


def accuracy_phase(judged: Judged, reach: Reach) -> Iterator[Finding]:
    """The metric's phase is not what the controller's own rule makes of the API's conditions."""
    return findings("accuracy/phase", "error", judged, reach, shown=Shown(INFO, ".status.conditions"))


def accuracy_replicas(judged: Judged, reach: Reach) -> Iterator[Finding]:
    """A replica gauge is not the number that the API has."""
    shown = Shown("rollout_info_replicas_.+", ".spec.replicas} {.status")
    return findings("accuracy/replicas", "error", judged, reach, shown=shown)


def accuracy_strategy(judged: Judged, reach: Reach) -> Iterator[Finding]:
    """The metric names another strategy than the Rollout has."""
    return findings("accuracy/strategy", "warning", judged, reach, shown=Shown(INFO, ".spec.strategy"))


def accuracy_meaning(judged: Judged, reach: Reach) -> Iterator[Finding]:
    """Metric and API are both right by upstream's rules, and yet one of them misleads its reader."""
    return findings("accuracy/meaning", "warning", judged, reach, shown=Shown(INFO, ".status"))
