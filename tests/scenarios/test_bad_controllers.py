"""Whole runs where the controllers are down, or lead by turns, or not at all."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from maintainer.sandbox.world import World
from tests.scenarios.audits import audit, named, told
from tests.scenarios.front import Answer, Asked, Front
from tests.scenarios.runs import AGAINST_API, ANSWERS, SERIES, monthly
from tests.scenarios.small_worlds import HURRY, ROLLOUTS, eventually

pytestmark = pytest.mark.extended

LEASE = "argo-rollouts", "argo-rollouts-controller-lock"


@contextmanager
def down(world: World, *, already: bool = True) -> Iterator[Callable[[], None]]:
    """All pods of the controller are down, and Prometheus has seen it; or else when what is given here is called."""

    def strike() -> None:
        for pod in world.controllers:
            pod.down = "error"

    if already:
        strike()
        eventually(world, "sum(up)", 0)
        eventually(world, "count(rollout_info)", None)
    try:
        yield strike
    finally:
        for pod in world.controllers:
            pod.down = ""
        eventually(world, "sum(up)", len(world.controllers))
        eventually(world, "count(rollout_info)", len(ROLLOUTS))


def test_a_controller_that_is_down_is_named_with_the_last_error(healthy: World) -> None:
    with down(healthy):
        report = audit(healthy, hurry=HURRY)

    assert {check for check, _ in named(report)} == {"pipeline/scrape"}, told(report)
    assert len(report.findings) == len(healthy.controllers)
    assert "server returned HTTP status 500" in str(report.findings[0].evidence["error"])
    assert {gap.check for gap in report.gaps} >= AGAINST_API, told(report)
    assert report.verdict == "findings"


def test_a_controller_of_which_nobody_leads_is_one_finding(healthy: World) -> None:
    [leader, _] = healthy.controllers
    leader.leading = False
    eventually(healthy, "count(rollout_info)", None)
    try:
        report = audit(healthy, hurry=HURRY)
    finally:
        leader.leading = True
        eventually(healthy, "count(rollout_info)", len(ROLLOUTS))

    assert named(report) == {("pipeline/emitter", "Service/argo-rollouts/argo-rollouts-metrics")}, told(report)
    assert {gap.check for gap in report.gaps} == AGAINST_API | SERIES | ANSWERS | {"coverage/unwatched"}
    assert {gap.reason.id for gap in report.gaps} == {"gap/no-emitter"}


def test_a_leader_that_changes_in_the_middle_of_a_run_is_no_finding(
    healthy: World, prometheus: Front, tmp_path: Path
) -> None:
    old, new = healthy.controllers
    lease = healthy.store.get("leases", LEASE)
    assert lease

    def lead() -> None:
        healthy.store.put("leases", {**lease, "spec": {**lease["spec"], "holderIdentity": f"{new.pod}_0b7e"}})
        new.leading = True

    takes_over = threading.Timer(2, lead)

    def steps_down(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        if asked.query == "time()" and old.leading:
            old.leading = False
            takes_over.start()
        return forward()

    prometheus.fault = steps_down
    try:
        ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", prometheus.url)
    finally:
        takes_over.join()
        healthy.store.put("leases", lease)
        old.leading, new.leading = True, False
        eventually(healthy, "count(rollout_info)", len(ROLLOUTS))

    assert (ended.code, ended.report["verdict"], ended.report["findings"]) == (0, "ok", [])
    assert ended.figures["rollouts.compared"] == len(ROLLOUTS)
    assert ended.figures["targets.emitting"] == 1


def test_a_target_that_goes_down_in_the_middle_of_a_run_is_not_called_up(healthy: World, prometheus: Front) -> None:
    with down(healthy, already=False) as strike:

        def goes_down(asked: Asked, forward: Callable[[], Answer]) -> Answer:
            if asked.query == "time()":
                strike()
                eventually(healthy, "count(rollout_info)", None)
            return forward()

        prometheus.fault = goes_down
        report = audit(healthy, {"prometheus.url": prometheus.url}, hurry=HURRY)

    assert "pipeline/emitter" not in {finding.check for finding in report.findings}, told(report)
    assert report.verdict != "ok"
