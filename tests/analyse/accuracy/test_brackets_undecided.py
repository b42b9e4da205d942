"""Rollouts that brackets leave undecided, and whether another bracket can decide more."""

import pytest

from maintainer.analyse.accuracy.brackets import judge_brackets
from maintainer.model.contract import AVAILABLE, DESIRED
from maintainer.model.facts import Bracket
from tests.analyse.accuracy.builders import CART, PAY, PHASE, WRONG, causes, keys, moving
from tests.analyse.builders import A, B, bracket, confirmed, rollout, says, scrape, scraped

# Unreadable Rollouts


def test_a_value_that_is_no_number_makes_a_rollout_unreadable() -> None:
    comparison = judge_brackets(
        [bracket(CART, PAY, scrapes=(scraped(CART, PAY, unreadable=frozenset({PAY.key})),))] * 2, ""
    )

    assert (comparison.compared, comparison.unreadable, comparison.not_compared) == (keys(CART), keys(PAY), keys(PAY))
    assert comparison.differences == ()
    assert comparison.open


def test_a_rollout_that_is_unreadable_at_a_target_is_not_compared_with_the_other() -> None:
    comparison = judge_brackets(
        [bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B, unreadable={CART.key})))], ""
    )

    assert comparison.unreadable == {CART.key}


def test_a_value_that_can_be_read_again_is_compared() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(scraped(CART, unreadable={CART.key}),)), bracket(CART)], "")

    assert comparison.compared == {CART.key}
    assert not comparison.open


def test_the_last_bracket_decides_why_a_rollout_is_not_compared() -> None:
    unreadable, wrong = bracket(CART, scrapes=(scraped(CART, unreadable={CART.key}),)), bracket(CART, scrapes=(WRONG,))

    assert judge_brackets([wrong, unreadable], "").unreadable == {CART.key}
    assert judge_brackets([unreadable, wrong], "").unconfirmed == {CART.key}


@pytest.mark.parametrize("times", [1, 2, 3])
def test_with_a_stale_target_absent_series_are_unreadable_and_not_missing(times: int) -> None:
    comparison = judge_brackets([bracket(CART, PAY, scrapes=(scraped(CART),), stale=(B,))] * times, "")

    assert comparison.differences == ()
    assert (comparison.compared, comparison.unreadable) == (keys(CART), keys(PAY))
    assert comparison.open


def test_with_a_stale_target_present_series_are_compared() -> None:
    assert causes(confirmed(CART, scrapes=(WRONG,), stale=(B,)).differences) == PHASE


def test_absent_series_count_only_in_brackets_without_a_stale_target() -> None:
    behind = bracket(CART, PAY, scrapes=(scraped(CART),), stale=(B,))
    missing = bracket(CART, PAY, scrapes=(scraped(CART),))

    assert judge_brackets([behind, missing], "").differences == ()
    assert judge_brackets([missing, behind], "").differences == ()
    assert [PAY.key] == [difference.key for difference in judge_brackets([behind, missing, missing], "").differences]


def test_a_rollout_with_only_an_unreadable_gauge_is_not_missing() -> None:
    nothing = scrape({PAY.key: says(PAY)}, unreadable=frozenset({CART.key}))
    comparison = confirmed(CART, PAY, scrapes=(nothing,))

    assert comparison.differences == ()
    assert comparison.unreadable == {CART.key}


# Counts


def test_explained_rollouts_are_counted_by_reason() -> None:
    restarting = [rollout(name, phase="Progressing", restarting=True) for name in ("a", "b")]
    held = rollout("c", phase="Paused", paused=True)
    comparison = judge_brackets([bracket(*restarting, held, CART)], "")

    assert comparison.explained == {"paused-when-promoted": 1, "restarting": 2}
    assert list(comparison.explained) == ["paused-when-promoted", "restarting"]
    assert len(comparison.compared) == 4


def test_a_rollout_of_two_targets_is_explained_once() -> None:
    restarting = rollout(phase="Progressing", restarting=True)
    scrapes = (scraped(restarting), scraped(restarting, target=B))

    assert confirmed(restarting, scrapes=scrapes).explained == {"restarting": 1}


def test_a_rollout_that_moves_in_the_last_bracket_is_not_explained() -> None:
    restarting = rollout(version="9", phase="Progressing", restarting=True)

    assert judge_brackets([bracket(CART), moving(restarting)], "").explained == {}


def test_a_moving_rollout_is_not_explained() -> None:
    assert judge_brackets([moving(rollout(phase="Progressing", restarting=True))], "").explained == {}


def test_the_shares_are_those_of_the_newest_lists_and_do_not_overlap() -> None:
    names = ("right", "wrong", "moves", "odd")
    right, wrong, moves, odd = fleet = [rollout(name) for name in names]
    shown = {**{rollout.key: says(rollout) for rollout in fleet}, wrong.key: says(wrong, phase="Paused")}
    comparison = judge_brackets([
        bracket(
            *fleet,
            scrapes=(scrape(shown, unreadable={odd.key}),),
            after={rollout.key: "7" for rollout in fleet if rollout is not moves} | {moves.key: "9"},
        )
    ], "")  # fmt: skip

    assert [{rollout.key} for rollout in fleet] == [
        comparison.compared,
        comparison.unconfirmed,
        comparison.moving,
        comparison.unreadable,
    ]
    assert comparison.listed == 4
    assert right.key in comparison.compared


# Open comparisons


@pytest.mark.parametrize(
    ("brackets", "done"),
    [
        pytest.param([bracket(CART)], True, id="all equal"),
        pytest.param([bracket(CART, scrapes=(WRONG,))], False, id="a difference, once"),
        pytest.param([bracket(CART, scrapes=(WRONG,))] * 2, True, id="a difference, twice"),
        pytest.param([bracket(CART, scrapes=(WRONG,)), bracket(CART)], True, id="a difference that is gone"),
        pytest.param([moving(CART)], False, id="moving"),
        pytest.param([moving(CART), bracket(CART)], True, id="no longer moving"),
        pytest.param([bracket(CART, PAY, scrapes=(scraped(CART),))], False, id="missing, once"),
        pytest.param([bracket(CART, PAY, scrapes=(scraped(CART),))] * 2, True, id="missing, twice"),
        pytest.param([bracket(CART, scrapes=(scraped(CART, PAY),))], False, id="a ghost, once"),
        pytest.param([bracket(CART, scrapes=(scraped(CART, PAY),))] * 2, True, id="a ghost, twice"),
        pytest.param([bracket(CART, scrapes=(scraped(CART, PAY),)), bracket(CART)], True, id="a ghost that is gone"),
        pytest.param([bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B)))], False, id="doubled, once"),
        pytest.param([bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B)))] * 2, True, id="doubled, twice"),
        pytest.param([bracket(CART, scrapes=(scraped(CART, unreadable={CART.key}),))], False, id="unreadable"),
        pytest.param([bracket(CART, PAY, scrapes=(scraped(CART),), stale=(B,))], False, id="behind a stale target"),
        pytest.param([bracket(rollout(instance_id="blue"), scrapes=(WRONG,))], True, id="of another instance"),
        pytest.param([bracket(CART, scrapes=(), stale=(A,))], True, id="no target emits"),
        pytest.param([bracket(scrapes=())], True, id="nothing on either side"),
    ],
)  # fmt: skip
def test_open_says_whether_another_bracket_can_decide_more(brackets: list[Bracket], *, done: bool) -> None:
    assert done is not judge_brackets(brackets, "").open
    assert done != judge_brackets(brackets, "").open


def test_the_scrapes_are_those_of_the_last_bracket_that_has_any() -> None:
    silent = bracket(CART, scrapes=())
    last = scraped(CART, at=200.0)

    assert (last,) == judge_brackets([bracket(CART), bracket(CART, scrapes=(last,)), silent], "").scrapes


def test_a_bracket_without_a_scrape_neither_confirms_nor_interrupts() -> None:
    seen, silent = bracket(CART, scrapes=(WRONG,)), bracket(CART, scrapes=())

    assert judge_brackets([seen, silent], "").differences == ()
    assert causes(judge_brackets([seen, silent, seen], "").differences) == PHASE


def test_whole_numbers_of_a_difference_are_integers() -> None:
    (difference,) = confirmed(CART, scrapes=(scrape({CART.key: says(CART, desired=9)}),)).differences

    assert repr({DESIRED: 9}) == repr(difference.metric)


def test_a_rollout_without_a_scrape_after_its_list_is_not_called_moving() -> None:
    comparison = judge_brackets([bracket(CART), bracket(CART, PAY, scrapes=(), stale=(A,))], "")

    assert comparison.compared == {CART.key}
    assert comparison.moving == frozenset()


def test_available_replicas_are_compared() -> None:
    comparison = confirmed(CART, scrapes=(scrape({CART.key: says(CART, available=1)}),))

    assert [difference.metric for difference in comparison.differences] == [{AVAILABLE: 1}]


def test_rollouts_with_a_shared_series_object_are_compared_with_their_own_state() -> None:
    """Equal series are the same object in a scrape."""
    small, large = rollout("a"), rollout("z", desired=5)
    shared = says(small)
    brackets = [bracket(small, large, scrapes=(scrape({small.key: shared, large.key: shared}),)) for _ in range(2)]

    assert {(difference.check, difference.key) for difference in judge_brackets(brackets, "").differences} == {
        ("accuracy/replicas", large.key)
    }
