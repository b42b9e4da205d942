"""The four checks that compare the values of metrics with the Rollout API."""

from collections.abc import Iterator

from maintainer.analyse.accuracy.findings import Sides, difference_findings
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.model.contract import INFO
from maintainer.model.report import Finding


def accuracy_phase(fleet: ComparedFleet) -> Iterator[Finding]:
    """The metric's phase is not what the controller's own rule makes of the API's conditions."""
    return difference_findings(fleet, "accuracy/phase", "error", sides=Sides(INFO, ".status.conditions"))


def accuracy_replicas(fleet: ComparedFleet) -> Iterator[Finding]:
    """A replica gauge is not the number that the API has."""
    sides = Sides("rollout_info_replicas_.+", ".spec.replicas} {.status")
    return difference_findings(fleet, "accuracy/replicas", "error", sides=sides)


def accuracy_strategy(fleet: ComparedFleet) -> Iterator[Finding]:
    """The metric names another strategy than the Rollout has."""
    return difference_findings(fleet, "accuracy/strategy", "warning", sides=Sides(INFO, ".spec.strategy"))


def accuracy_meaning(fleet: ComparedFleet) -> Iterator[Finding]:
    """Metric and API are both right by upstream's rules, and yet one of them misleads its reader."""
    return difference_findings(fleet, "accuracy/meaning", "warning", sides=Sides(INFO, ".status"))
