"""The rules of a harvest are replayed on a real Prometheus, as far as that may read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from maintainer.model.alerts import LeftSide
from maintainer.sandbox.programs import Program
from tests.collect.alerts.backfilled import INTERVAL, Past, prometheus_with
from tests.scenarios.harvests import LAST, TODAY, gaps, harvested, history

pytestmark = pytest.mark.extended

BEGIN, END = LAST + 7_200, LAST + 9_000
WEB = (("name", "web"), ("namespace", "shop"), ("severity", "warning"))


def errors(broken: tuple[int, int]) -> Past:
    """A day in which a Rollout had 0.15 errors a second for a time, and 0.02 for the rest."""
    world = Past()
    world.rollout("web", LAST - 1_200, TODAY)
    total, points = 0.0, []
    for at in range(LAST - 1_200, TODAY, INTERVAL):
        total += INTERVAL * (0.15 if broken[0] <= at < broken[1] else 0.02)
        points.append((at, total))
    world.add("rollout_reconcile_error", points, namespace="shop", name="web", job="argo-rollouts")
    return world


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Program]:
    world = errors((BEGIN, END))
    # The rate of five minutes is above 0.1 from 62 % of them on, and until 38 % of them are left.
    world.alert("RolloutHighErrorRate", BEGIN + 210, END + 120, hold=300, namespace="shop", name="web")
    world.alert("RolloutStuck", BEGIN, BEGIN + 1_200, hold=900, namespace="shop", name="web")
    with prometheus_with(world) as running:
        yield running


def test_what_a_rule_did_is_alike_in_its_replay_and_what_it_did_not_do_is_told(
    prometheus: Program, tmp_path: Path
) -> None:
    outcome = harvested(prometheus.url, tmp_path)
    assert gaps(outcome) == []

    known = history(tmp_path)
    of_name = {known.rules[each.rule].name: each for each in known.agreement if each.day >= LAST * 1000 - 3_600_000}
    assert of_name["RolloutHighErrorRate"].alike == 1
    assert of_name["RolloutHighErrorRate"].disagreements == ()
    # There is no series of a Rollout in this phase.
    assert (of_name["RolloutStuck"].alike, of_name["RolloutStuck"].only_recorded) == (0, 1)


def test_the_left_side_is_kept_where_it_is_near_the_threshold(prometheus: Program, tmp_path: Path) -> None:
    harvested(prometheus.url, tmp_path)

    (side,) = history(tmp_path).left_sides
    assert isinstance(side, LeftSide)
    assert (side.labels, side.operator, side.low, side.high) == (WEB, ">", 0.05, 0.2)
    assert all(BEGIN * 1000 <= first <= last <= (END + 300) * 1000 for first, last, _ in side.values)
    assert max(value for *_, value in side.values) == pytest.approx(0.15, rel=0.01)


def test_a_rule_that_would_read_too_much_is_replayed_over_the_last_hours_and_has_no_left_side(
    prometheus: Program, tmp_path: Path
) -> None:
    most = round(harvested(prometheus.url, tmp_path / "whole").report.figures["prometheus.samples"] * 0.6)
    outcome = harvested(prometheus.url, tmp_path, **{"prometheus.maxSamplesPerRun": most})

    assert outcome.report.figures["prometheus.samples"] <= most
    assert gaps(outcome) == []
    known = history(tmp_path)
    of_name = {known.rules[each.rule].name: each for each in known.agreement if each.day > LAST * 1000}
    assert of_name["RolloutHighErrorRate"].day >= (TODAY - 12 * 3_600) * 1000
    assert known.left_sides == ()
    assert (of_name["RolloutHighErrorRate"].alike, of_name["RolloutHighErrorRate"].only_recorded) == (0, 0)


def test_nothing_is_known_of_the_agreement_of_a_rule_of_which_an_hour_is_too_much(
    prometheus: Program, tmp_path: Path
) -> None:
    read = harvested(prometheus.url, tmp_path / "whole", **{"alerts.names": ["None"]}).report.figures
    most = round(read["prometheus.samples"] * 1.1)
    outcome = harvested(prometheus.url, tmp_path, **{"prometheus.maxSamplesPerRun": most})

    assert outcome.report.figures["prometheus.samples"] <= most
    known = history(tmp_path)
    assert "RolloutHighErrorRate" not in {known.rules[each.rule].name for each in known.agreement}
