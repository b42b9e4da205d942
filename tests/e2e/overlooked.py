"""The Rollouts of which the real controller has an old version in its cache, as the API's own objects show it."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from time import monotonic, sleep

from tests.e2e.fleets import TEAMS, image
from tests.e2e.kube import ROLLOUT, Kube, Object

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


def provoke(kube: Kube, patience: float = 240.0) -> None:
    """Deploy and scale Rollouts in the same moment until the controller has overlooked one of these changes."""
    deadline, versions = monotonic() + patience, count(100_000)
    keys = [(namespace, f"app-{number}") for number in range(8) for namespace in TEAMS]
    while not waiting(kube):
        assert monotonic() < deadline, "the controller overlooks nothing; is it v1.10.0 or later?"
        with ThreadPoolExecutor(8) as pool:
            for version, wave in zip(versions, range(3), strict=False):
                list(pool.map(lambda key, number=version: kube.patch(ROLLOUT, key, image(number)), keys))
                list(
                    pool.map(
                        lambda key, replicas=wave: kube.patch(ROLLOUT, key, {"spec": {"replicas": replicas}}), keys
                    )
                )
        sleep(10)


def touch(kube: Kube, keys: set[Key]) -> None:
    """Write the Rollouts again, as the finding says."""
    for key in keys:
        kube.patch(ROLLOUT, key, {"metadata": {"annotations": {"maintainer.io/touched": "1"}}})
