"""The four checks that hold metric values against the Rollout API."""

from collections.abc import Iterator

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.accuracy.findings import Sides, difference_findings
from maintainer.analyse.reproduce import Access
from maintainer.model.contract import INFO
from maintainer.model.report import Finding


def accuracy_phase(comparison: Comparison, access: Access) -> Iterator[Finding]:
    """The metric's phase is not what the controller's own rule makes of the API's conditions."""
    return difference_findings("accuracy/phase", "error", comparison, access, shown=Sides(INFO, ".status.conditions"))


def accuracy_replicas(comparison: Comparison, access: Access) -> Iterator[Finding]:
    """A replica gauge is not the number that the API has."""
    shown = Sides("rollout_info_replicas_.+", ".spec.replicas} {.status")
    return difference_findings("accuracy/replicas", "error", comparison, access, shown=shown)


def accuracy_strategy(comparison: Comparison, access: Access) -> Iterator[Finding]:
    """The metric names another strategy than the Rollout has."""
    return difference_findings("accuracy/strategy", "warning", comparison, access, shown=Sides(INFO, ".spec.strategy"))


def accuracy_meaning(comparison: Comparison, access: Access) -> Iterator[Finding]:
    """Metric and API are both right by upstream's rules, and yet one of them misleads its reader."""
    return difference_findings("accuracy/meaning", "warning", comparison, access, shown=Sides(INFO, ".status"))
