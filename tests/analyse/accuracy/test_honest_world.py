"""In an honest world nobody is accused, whatever moves; and what is wrong all the time is always found."""

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
TORN = State("Healthy", (progressing("RolloutAborted"),), "Abort")
PATIENT = settings(deadline=None, max_examples=400)
X: Key = ("shop", "x")


def accused(comparison: Comparison) -> set[Key]:
    """Every Rollout that something is said against."""
    ghosts = {key for keys in comparison.ghosts.values() for key in keys}
    return (
        ghosts
        | {one.key for one in comparison.differences}
        | {key for one in comparison.duplicates for key in one.keys}
    )


@settings(deadline=None, max_examples=3000)
@given(worlds())
def test_an_honest_world_is_never_accused(world: World) -> None:
    brackets = world.brackets()
    for times in range(1, len(brackets) + 1):
        comparison = judge_brackets(brackets[:times], "")

        assert comparison.ghosts == {}
        assert comparison.duplicates == ()
        assert comparison.differences == ()


@PATIENT
@given(worlds())
def test_everybody_in_the_newest_lists_has_one_share(world: World) -> None:
    brackets = world.brackets()
    comparison = judge_brackets(brackets, "")
    looked = [one for one in brackets if one.scrapes]
    shares = [comparison.compared, comparison.moving, comparison.unconfirmed, comparison.unreadable]
    seen = {key for one in looked for key in one.before}
    newest = seen & brackets[-1].before.keys() & brackets[-1].after.keys()

    assert sum(map(len, shares)) == len(frozenset().union(*shares))
    assert frozenset().union(*shares) == newest


@PATIENT
@given(worlds(change=False))
def test_what_stood_still_is_compared_at_once(world: World) -> None:
    comparison = judge_brackets(world.brackets()[:1], "")
    still = {("shop", name) for name in world.names if world.stood_still(name)} & world.listed(
        world.looks[0].first
    ).keys()

    assert ("shop", "still") in still
    assert still <= comparison.compared


@PATIENT
@given(worlds())
def test_what_is_settled_stays_as_it_is(world: World) -> None:
    brackets = world.brackets()
    for times in range(1, len(brackets)):
        comparison, later = judge_brackets(brackets[:times], ""), judge_brackets(brackets[: times + 1], "")
        if brackets[times - 1].scrapes and not comparison.open:
            there = brackets[times].before.keys() & brackets[times].after.keys()

            assert comparison.compared & there <= later.compared
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
    """What a world that is wrong about one Rollout shows of it."""
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


def lied(bracket: Bracket, check: str) -> Bracket:
    """The bracket with every reading wrong about X."""

    def lie(scrape: Scrape) -> Scrape:
        wrong = distorted(scrape.series[X], check)
        others = {key: series for key, series in scrape.series.items() if key != X}
        return replace(scrape, series=others if wrong is None else {**others, X: wrong})

    return replace(bracket, scrapes=tuple(map(lie, bracket.scrapes)))


@pytest.mark.parametrize("check", CHECKS)
@settings(deadline=None, max_examples=60)
@given(worlds(times=2, change=False), st.sampled_from(TRUTHS))
def test_what_is_wrong_all_the_time_is_found_and_nothing_else(check: str, world: World, state: State) -> None:
    told = replace(world, events=(Event(LONG_AGO, "x", state), *world.events))
    brackets = [lied(one, check) for one in told.brackets()]
    once, comparison = judge_brackets(brackets[:1], ""), judge_brackets(brackets, "")

    assert X in once.unconfirmed
    assert accused(comparison) == {X}
    assert [one.check for one in comparison.differences] == [CHECKS[check]]
    assert X in comparison.compared


@PATIENT
@given(worlds(times=2, change=False), st.sampled_from(TRUTHS))
def test_a_series_without_a_rollout_is_found_and_nothing_else(world: World, state: State) -> None:
    told = replace(world, events=(Event(LONG_AGO, "x", state), *world.events))
    brackets = [
        replace(
            one,
            before={key: rollout for key, rollout in one.before.items() if key != X},
            after={key: version for key, version in one.after.items() if key != X},
        )
        for one in told.brackets()
    ]
    comparison = judge_brackets(brackets, "")

    assert comparison.ghosts == {A: {X}}
    assert accused(comparison) == {X}
    assert accused(judge_brackets(brackets[:1], "")) == set()


@PATIENT
@given(worlds(times=2, change=False), st.integers(0, 99))
def test_a_second_target_that_emits_all_the_time_is_found(world: World, offset: int) -> None:
    told = replace(world, leaders=(*world.leaders, Leader(B, offset)))
    assume(all(told.scrape(leader, look) for leader in told.leaders for look in told.looks))
    comparison = judge_brackets(told.brackets(), "")

    assert [one.targets for one in comparison.duplicates] == [(A, B)]
    assert ("shop", "still") in comparison.duplicates[0].keys
    assert comparison.differences == ()


@PATIENT
@given(worlds(times=2, change=False), st.sampled_from([REFUSED, TORN]))
def test_what_misleads_all_the_time_is_found_and_nothing_else(world: World, state: State) -> None:
    told = replace(world, events=(Event(LONG_AGO, "x", state), *world.events))
    comparison = judge_brackets(told.brackets(), "")

    assert [(one.check, one.key) for one in comparison.differences] == [("accuracy/meaning", X)]


# The examples that the generator must be able to make: each is harmless, and one safeguard is what makes it so.


def seen(*events: tuple[int, State | None], lags: tuple[int, ...] = (0,)) -> list[Comparison]:
    """What is judged of ``x`` after each of three brackets that list at 0, 100, 200 and scrape at 50, 150, 250."""
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
def test_nobody_is_accused(events: list[tuple[int, State | None]], lags: tuple[int, ...]) -> None:
    assert [accused(comparison) for comparison in seen(*events, lags=lags)] == [set()] * 3
