"""The Rollouts of which the real controller has an old version in its cache, as the API's own objects show it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

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


def touch(kube: Kube, keys: set[Key]) -> None:
    """Write the Rollouts again, as the finding says."""
    for key in keys:
        kube.patch(ROLLOUT, key, {"metadata": {"annotations": {"maintainer.io/touched": "1"}}})
