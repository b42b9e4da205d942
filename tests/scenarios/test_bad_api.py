"""Whole runs of the real command against an API server that is bad: Prometheus is still looked at."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from maintainer.sandbox.api import kubeconfig
from maintainer.sandbox.world import World
from tests.scenarios.front import Answer, Asked, Fault, Front, half
from tests.scenarios.runs import OF_CLUSTER, OF_ROLLOUTS, assert_incomplete, monthly
from tests.scenarios.small_worlds import Api

pytestmark = pytest.mark.extended


def without_rollouts(status: int, body: bytes) -> Fault:
    """An API server that has no such resource, or answers oddly for it."""
    return lambda asked, forward: (
        Answer(status, body, {"Content-Type": "text/plain"}) if "argoproj.io" in asked.target else forward()
    )


def half_of_rollouts(asked: Asked, forward: Callable[[], Answer]) -> Answer:
    """Half of each answer about Rollouts; the others are whole."""
    return half(asked, forward) if "argoproj.io" in asked.target else forward()


BAD_API: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "no-crd": (without_rollouts(404, b"404 page not found\n"), ("rollouts.argoproj.io", "Is Argo Rollouts installed")),
    "broken": (without_rollouts(500, b"etcdserver: request timed out"), ("HTTP 500: etcdserver: request timed out",)),
    "half-a-body": (half_of_rollouts, ("could not be reached", "IncompleteRead", "kubectl")),
}


@pytest.mark.parametrize(("fault", "said"), BAD_API.values(), ids=BAD_API.keys())
def test_a_bad_api_server_is_a_gap_and_prometheus_is_looked_at(
    api_of_twice: Api, fault: Fault, said: tuple[str, ...], tmp_path: Path
) -> None:
    api_of_twice.front.fault = fault

    ended = monthly(api_of_twice.environment(), tmp_path)

    assert_incomplete(ended, *said, checks=OF_ROLLOUTS)
    assert ended.found == {"coverage/duplicate", "label/namespace"}


def test_an_api_server_that_is_down_is_a_gap_and_prometheus_is_looked_at(api_of_twice: Api, tmp_path: Path) -> None:
    with Front(api_of_twice.world.api.url) as gone:
        pass
    ended = monthly(replace(api_of_twice, front=gone).environment(), tmp_path)

    assert_incomplete(ended, gone.url, "Connection refused", "kubectl", checks=OF_CLUSTER)
    assert ended.found == {"coverage/duplicate", "label/namespace"}


def test_credentials_that_ran_out_are_a_gap(twice: World, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(twice.api.url, "yesterday", authority=twice.api.authority), "utf-8")

    ended = monthly({**twice.environment(), "KUBECONFIG": str(file)}, tmp_path)

    assert_incomplete(ended, "does not accept the credentials (Unauthorized)", "Renew the credentials")
    assert ended.found == {"coverage/duplicate", "label/namespace"}


def test_a_forbidden_list_is_a_gap_with_the_rule_that_is_missing(twice: World, tmp_path: Path) -> None:
    twice.api.forbid("list", "rollouts")
    try:
        ended = monthly(twice.environment(), tmp_path)
    finally:
        twice.api.allow_all()

    rule = 'apiGroups ["argoproj.io"], resources ["rollouts"], verbs [list]'
    assert_incomplete(ended, "ClusterRole", rule, checks=OF_ROLLOUTS)
    assert ended.found == {"coverage/duplicate", "label/namespace"}
