"""Whole runs of the real command where Prometheus answers well and what it has is not to be compared with."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from maintainer.sandbox.exporter import Distortion
from maintainer.sandbox.world import World
from tests.scenarios.front import Answer, Asked, Front
from tests.scenarios.runs import ACCURACY, AGAINST_API, ANSWERS, SERIES, assert_incomplete, monthly
from tests.scenarios.small_worlds import ROLLOUTS, eventually

pytestmark = pytest.mark.extended


def warned(asked: Asked, forward: Callable[[], Answer]) -> Answer:
    """What an engine says of which a part could not be asked: less, and a warning beside it."""
    given = forward()
    if not asked.query or asked.query == "time()":
        return given
    answer = given.json
    answer["data"]["result"] = answer["data"]["result"][:1]
    answer["warnings"] = ["a store is not there: partial response"]
    return Answer(body=json.dumps(answer).encode())


def test_an_answer_that_is_not_whole_is_not_compared_with(healthy: World, prometheus: Front, tmp_path: Path) -> None:
    prometheus.fault = warned

    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)

    assert_incomplete(ended, "a store is not there: partial response")
    assert ended.found == set()


def test_rollouts_with_labels_of_a_target_each_are_refused(healthy: World, prometheus: Front, tmp_path: Path) -> None:
    """A relabelling that puts the Rollout's name into a target's label makes a target of each."""

    def relabelled(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        if "timestamp(rollout_info" not in asked.query:
            return forward()
        answer = forward().json
        (target,) = answer["data"]["result"]
        pods = [{**target, "metric": {**target["metric"], "pod": f"svc-{number}"}} for number in range(1000)]
        answer["data"]["result"] = pods
        return Answer(body=json.dumps(answer).encode())

    prometheus.fault = relabelled

    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)

    assert_incomplete(ended, "Rollouts of 1,000 targets", "Set prometheus.matchers")
    assert len(prometheus.asked) < 20


def test_samples_of_the_servers_future_are_not_compared_with(healthy: World, prometheus: Front, tmp_path: Path) -> None:
    def late(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        if asked.query != "time()":
            return forward()
        answer = forward().json
        answer["data"]["result"] = [answer["data"]["result"][0] - 60, str(float(answer["data"]["result"][1]) - 60)]
        return Answer(body=json.dumps(answer).encode())

    prometheus.fault = late

    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)

    assert_incomplete(ended, "newer than its own time")
    assert ended.found == set()


def test_one_gauge_that_is_nan_leaves_out_its_rollout_only(healthy: World, tmp_path: Path) -> None:
    [leader, _] = healthy.controllers
    name, own = (
        "rollout_info_replicas_available",
        [text for text in leader.metrics().splitlines() if "svc-00003" in text],
    )
    spoiled = [text.rpartition(" ")[0] + " NaN" if text.startswith(name) else text for text in own]
    assert own != spoiled
    leader.distortion = Distortion(missing=frozenset({ROLLOUTS[3].key}))
    leader.extra = spoiled
    eventually(healthy, f"count({name} != {name})", 1)
    try:
        ended = monthly(healthy.environment(), tmp_path)
    finally:
        leader.distortion, leader.extra = Distortion(), []
        eventually(healthy, f"count({name} == {name})", len(ROLLOUTS))

    assert_incomplete(ended, "team-0/svc-00003", "a value is not a number", checks=ACCURACY)
    assert ended.found == set()
    assert ended.figures["rollouts.compared"] == len(ROLLOUTS) - 1


def test_a_prometheus_that_takes_no_new_scrape_is_one_finding(
    healthy: World, prometheus: Front, tmp_path: Path
) -> None:
    """Its clock goes on, its targets look well, and what it has of them is of one moment."""
    moment: list[float] = []
    targets: list[Answer] = []

    def standing(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        if asked.query == "time()":
            answer = forward()
            moment[:] = moment or [float(answer.json["data"]["result"][1])]
            return answer
        if asked.target.startswith("/api/v1/targets"):
            targets.append(targets[0] if targets else forward())
            return targets[0]
        if not moment:
            return forward()
        then = {"query": asked.query, "time": str(moment[0])}
        return Answer(body=requests.post(f"{healthy.prometheus}/api/v1/query", data=then, timeout=5).content)

    prometheus.fault = standing
    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)

    assert_incomplete(
        ended,
        "got no new scrape during the run",
        "pipeline/target",
        checks=AGAINST_API | SERIES | ANSWERS | {"coverage/unwatched"},
    )
    assert {(finding["check"], finding["summary"]) for finding in ended.report["findings"]} == {
        (
            "pipeline/target",
            f"Prometheus gets no new scrape from argo-rollouts {instance}: "
            "panels and alerts use old values of this target.",
        )
        for instance in healthy.instances.values()
    }
    assert ended.figures["rollouts.listed"] == len(ROLLOUTS)
