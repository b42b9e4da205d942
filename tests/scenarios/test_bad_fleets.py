"""Whole runs of the real command where the Rollouts cannot all be listed, or there are none, or one has just begun."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maintainer.sandbox.fleet import Placed, synthetic
from maintainer.sandbox.world import World
from tests.scenarios.front import Answer, Asked
from tests.scenarios.runs import ACCURACY, ANSWERS, OF_ROLLOUTS, assert_incomplete, monthly
from tests.scenarios.small_worlds import ROLLOUTS, Api, having

pytestmark = pytest.mark.extended


def test_a_forbidden_namespace_leaves_the_others_compared(healthy: World, tmp_path: Path) -> None:
    healthy.api.forbid("list", "rollouts", "team-0")
    try:
        ended = monthly({**healthy.environment(), "MAINTAINER_CLUSTER_NAMESPACES": "team-0,team-1"}, tmp_path)
    finally:
        healthy.api.allow_all()

    rule = 'apiGroups ["argoproj.io"], resources ["rollouts"], verbs [list]'
    assert_incomplete(ended, "in team-0. A Role there", rule)
    assert ended.found == set()
    assert ended.figures["rollouts.compared"] == ended.figures["rollouts.listed"] == 4


def test_a_list_that_expires_is_read_again_and_one_that_always_does_is_a_gap(api: Api, tmp_path: Path) -> None:
    left = 1

    def expires(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        nonlocal left
        if "continue" in asked.params and left:
            left -= 1
            api.world.api.expire_lists()
        return forward()

    api.front.fault = expires
    with having(api.world, synthetic(501)):
        once = monthly(api.environment(), tmp_path / "once")
        left = 1000
        always = monthly(api.environment(), tmp_path / "always")

    assert (once.code, once.figures["rollouts.compared"]) == (0, 501)
    assert_incomplete(always, "expired while it was read, 3 times", checks=OF_ROLLOUTS)


@pytest.fixture
def no_rollouts(healthy: World) -> Iterator[World]:
    with having(healthy, ()):
        yield healthy


def nothing_but_null(asked: Asked, forward: Callable[[], Answer]) -> Answer:
    """The API server's own answer: an empty list of metadata has ``items: null``."""
    answer = forward()
    body = answer.json if "PartialObjectMetadataList" in asked.headers.get("Accept", "") else None
    return Answer(body=json.dumps({**body, "items": None}).encode()) if body and not body["items"] else answer


def test_no_rollouts_are_a_gap_and_no_finding(no_rollouts: World, api: Api, tmp_path: Path) -> None:
    api.front.fault = nothing_but_null

    ended = monthly(api.environment(), tmp_path)

    assert_incomplete(ended, "There is no Rollout", checks=ACCURACY | ANSWERS | {"coverage/missing"})
    assert len(ended.gaps()) == 1
    assert ended.found == set()


def test_a_rollout_without_status_is_no_finding(healthy: World, tmp_path: Path) -> None:
    with having(healthy, (*ROLLOUTS, Placed("no-status", "team-0", "newborn"))):
        ended = monthly(healthy.environment(), tmp_path)

    assert (ended.code, ended.report["findings"]) == (0, [])
    assert ended.figures["rollouts.compared"] == len(ROLLOUTS) + 1
