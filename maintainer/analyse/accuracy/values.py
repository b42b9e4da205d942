"""The checks that compare the values of metrics with the Rollout API."""

from collections.abc import Iterator

from maintainer.analyse.accuracy.findings import Sides, difference_findings
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.model.contract import INFO
from maintainer.model.report import Finding


def accuracy_phase(fleet: ComparedFleet) -> Iterator[Finding]:
    """The metric's phase is not the phase that the controller's rule gives for the API's conditions."""
    return difference_findings(fleet, "accuracy/phase", severity="error", sides=Sides(INFO, ".status.conditions"))


def accuracy_replicas(fleet: ComparedFleet) -> Iterator[Finding]:
    """A replica gauge differs from the API."""
    sides = Sides("rollout_info_replicas_.+", ".spec.replicas} {.status")
    return difference_findings(fleet, "accuracy/replicas", severity="error", sides=sides)


def accuracy_strategy(fleet: ComparedFleet) -> Iterator[Finding]:
    """The metric's strategy is not the Rollout's."""
    return difference_findings(fleet, "accuracy/strategy", severity="warning", sides=Sides(INFO, ".spec.strategy"))


def accuracy_meaning(fleet: ComparedFleet) -> Iterator[Finding]:
    """The metric's phase is correct by upstream's rule, and misleads a reader compared with ``status.phase``."""
    return difference_findings(fleet, "accuracy/meaning", severity="warning", sides=Sides(INFO, ".status"))
