"""Which differences brackets confirm, and what becomes of Rollouts that change meanwhile."""

import pytest

from maintainer.analyse.accuracy.brackets import judge_brackets
from maintainer.analyse.accuracy.compare import Difference
from maintainer.model.facts import Bracket
from tests.analyse.accuracy.builders import CART, PAY, PHASE, WRONG, causes, keys, moving
from tests.analyse.builders import A, B, bracket, confirmed, moved, rollout, says, scrape, scraped, wrong_phase

# Confirmed differences


def test_without_brackets_nothing_is_compared() -> None:
    comparison = judge_brackets([], "")

    assert (comparison.listed, comparison.compared, comparison.not_compared, comparison.open) == (
        0,
        frozenset(),
        frozenset(),
        False,
    )


def test_a_rollout_that_is_right_is_compared_at_once() -> None:
    comparison = judge_brackets([bracket(CART)], "")

    assert comparison.compared == {CART.key}
    assert comparison.not_compared == frozenset()
    assert not comparison.open


def test_a_difference_in_a_single_bracket_is_unconfirmed() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,))], "")

    assert comparison.unconfirmed == comparison.not_compared == {CART.key}
    assert comparison.compared == frozenset()
    assert comparison.differences == ()
    assert comparison.open


def test_a_difference_in_two_brackets_at_the_same_version_is_confirmed() -> None:
    comparison = confirmed(CART, scrapes=(WRONG,))

    assert [Difference("accuracy/phase", "drift", CART.key, A, "Completed", "Paused")] == list(comparison.differences)
    assert comparison.compared == {CART.key}
    assert comparison.not_compared == frozenset()
    assert not comparison.open


def test_a_difference_in_two_brackets_at_different_versions_is_unconfirmed() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(moved(CART, "9"), scrapes=(WRONG,))], "")

    assert comparison.differences == ()
    assert comparison.unconfirmed == {CART.key}
    assert comparison.open


def test_a_difference_that_is_gone_in_the_second_bracket_was_a_lag() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(CART)], "")

    assert comparison.differences == ()
    assert comparison.compared == {CART.key}
    assert not comparison.open


def test_a_difference_with_a_bracket_without_it_in_between_is_not_confirmed() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(CART), bracket(CART, scrapes=(WRONG,))], "")

    assert comparison.differences == ()
    assert comparison.compared == {CART.key}


def test_a_difference_with_a_change_in_between_is_not_confirmed() -> None:
    comparison = judge_brackets(
        [bracket(CART, scrapes=(WRONG,)), moving(CART, WRONG), bracket(CART, scrapes=(WRONG,))], ""
    )

    assert comparison.differences == ()
    assert comparison.unconfirmed == {CART.key}


def test_a_difference_has_the_values_of_the_later_bracket() -> None:
    later = wrong_phase(CART, phase="Abort")
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(CART, scrapes=(later,))], "")

    assert [difference.metric for difference in comparison.differences] == ["Abort"]


def test_differences_of_two_checks_do_not_confirm_each_other() -> None:
    scaled = scrape({CART.key: says(CART, desired=4)})
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(CART, scrapes=(scaled,))], "")

    assert comparison.differences == ()
    assert comparison.unconfirmed == {CART.key}


def test_differences_of_two_targets_do_not_confirm_each_other() -> None:
    brackets = [bracket(CART, scrapes=(wrong_phase(CART, target=target),)) for target in (A, B)]

    assert judge_brackets(brackets, "").differences == ()


def test_only_differences_of_both_brackets_are_confirmed() -> None:
    both = scrape({CART.key: says(CART, phase="Paused", desired=4)})

    assert (
        causes(judge_brackets([bracket(CART, scrapes=(both,)), bracket(CART, scrapes=(WRONG,))], "").differences)
        == PHASE
    )
    assert (
        causes(judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(CART, scrapes=(both,))], "").differences)
        == PHASE
    )


def test_the_second_and_third_bracket_can_confirm_a_difference() -> None:
    comparison = judge_brackets([moving(CART), bracket(CART, scrapes=(WRONG,)), bracket(CART, scrapes=(WRONG,))], "")

    assert causes(comparison.differences) == PHASE


def test_each_of_two_targets_is_compared() -> None:
    comparison = confirmed(CART, scrapes=(scraped(CART), wrong_phase(CART, target=B)))

    assert [difference.target for difference in comparison.differences] == [B]


def test_differences_come_in_the_order_of_their_rollouts() -> None:
    fleet = [rollout(name, namespace) for namespace in "ba" for name in "zy"]
    shown = {rollout.key: says(rollout, phase="Paused") for rollout in fleet}

    assert [difference.key for difference in confirmed(*fleet, scrapes=(scrape(shown),)).differences] == [
        ("a", "y"),
        ("a", "z"),
        ("b", "y"),
        ("b", "z"),
    ]


# Moving Rollouts


def test_a_rollout_that_moves_and_then_stands_still_is_compared() -> None:
    comparison = judge_brackets([moving(CART), bracket(moved(CART, "9"))], "")

    assert comparison.compared == {CART.key}
    assert not comparison.open


def test_a_rollout_that_always_moves_is_not_compared() -> None:
    comparison = judge_brackets([moving(moved(CART, version), wrong_phase(CART)) for version in "123"], "")

    assert comparison.moving == comparison.not_compared == {CART.key}
    assert comparison.compared == frozenset()
    assert comparison.differences == ()
    assert comparison.open


@pytest.mark.parametrize(("fleet", "wanted"), [(20, False), (19, True)])
def test_a_short_look_wants_another_bracket_only_if_many_move(fleet: int, *, wanted: bool) -> None:
    rollouts = [rollout(f"app-{number}") for number in range(fleet)]
    after = {each.key: each.resource_version for each in rollouts} | {rollouts[0].key: "changed"}
    seen = [bracket(*rollouts, after=after)]

    assert judge_brackets(seen, "", patient=False).open == wanted
    assert judge_brackets(seen, "").open


def test_a_short_look_wants_another_bracket_for_a_difference() -> None:
    assert judge_brackets([bracket(CART, scrapes=(WRONG,))], "", patient=False).open
    assert not judge_brackets([bracket(CART)], "", patient=False).open


def test_a_rollout_that_moves_does_not_keep_others_from_being_compared() -> None:
    shown = {CART.key: says(CART, phase="Paused"), PAY.key: says(PAY, phase="Paused")}
    comparison = judge_brackets(
        [bracket(CART, PAY, scrapes=(scrape(shown),), after={CART.key: "7", PAY.key: "9"})] * 2, ""
    )

    assert causes(comparison.differences) == PHASE
    assert (comparison.compared, comparison.moving) == (keys(CART), keys(PAY))


def test_a_rollout_that_always_moves_has_no_difference_even_if_its_metric_never_changes() -> None:
    """Its changes may coincide with the scrapes, which brackets like a metric that does not change."""
    states = [rollout(version=str(number), desired=number) for number in (1, 2, 3)]
    shown = scrape({CART.key: says(CART, phase="Paused", desired=9)})
    comparison = judge_brackets([moving(state, shown) for state in states], "")

    assert comparison.differences == ()
    assert comparison.moving == keys(CART)


# Rollouts that are created or deleted


def test_a_rollout_created_during_a_bracket_is_left_out() -> None:
    comparison = judge_brackets(
        [bracket(CART, after={CART.key: "7", PAY.key: "1"}, scrapes=(scraped(CART, PAY),))] * 2, ""
    )

    assert comparison.compared == {CART.key}
    assert comparison.ghosts == {}
    assert not comparison.open


def test_a_rollout_deleted_during_a_bracket_is_left_out() -> None:
    comparison = judge_brackets([bracket(CART, PAY, after={CART.key: "7"}, scrapes=(scraped(CART),))] * 2, "")

    assert comparison.compared == {CART.key}
    assert comparison.not_compared == frozenset()
    assert comparison.differences == ()
    assert not comparison.open


def test_a_rollout_deleted_between_two_brackets_is_left_out() -> None:
    shown = {CART.key: says(CART), PAY.key: says(PAY, phase="Paused")}
    comparison = judge_brackets([bracket(CART, PAY, scrapes=(scrape(shown),)), bracket(CART)], "")

    assert (comparison.compared, comparison.not_compared) == (keys(CART), frozenset())
    assert not comparison.open


def test_a_rollout_that_was_recreated_is_another_rollout() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(rollout(version="90"), scrapes=(WRONG,))], "")

    assert comparison.differences == ()
    assert comparison.unconfirmed == {CART.key}


def test_a_rollout_that_lived_between_two_lists_is_no_ghost() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(scraped(CART, PAY),)), bracket(CART)], "")

    assert comparison.ghosts == {}
    assert not comparison.open


def test_a_rollout_that_is_gone_in_the_last_lists_has_no_difference() -> None:
    gone = Bracket(before={PAY.key: PAY}, after={PAY.key: "8"}, namespaces=None, scrapes=(), stale=(A,))
    comparison = judge_brackets(
        [bracket(CART, PAY, scrapes=(wrong_phase(CART), scraped(PAY, target=B)))] * 2 + [gone], ""
    )

    assert comparison.differences == ()
