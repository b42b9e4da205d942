"""The Rollouts of which the real controller has an old version in its cache, as the API's own objects show it."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from random import Random
from time import monotonic, sleep

from tests.e2e.fleets import TEAMS, image
from tests.e2e.kube import ROLLOUT, Kube, Object
from tests.e2e.processes import until

Key = tuple[str, str]

SETTLED = 75.0
"""Seconds after which nothing waits for the controller any more that it has not overlooked."""


def waiting(kube: Kube) -> Mapping[Key, Object]:
    """The metadata of the Rollouts with a generation that the controller has not observed."""
    return {
        (rollout["metadata"]["namespace"], rollout["metadata"]["name"]): rollout["metadata"]
        for rollout in kube.list(ROLLOUT)
        if str(rollout["metadata"]["generation"]) != rollout.get("status", {}).get("observedGeneration")
    }


def untouched(metadata: Object) -> float:
    """The seconds since the last write to an object."""
    times = [datetime.fromisoformat(entry["time"]) for entry in metadata["managedFields"]]
    return (datetime.now(UTC) - max(times)).total_seconds()


def lasting(before: Mapping[Key, Object], after: Mapping[Key, Object]) -> set[Key]:
    """Those that waited at both times, and that nothing has written in between."""
    version = "resourceVersion"
    return {key for key in before.keys() & after.keys() if before[key][version] == after[key][version]}


def subjects(keys: Iterator[Key] | set[Key]) -> set[tuple[str, str]]:
    """What a report says of them."""
    return {("controller/stale-cache", f"Rollout/{namespace}/{name}") for namespace, name in keys}


def provoke(kube: Kube, patience: float = 420.0) -> None:
    """Write Rollouts again while the controller still works on the write before, until it has overlooked some write."""
    deadline, versions = monotonic() + patience, count(100_000)
    keys = [(namespace, f"app-{number}") for number in range(8) for namespace in TEAMS]

    def write(key: Key) -> None:
        dice = Random(f"{key}")
        for _ in range(3):
            kube.patch(ROLLOUT, key, image(next(versions)))
            sleep(dice.uniform(0.05, 0.8))
            kube.patch(ROLLOUT, key, {"spec": {"replicas": dice.randint(0, 3)}})
            sleep(dice.uniform(0.05, 0.8))

    while not _overlooked(kube):
        assert monotonic() < deadline, "the controller overlooks nothing; is it v1.10.0 or later?"
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(write, keys))


def _overlooked(kube: Kube) -> bool:
    """Whether something still waits after everything else has settled."""
    until(lambda: all(untouched(metadata) > 20 for metadata in waiting(kube).values()), 120, lambda: "the queue")
    return bool(waiting(kube))


def touch(kube: Kube, keys: set[Key]) -> None:
    """Write the Rollouts again, as the finding says."""
    for key in keys:
        kube.patch(ROLLOUT, key, {"metadata": {"annotations": {"maintainer.io/touched": "1"}}})
