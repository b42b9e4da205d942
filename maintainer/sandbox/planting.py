"""Carries out the faults of a fleet: what the controller distorts, and what Prometheus is told to scrape."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from maintainer.sandbox.exporter import Distortion
from maintainer.sandbox.fleet import Fault, Fleet, Placed
from maintainer.sandbox.prometheus import ScrapeJob
from maintainer.sandbox.rollouts import rollout
from maintainer.sandbox.series import Observed
from maintainer.sandbox.store import Entry, Key, Store

JOB = "argo-rollouts"
"""The job of the controller's own scrape configuration."""


def distortion(fleet: Fleet, *, now: datetime) -> Distortion:
    """What the controller prints wrongly by the fleet's faults."""
    gauges: dict[Key, dict[str, float]] = defaultdict(dict)
    for fault in _of(fleet, "wrong-replicas"):
        gauges[fault.key][fault.fields["family"]] = fault.fields["value"]
    return Distortion(
        ghosts={fault.key: _ghost(fleet, fault, now=now) for fault in _of(fleet, "ghost")},
        missing=frozenset(fault.key for fault in _of(fleet, "missing")),
        phases={fault.key: fault.fields["emits"] for fault in _of(fleet, "wrong-phase")},
        gauges=gauges,
        unwatched=frozenset(fault.key for fault in _of(fleet, "unwatched")),
    )


def scrape_jobs(fleet: Fleet, instances: Sequence[str]) -> tuple[ScrapeJob, ...]:
    """The scrape configurations: the controller's, and one more for each duplicate; all scrape all pods."""
    labels = {fault.fields["job"]: {"namespace": fault.fields["value"]} for fault in _of(fleet, "namespace-label")}
    names = [JOB, *(fault.fields["job"] for fault in _of(fleet, "duplicate-target"))]
    return tuple(ScrapeJob(name, tuple(instances), labels.get(name, {})) for name in names)


def led(fleet: Fleet) -> bool:
    """Whether a pod holds the lease, and so emits."""
    return not any(_of(fleet, "silent"))


def emitted(store: Store, wrong: Distortion) -> tuple[Observed, ...]:
    """What a controller prints for the store as it is now."""
    shown = {**store.seen("rollouts", float("inf")), **wrong.ghosts}
    return tuple(
        Observed(entry.object, wrong.phases.get(key, entry.emits), 1, wrong.gauges.get(key, {}))
        for key, entry in shown.items()
        if key not in wrong.missing
    )


def _of(fleet: Fleet, kind: str) -> Iterable[Fault]:
    return (fault for fault in fleet.faults if fault.kind == kind)


def _ghost(fleet: Fleet, fault: Fault, *, now: datetime) -> Entry:
    placed = Placed(fault.fields["state"], *fault.key)
    made = rollout(fleet, placed, now=now)
    versioned = {**made, "metadata": {**made["metadata"], "resourceVersion": "1"}}
    return Entry(versioned, fleet.states[placed.state].emits)
