"""Plants the faults of a fleet in what the controller exposes and in what Prometheus scrapes."""

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
    """What the controller exposes wrongly because of the fleet's faults."""
    gauges: dict[Key, dict[str, float]] = defaultdict(dict)
    for fault in _of_kind(fleet, "wrong-replicas"):
        gauges[fault.key][fault.fields["family"]] = fault.fields["value"]
    return Distortion(
        ghosts={fault.key: _ghost(fleet, fault, now=now) for fault in _of_kind(fleet, "ghost")},
        missing=frozenset(fault.key for fault in _of_kind(fleet, "missing")),
        phases={fault.key: fault.fields["emits"] for fault in _of_kind(fleet, "wrong-phase")},
        gauges=gauges,
        unwatched=frozenset(fault.key for fault in _of_kind(fleet, "unwatched")),
    )


def scrape_jobs(fleet: Fleet, instances: Sequence[str]) -> tuple[ScrapeJob, ...]:
    """The scrape job of the controller, and another for each fault ``duplicate-target``. All jobs scrape all pods."""
    labels = {fault.fields["job"]: {"namespace": fault.fields["value"]} for fault in _of_kind(fleet, "namespace-label")}
    names = [JOB, *(fault.fields["job"] for fault in _of_kind(fleet, "duplicate-target"))]
    return tuple(ScrapeJob(name, tuple(instances), labels.get(name, {})) for name in names)


def led(fleet: Fleet) -> bool:
    """Whether a pod of the controller is the leader, so that it exposes Rollouts."""
    return not any(_of_kind(fleet, "silent"))


def emitted(store: Store, wrong: Distortion) -> tuple[Observed, ...]:
    """The Rollouts that a controller exposes for the current content of the store."""
    rollouts = {**store.seen("rollouts", float("inf")), **wrong.ghosts}
    return tuple(
        Observed(entry.object, wrong.phases.get(key, entry.emits), 1, wrong.gauges.get(key, {}))
        for key, entry in rollouts.items()
        if key not in wrong.missing
    )


def _of_kind(fleet: Fleet, kind: str) -> Iterable[Fault]:
    return (fault for fault in fleet.faults if fault.kind == kind)


def _ghost(fleet: Fleet, fault: Fault, *, now: datetime) -> Entry:
    placed = Placed(fault.fields["state"], *fault.key)
    item = rollout(fleet, placed, now=now)
    versioned = {**item, "metadata": {**item["metadata"], "resourceVersion": "1"}}
    return Entry(versioned, fleet.states[placed.state].emits)
