"""With correct metrics there is no difference, whatever changes; a permanent fault is always a difference."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from maintainer.analyse.accuracy.brackets import Comparison, judge_brackets
from maintainer.model.contract import DESIRED, GAUGES
from maintainer.model.facts import Bracket, Key, RolloutSeries, Scrape
from tests.analyse.accuracy.honest_world import DONE, LONG_AGO, TRUTHS, Event, Leader, Look, State, World, worlds
from tests.analyse.builders import A, B, progressing

REFUSED = State("Healthy", (progressing("ReplicaSetCreateError"),), "Error")
ABORTED_HEALTHY = State("Healthy", (progressing("RolloutAborted"),), "Abort")
PATIENT = settings(deadline=None, max_examples=400)
X: Key = ("shop", "x")


def faulty(comparison: Comparison) -> set[Key]:
    """The Rollouts with a difference, and all ghosts and duplicates."""
    ghosts = {key for keys in comparison.ghosts.values() for key in keys}
    duplicates = {key for targets in comparison.duplicates for key in targets.keys}
    return ghosts | duplicates | {difference.key for difference in comparison.differences}


@settings(deadline=None, max_examples=3000)
@given(worlds())
def test_correct_metrics_never_differ(world: World) -> None:
    brackets = world.brackets()
    for times in range(1, len(brackets) + 1):
        comparison = judge_brackets(brackets[:times], "")

        assert comparison.ghosts == {}
        assert comparison.duplicates == ()
        assert comparison.differences == ()


@PATIENT
@given(worlds())
def test_each_rollout_of_the_last_lists_is_in_a_single_share(world: World) -> None:
    brackets = world.brackets()
    comparison = judge_brackets(brackets, "")
    with_scrapes = [bracket for bracket in brackets if bracket.scrapes]
    shares = [comparison.compared, comparison.moving, comparison.unconfirmed, comparison.unreadable]
    listed = {key for bracket in with_scrapes for key in bracket.before}
    newest = listed & brackets[-1].before.keys() & brackets[-1].after.keys()

    assert sum(map(len, shares)) == len(frozenset().union(*shares))
    assert frozenset().union(*shares) == newest


@PATIENT
@given(worlds(change=False))
def test_a_rollout_that_does_not_change_is_compared_in_the_first_bracket(world: World) -> None:
    comparison = judge_brackets(world.brackets()[:1], "")
    still = {("shop", name) for name in world.names if world.stood_still(name)} & world.listed(
        world.looks[0].first
    ).keys()

    assert ("shop", "still") in still
    assert still <= comparison.compared


@PATIENT
@given(worlds())
def test_another_bracket_does_not_change_a_decided_comparison(world: World) -> None:
    brackets = world.brackets()
    for times in range(1, len(brackets)):
        comparison, later = judge_brackets(brackets[:times], ""), judge_brackets(brackets[: times + 1], "")
        if brackets[times - 1].scrapes and not comparison.open:
            remaining = brackets[times].before.keys() & brackets[times].after.keys()

            assert comparison.compared & remaining <= later.compared
            assert comparison.differences == later.differences


CHECKS = {
    "phase": "accuracy/phase",
    "strategy": "accuracy/strategy",
    **dict.fromkeys(GAUGES, "accuracy/replicas"),
    "no info": "coverage/missing",
    "no gauge": "coverage/missing",
    "nothing": "coverage/missing",
}


def distorted(right: RolloutSeries, check: str) -> RolloutSeries | None:
    """The series with the fault of this name; ``None`` if there are none."""
    ((strategy, phase),) = right.infos
    match check:
        case "phase":
            return replace(right, infos=((strategy, "Error" if phase != "Error" else "Abort"),))
        case "strategy":
            return replace(right, infos=(("none", phase),))
        case "no info":
            return replace(right, infos=())
        case "no gauge":
            return replace(right, gauges={DESIRED: right.gauges[DESIRED]})
        case "nothing":
            return None
        case family:
            return replace(right, gauges={**right.gauges, family: right.gauges[family] + 1})


def with_fault(bracket: Bracket, check: str) -> Bracket:
    """The bracket with this fault of the Rollout X in every scrape."""

    def distort(scrape: Scrape) -> Scrape:
        wrong = distorted(scrape.series[X], check)
        others = {key: series for key, series in scrape.series.items() if key != X}
        return replace(scrape, series=others if wrong is None else {**others, X: wrong})

    return replace(bracket, scrapes=tuple(map(distort, bracket.scrapes)))


@pytest.mark.parametrize("check", CHECKS)
@settings(deadline=None, max_examples=60)
@given(worlds(times=2, change=False), st.sampled_from(TRUTHS))
def test_a_permanent_fault_is_the_only_difference(check: str, world: World, state: State) -> None:
    extended = replace(world, events=(Event(LONG_AGO, "x", state), *world.events))
    brackets = [with_fault(bracket, check) for bracket in extended.brackets()]
    once, comparison = judge_brackets(brackets[:1], ""), judge_brackets(brackets, "")

    assert X in once.unconfirmed
    assert faulty(comparison) == {X}
    assert [difference.check for difference in comparison.differences] == [CHECKS[check]]
    assert X in comparison.compared


@PATIENT
@given(worlds(times=2, change=False), st.sampled_from(TRUTHS))
def test_a_series_without_a_rollout_is_the_only_ghost(world: World, state: State) -> None:
    extended = replace(world, events=(Event(LONG_AGO, "x", state), *world.events))
    brackets = [
        replace(
            bracket,
            before={key: rollout for key, rollout in bracket.before.items() if key != X},
            after={key: version for key, version in bracket.after.items() if key != X},
        )
        for bracket in extended.brackets()
    ]
    comparison = judge_brackets(brackets, "")

    assert comparison.ghosts == {A: {X}}
    assert faulty(comparison) == {X}
    assert faulty(judge_brackets(brackets[:1], "")) == set()


@PATIENT
@given(worlds(times=2, change=False), st.integers(0, 99))
def test_a_second_target_that_always_emits_makes_duplicates(world: World, offset: int) -> None:
    extended = replace(world, leaders=(*world.leaders, Leader(B, offset)))
    assume(all(extended.scrape(leader, look) for leader in extended.leaders for look in extended.looks))
    comparison = judge_brackets(extended.brackets(), "")

    assert [duplicates.targets for duplicates in comparison.duplicates] == [(A, B)]
    assert ("shop", "still") in comparison.duplicates[0].keys
    assert comparison.differences == ()


@PATIENT
@given(worlds(times=2, change=False), st.sampled_from([REFUSED, ABORTED_HEALTHY]))
def test_a_permanently_misleading_phase_is_the_only_difference(world: World, state: State) -> None:
    extended = replace(world, events=(Event(LONG_AGO, "x", state), *world.events))
    comparison = judge_brackets(extended.brackets(), "")

    assert [(difference.check, difference.key) for difference in comparison.differences] == [("accuracy/meaning", X)]


# Examples of histories: a single rule of the comparison keeps each from being a difference.


def comparisons(*events: tuple[int, State | None], lags: tuple[int, ...] = (0,)) -> list[Comparison]:
    """The comparisons after each of three brackets that list at 0, 100, 200 and scrape at 50, 150, 250."""
    looks = tuple(Look(at, at + 1, at + 60, at + 70, ()) for at in (0, 100, 200))
    history = tuple(Event(at, "x", state) for at, state in ((LONG_AGO, DONE), *events))
    brackets = World(history, (Leader(A, 50),), looks, lags).brackets()
    return [judge_brackets(brackets[:times], "") for times in (1, 2, 3)]


PAUSED, ABORTED = TRUTHS[2], TRUTHS[3]


@pytest.mark.parametrize(
    ("events", "lags"),
    [
        pytest.param([(-5, PAUSED)], (100,), id="a lag, and then it stands still"),
        pytest.param([(-5, PAUSED), (120, DONE)], (100, 0), id="a lag, and then a change after the list"),
        pytest.param([(-5, PAUSED), (95, ABORTED)], (100,), id="a lag, and then another lag"),
        pytest.param([(at, PAUSED) for at in range(20, 300, 100)], (0,), id="a change each time"),
        pytest.param([(10, None)], (100,), id="deleted, with a lag"),
        pytest.param([(LONG_AGO, None), (-5, DONE)], (100,), id="created, with a lag"),
        pytest.param([(LONG_AGO, None), (20, DONE), (65, None)], (0,), id="lived between two lists"),
        pytest.param([(20, None), (40, PAUSED)], (0,), id="deleted and created again"),
        pytest.param([(at, (PAUSED, ABORTED)[at % 2]) for at in range(-99, 300, 3)], (30,), id="flapping"),
    ],
)
def test_a_history_without_fault_has_no_difference(
    events: list[tuple[int, State | None]], lags: tuple[int, ...]
) -> None:
    assert [faulty(comparison) for comparison in comparisons(*events, lags=lags)] == [set()] * 3
