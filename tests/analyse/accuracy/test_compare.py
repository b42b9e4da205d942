"""A Rollout compared with a scrape: every kind of difference, exactly, and nothing else."""

from math import inf, nan, nextafter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.accuracy.compare import Difference, agrees, compare, explained, gauges
from maintainer.analyse.accuracy.phases import metric_phase
from maintainer.model.contract import AVAILABLE, DESIRED, GAUGES, INFO, UNAVAILABLE, UPDATED
from maintainer.model.facts import Condition, Rollout, RolloutSeries
from maintainer.model.report import Json
from tests.analyse.builders import INVALID, A, progressing, rollout, says, scrape

CART = rollout()


def differences(
    series: RolloutSeries, rollout: Rollout = CART, families: frozenset[str] = frozenset(GAUGES)
) -> list[Difference]:
    return list(compare(rollout, series, scrape({rollout.key: series}, families=families)))


def different(check: str, cause: str, api: Json, metric: Json) -> list[Difference]:
    return [Difference(check, cause, CART.key, A, api, metric)]


def test_unset_replicas_are_one() -> None:
    fresh = Rollout("shop", "cart", "1")

    assert gauges(fresh) == {DESIRED: 1, UPDATED: 0, AVAILABLE: 0, UNAVAILABLE: 0}


@pytest.mark.parametrize(
    ("replicas", "available", "unavailable"),
    [
        pytest.param(5, 3, 2, id="some"),
        pytest.param(3, 3, 0, id="none"),
        pytest.param(0, 0, 0, id="no pod could be created at all"),
        pytest.param(6, 3, 3, id="blueGreen counts a healthy preview"),
        pytest.param(2, 5, -3, id="below zero on a scale event"),
    ],
)
def test_unavailable_is_replicas_minus_available(replicas: int, available: int, unavailable: int) -> None:
    scaled = rollout(desired=9, replicas=replicas, updated=1, available=available)

    assert {DESIRED: 9, UPDATED: 1, AVAILABLE: available, UNAVAILABLE: unavailable} == gauges(scaled)


@given(st.tuples(*[st.integers(0, 2**31 - 1)] * 4))
def test_gauges_follow_the_api_for_all_numbers(numbers: tuple[int, int, int, int]) -> None:
    desired, replicas, updated, available = numbers
    scaled = rollout(desired=desired, replicas=replicas, updated=updated, available=available)
    series = says(scaled)

    assert series.gauges == gauges(scaled)
    assert differences(series, scaled) == []


def test_equal_values_are_no_difference() -> None:
    assert differences(says(CART)) == []


def test_another_phase_is_a_difference() -> None:
    assert different("accuracy/phase", "drift", "Completed", "Paused") == differences(says(CART, phase="Paused"))


def test_an_aborted_rollout_is_abort_in_the_metrics() -> None:
    aborted = rollout(phase="Degraded", message="RolloutAborted: by hand", conditions=(progressing("RolloutAborted"),))

    assert differences(says(aborted, phase="Abort"), aborted) == []
    assert [difference.check for difference in differences(says(aborted, phase="Degraded"), aborted)] == [
        "accuracy/phase"
    ]


@pytest.mark.parametrize("phase", ["completed", "COMPLETED", "Completed ", ""])
def test_a_phase_is_compared_letter_by_letter(phase: str) -> None:
    assert different("accuracy/phase", "drift", "Completed", phase) == differences(says(CART, phase=phase))


def test_another_strategy_is_a_difference() -> None:
    assert different("accuracy/strategy", "drift", "canary", "blueGreen") == differences(
        says(CART, strategy="blueGreen")
    )


def test_two_phases_at_once_are_a_single_difference_with_both() -> None:
    both = says(CART, infos=(("canary", "Paused"), ("canary", "Completed")))

    assert different("accuracy/phase", "drift", "Completed", "Completed, Paused") == differences(both)


def test_two_strategies_at_once_are_a_single_difference_with_both() -> None:
    both = says(CART, infos=(("canary", "Completed"), ("blueGreen", "Completed")))

    assert different("accuracy/strategy", "drift", "canary", "blueGreen, canary") == differences(both)


@pytest.mark.parametrize("family", GAUGES)
@pytest.mark.parametrize("step", [1, -1, 0.5, 1e-9], ids=["one more", "one less", "half", "a billionth"])
def test_a_gauge_has_no_tolerance(family: str, step: float) -> None:
    right = says(CART)
    value = right.gauges[family]
    wrong = RolloutSeries(right.infos, {**right.gauges, family: value + step})

    assert different("accuracy/replicas", "drift", {family: value}, {family: value + step}) == differences(wrong)


def test_the_next_float_is_another_number() -> None:
    assert [difference.check for difference in differences(says(CART, desired=nextafter(3.0, inf)))] == [
        "accuracy/replicas"
    ]


def test_wrong_gauges_are_a_single_difference_with_those_only() -> None:
    assert different(
        "accuracy/replicas", "drift", {DESIRED: 3, AVAILABLE: 3}, {DESIRED: 4, AVAILABLE: 2}
    ) == differences(says(CART, desired=4, available=2))


def test_whole_numbers_are_integers() -> None:
    (difference,) = differences(says(CART, desired=4))

    assert repr({DESIRED: 4}) == repr(difference.metric)


def test_a_gauge_that_other_rollouts_have_is_missing() -> None:
    assert different("coverage/missing", "partly", "present", [UPDATED]) == differences(says(CART, without=[UPDATED]))


def test_a_missing_info_is_missing_and_not_a_phase() -> None:
    assert different("coverage/missing", "partly", "present", [INFO]) == differences(says(CART, infos=()))


def test_all_missing_families_are_a_single_difference() -> None:
    assert different("coverage/missing", "partly", "present", [INFO, DESIRED, UPDATED]) == differences(
        says(CART, infos=(), without=[UPDATED, DESIRED])
    )


@pytest.mark.parametrize("family", GAUGES)
def test_a_family_that_the_target_has_of_no_rollout_is_not_compared(family: str) -> None:
    assert differences(says(CART, without=[family]), families=frozenset(GAUGES) - {family}) == []


def test_present_series_are_compared_although_others_are_missing() -> None:
    checks = [difference.check for difference in differences(says(CART, phase="Paused", desired=4, without=[UPDATED]))]

    assert checks == ["coverage/missing", "accuracy/phase", "accuracy/replicas"]


REFUSED = rollout(phase="Healthy", conditions=(progressing("ReplicaSetCreateError"),))
RESTARTING = rollout(phase="Progressing", restarting=True)


def test_a_misleading_phase_is_a_difference_of_meaning() -> None:
    assert [Difference("accuracy/meaning", "replicaset-refused", CART.key, A, "Healthy", "Error")] == differences(
        says(REFUSED, phase="Error"), REFUSED
    )


def test_a_phase_that_is_wrong_is_no_difference_of_meaning() -> None:
    assert [difference.check for difference in differences(says(REFUSED, phase="Completed"), REFUSED)] == [
        "accuracy/phase"
    ]


def test_an_explained_phase_is_no_difference_and_is_counted() -> None:
    shown = says(RESTARTING)
    why = explained(RESTARTING, shown)

    assert differences(shown, RESTARTING) == []
    assert why is not None
    assert (why.kind, why.row) == ("explained", "restarting")


@pytest.mark.parametrize(
    ("rollout", "shown"),
    [
        pytest.param(CART, says(CART), id="equal"),
        pytest.param(REFUSED, says(REFUSED, phase="Error"), id="misleading"),
        pytest.param(RESTARTING, says(RESTARTING, phase="Paused"), id="wrong in the metrics"),
        pytest.param(RESTARTING, says(RESTARTING, infos=()), id="not in the metrics"),
    ],
)
def test_nothing_else_is_explained(rollout: Rollout, shown: RolloutSeries) -> None:
    assert explained(rollout, shown) is None


EQUAL = (("Healthy", "NewReplicaSetAvailable"), ("Paused", "RolloutPaused"), ("Progressing", "ReplicaSetUpdated"))
REASONS = (*(reason for _, reason in EQUAL), "RolloutAborted", "ReplicaSetCreateError")
SHOWN = ("Completed", "Paused", "Abort", "Progressing", "Error", "InvalidSpec")
COUNTS = st.integers(0, 3)


@st.composite
def rollouts(draw: st.DrawFn) -> Rollout:
    """Rollouts whose phase and conditions say the same in half of the cases."""
    phase, reason = draw(st.sampled_from(EQUAL))
    conditions: tuple[Condition, ...] = (progressing(reason),)
    if draw(st.booleans()):
        phase = draw(st.sampled_from(("", "Healthy", "Progressing", "Paused", "Degraded")))
        conditions = tuple(draw(st.lists(st.sampled_from((INVALID, *map(progressing, REASONS))), max_size=2)))
    return rollout(
        strategy=draw(st.sampled_from(("canary", "blueGreen"))),
        phase=phase,
        conditions=conditions,
        message=draw(st.sampled_from(("", "RolloutAborted: by hand", "InvalidSpec: no pods"))),
        paused=draw(st.booleans()),
        restarting=draw(st.booleans()),
        replicas=draw(COUNTS),
        available=draw(COUNTS),
    )


@st.composite
def series_of(draw: st.DrawFn, rollout: Rollout) -> RolloutSeries:
    """Series that are right, or wrong in their labels, in a gauge, or because a gauge is missing."""
    phase = metric_phase(rollout)
    right = says(rollout, phase=phase)
    match draw(st.sampled_from(("right", "labels", "gauge", "missing"))):
        case "labels":
            info = st.tuples(st.sampled_from(("canary", "blueGreen")), st.just(phase) | st.sampled_from(SHOWN))
            return says(rollout, infos=tuple(draw(st.lists(info, max_size=2, unique=True))))
        case "gauge":
            value = draw(st.sampled_from((-1.0, 0.5, 2.0, nan)))
            return RolloutSeries(right.infos, {**right.gauges, draw(st.sampled_from(GAUGES)): value})
        case "missing":
            return says(rollout, phase=phase, without=[draw(st.sampled_from(GAUGES))])
        case _:
            return right


@settings(max_examples=500)
@given(st.data())
def test_agrees_is_true_without_difference_and_explanation(data: st.DataObject) -> None:
    """For a Degraded Rollout it is never true: :func:`compare` decides by the message."""
    drawn = data.draw(rollouts())
    series = data.draw(series_of(drawn))

    same = not differences(series, drawn) and explained(drawn, series) is None
    assert agrees(drawn, series) is (same and drawn.phase != "Degraded")
