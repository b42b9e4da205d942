"""The Rollouts of which the real controller has an old version in its cache, as the API's own objects show it.

A Rollout that it writes back in the moment of its deletion stays in the cache, and on the controller's page, for good.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import requests

from tests.e2e.kube import ROLLOUT, Kube, Object
from tests.e2e.product import Report

Key = tuple[str, str]

PAGE = "http://127.0.0.1:8090/metrics"
_EXPOSED = re.compile(r'^rollout_info\{name="([^"]*)",namespace="([^"]*)"', re.MULTILINE)

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


def kept(kube: Kube) -> set[Key]:
    """The Rollouts on the controller's page that the API does not have."""
    page = requests.get(PAGE, timeout=30).text
    exposed = {(namespace, name) for name, namespace in _EXPOSED.findall(page)}
    assert exposed, page[:500]
    return exposed - {(each["metadata"]["namespace"], each["metadata"]["name"]) for each in kube.list(ROLLOUT)}


def ghosts(keys: set[Key]) -> set[tuple[str, str]]:
    """What a report says of Rollouts that are kept after their deletion."""
    return {("coverage/ghost", f"Rollout/{namespace}/{name}") for namespace, name in keys}


def shown_by_panels(report: Report, keys: set[Key]) -> set[tuple[str, str]]:
    """What a report says of panels that are wrong by nothing but these Rollouts."""
    known = {(f"{namespace}/{name}", "coverage/ghost") for namespace, name in keys}
    return {
        (finding["check"], f"panel/{subject['name']}")
        for finding in report.json["findings"]
        if finding["check"] == "panel/value"
        and {(each["rollout"], each["cause"]) for each in finding["evidence"]["rollouts"]} <= known
        for subject in finding["subjects"]
    }
