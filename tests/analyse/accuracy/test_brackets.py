"""What brackets prove, and what they leave open."""

from collections.abc import Sequence
from typing import Any

import pytest

from maintainer.analyse.accuracy.brackets import DuplicateTargets, judge_brackets
from maintainer.analyse.accuracy.compare import Difference
from maintainer.model.contract import AVAILABLE, DESIRED, GAUGES, UPDATED
from maintainer.model.facts import Bracket, Key, Rollout, Scrape
from tests.analyse.builders import A, B, bracket, confirmed, moved, rollout, says, scrape, scraped

CART, PAY = rollout(), rollout("pay", version="8")
WRONG = scrape({CART.key: says(CART, phase="Paused")})
PHASE = [("accuracy/phase", "drift", CART.key)]


def found(differences: Sequence[Difference]) -> list[tuple[str, str, Key]]:
    return [(one.check, one.cause, one.key) for one in differences]


def only(*rollouts: Rollout) -> frozenset[Key]:
    return frozenset(one.key for one in rollouts)


def wrong_phase(one: Rollout, phase: str = "Paused", **fields: Any) -> Scrape:
    return scrape({one.key: says(one, phase=phase)}, **fields)


def moving(one: Rollout, *scrapes: Scrape) -> Bracket:
    """A bracket in which this Rollout changes."""
    return bracket(one, scrapes=scrapes or None, after={one.key: "changed"})


# One look, two looks


def test_no_brackets_judge_nothing() -> None:
    comparison = judge_brackets([], "")

    assert (comparison.listed, comparison.compared, comparison.unjudged, comparison.open) == (
        0,
        frozenset(),
        frozenset(),
        False,
    )


def test_a_rollout_that_is_right_is_compared_at_once() -> None:
    comparison = judge_brackets([bracket(CART)], "")

    assert comparison.compared == {CART.key}
    assert comparison.unjudged == frozenset()
    assert not comparison.open


def test_a_mismatch_seen_once_is_unconfirmed() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,))], "")

    assert comparison.unconfirmed == comparison.unjudged == {CART.key}
    assert comparison.compared == frozenset()
    assert comparison.differences == ()
    assert comparison.open


def test_a_mismatch_seen_twice_at_one_version_is_a_difference() -> None:
    comparison = confirmed(CART, scrapes=(WRONG,))

    assert [Difference("accuracy/phase", "drift", CART.key, A, "Completed", "Paused")] == list(comparison.differences)
    assert comparison.compared == {CART.key}
    assert comparison.unjudged == frozenset()
    assert not comparison.open


def test_a_mismatch_seen_twice_at_different_versions_is_not() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(moved(CART, "9"), scrapes=(WRONG,))], "")

    assert comparison.differences == ()
    assert comparison.unconfirmed == {CART.key}
    assert comparison.open


def test_a_mismatch_that_is_gone_in_the_second_look_was_a_lag() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(CART)], "")

    assert comparison.differences == ()
    assert comparison.compared == {CART.key}
    assert not comparison.open


def test_a_mismatch_with_a_clean_look_in_between_is_not_in_a_row() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(CART), bracket(CART, scrapes=(WRONG,))], "")

    assert comparison.differences == ()
    assert comparison.compared == {CART.key}


def test_a_mismatch_with_a_move_in_between_is_not_in_a_row() -> None:
    comparison = judge_brackets(
        [bracket(CART, scrapes=(WRONG,)), moving(CART, WRONG), bracket(CART, scrapes=(WRONG,))], ""
    )

    assert comparison.differences == ()
    assert comparison.unconfirmed == {CART.key}


def test_the_later_of_two_looks_is_told() -> None:
    later = wrong_phase(CART, "Abort")
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(CART, scrapes=(later,))], "")

    assert [one.metric for one in comparison.differences] == ["Abort"]


def test_two_mismatches_of_different_checks_confirm_nothing() -> None:
    scaled = scrape({CART.key: says(CART, desired=4)})
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(CART, scrapes=(scaled,))], "")

    assert comparison.differences == ()
    assert comparison.unconfirmed == {CART.key}


def test_two_mismatches_of_different_targets_confirm_nothing() -> None:
    brackets = [bracket(CART, scrapes=(wrong_phase(CART, target=one),)) for one in (A, B)]

    assert judge_brackets(brackets, "").differences == ()


def test_only_what_both_looks_show_is_proven() -> None:
    both = scrape({CART.key: says(CART, phase="Paused", desired=4)})

    assert (
        found(judge_brackets([bracket(CART, scrapes=(both,)), bracket(CART, scrapes=(WRONG,))], "").differences)
        == PHASE
    )
    assert (
        found(judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(CART, scrapes=(both,))], "").differences)
        == PHASE
    )


def test_a_difference_may_be_proven_by_the_second_and_third_look() -> None:
    comparison = judge_brackets([moving(CART), bracket(CART, scrapes=(WRONG,)), bracket(CART, scrapes=(WRONG,))], "")

    assert found(comparison.differences) == PHASE


def test_two_live_targets_are_judged_each_for_itself() -> None:
    comparison = confirmed(CART, scrapes=(scraped(CART), wrong_phase(CART, target=B)))

    assert [one.target for one in comparison.differences] == [B]


def test_differences_come_in_the_order_of_their_rollouts() -> None:
    fleet = [rollout(name, namespace) for namespace in "ba" for name in "zy"]
    shown = {one.key: says(one, phase="Paused") for one in fleet}

    assert [one.key for one in confirmed(*fleet, scrapes=(scrape(shown),)).differences] == [
        ("a", "y"),
        ("a", "z"),
        ("b", "y"),
        ("b", "z"),
    ]


# Moving


def test_a_rollout_that_moves_and_then_stands_still_is_compared() -> None:
    comparison = judge_brackets([moving(CART), bracket(moved(CART, "9"))], "")

    assert comparison.compared == {CART.key}
    assert not comparison.open


def test_a_rollout_that_always_moves_is_named_and_not_judged() -> None:
    comparison = judge_brackets([moving(moved(CART, version), wrong_phase(CART)) for version in "123"], "")

    assert comparison.moving == comparison.unjudged == {CART.key}
    assert comparison.compared == frozenset()
    assert comparison.differences == ()
    assert comparison.open


def test_one_that_moves_does_not_keep_others_from_being_judged() -> None:
    shown = {CART.key: says(CART, phase="Paused"), PAY.key: says(PAY, phase="Paused")}
    comparison = judge_brackets(
        [bracket(CART, PAY, scrapes=(scrape(shown),), after={CART.key: "7", PAY.key: "9"})] * 2, ""
    )

    assert found(comparison.differences) == PHASE
    assert (comparison.compared, comparison.moving) == (only(CART), only(PAY))


def test_one_that_always_moves_is_never_accused_however_its_metric_stands_still() -> None:
    """A history that keeps step with the scrapes cannot be told from a metric that does not follow."""
    states = [rollout(version=str(number), desired=number) for number in (1, 2, 3)]
    shown = scrape({CART.key: says(CART, phase="Paused", desired=9)})
    comparison = judge_brackets([moving(one, shown) for one in states], "")

    assert comparison.differences == ()
    assert comparison.moving == only(CART)


# Created and deleted in the middle


def test_a_rollout_created_in_the_middle_is_nobodys_business() -> None:
    comparison = judge_brackets(
        [bracket(CART, after={CART.key: "7", PAY.key: "1"}, scrapes=(scraped(CART, PAY),))] * 2, ""
    )

    assert comparison.compared == {CART.key}
    assert comparison.ghosts == {}
    assert not comparison.open


def test_a_rollout_deleted_in_the_middle_is_nobodys_business() -> None:
    comparison = judge_brackets([bracket(CART, PAY, after={CART.key: "7"}, scrapes=(scraped(CART),))] * 2, "")

    assert comparison.compared == {CART.key}
    assert comparison.unjudged == frozenset()
    assert comparison.differences == ()
    assert not comparison.open


def test_a_rollout_deleted_between_two_brackets_is_nobodys_business() -> None:
    shown = {CART.key: says(CART), PAY.key: says(PAY, phase="Paused")}
    comparison = judge_brackets([bracket(CART, PAY, scrapes=(scrape(shown),)), bracket(CART)], "")

    assert (comparison.compared, comparison.unjudged) == (only(CART), frozenset())
    assert not comparison.open


def test_a_rollout_that_was_recreated_is_another_one() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(WRONG,)), bracket(rollout(version="90"), scrapes=(WRONG,))], "")

    assert comparison.differences == ()
    assert comparison.unconfirmed == {CART.key}


def test_a_rollout_that_lived_between_two_lists_is_no_ghost() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(scraped(CART, PAY),)), bracket(CART)], "")

    assert comparison.ghosts == {}
    assert not comparison.open


def test_what_was_proven_of_a_rollout_that_is_gone_by_the_newest_lists_is_not_told() -> None:
    gone = Bracket(before={PAY.key: PAY}, after={PAY.key: "8"}, namespaces=None, scrapes=(), stale=(A,))
    comparison = judge_brackets(
        [bracket(CART, PAY, scrapes=(wrong_phase(CART), scraped(PAY, target=B)))] * 2 + [gone], ""
    )

    assert comparison.differences == ()


# Ghosts, missing, duplicates


def test_a_ghost_seen_once_is_open_and_not_told() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(scraped(CART, PAY),))], "")

    assert comparison.ghosts == {}
    assert comparison.open


def test_a_ghost_seen_twice_is_told_by_target() -> None:
    comparison = confirmed(CART, scrapes=(scraped(CART, PAY),))

    assert {A: {PAY.key}} == comparison.ghosts
    assert comparison.compared == {CART.key}
    assert not comparison.open


def test_only_the_ghosts_of_both_brackets_are_told() -> None:
    third = rollout("third")
    comparison = judge_brackets(
        [bracket(CART, scrapes=(scraped(CART, PAY),)), bracket(CART, scrapes=(scraped(CART, PAY, third),))], ""
    )

    assert {A: {PAY.key}} == comparison.ghosts
    assert comparison.open


def test_ghosts_of_different_targets_confirm_nothing() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(scraped(CART, PAY, target=one),)) for one in (A, B)], "")

    assert comparison.ghosts == {}
    assert comparison.open


def test_a_ghost_that_is_gone_again_is_not_told() -> None:
    seen = bracket(CART, scrapes=(scraped(CART, PAY),))
    comparison = judge_brackets([seen, seen, bracket(CART)], "")

    assert comparison.ghosts == {}
    assert not comparison.open


def test_a_rollout_missing_once_is_unconfirmed() -> None:
    comparison = judge_brackets([bracket(CART, PAY, scrapes=(scraped(CART),))], "")

    assert (comparison.compared, comparison.unconfirmed) == (only(CART), only(PAY))
    assert comparison.differences == ()
    assert comparison.open


def test_a_rollout_missing_twice_is_missing() -> None:
    comparison = confirmed(CART, PAY, scrapes=(scraped(CART),))

    assert [Difference("coverage/missing", "whole", PAY.key, (), "present", None)] == list(comparison.differences)
    assert not comparison.open


def test_a_rollout_that_one_of_two_targets_has_is_not_missing() -> None:
    comparison = judge_brackets([bracket(CART, PAY, scrapes=(scraped(CART), scraped(PAY, target=B)))], "")

    assert comparison.compared == {CART.key, PAY.key}


def test_a_family_that_a_rollout_lacks_twice_is_partly_missing() -> None:
    shown = {CART.key: says(CART, without=[UPDATED]), PAY.key: says(PAY)}
    comparison = confirmed(CART, PAY, scrapes=(scrape(shown),))

    assert [Difference("coverage/missing", "partly", CART.key, A, "present", [UPDATED])] == list(comparison.differences)


def test_a_family_that_nobody_has_leaves_everybody_compared() -> None:
    shown = {CART.key: says(CART, without=[UPDATED])}
    comparison = judge_brackets([bracket(CART, scrapes=(scrape(shown, families=frozenset(GAUGES) - {UPDATED}),))], "")

    assert comparison.compared == {CART.key}


def test_a_duplicate_seen_once_is_open_and_not_told() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B)))], "")

    assert comparison.duplicates == ()
    assert comparison.open


def test_a_duplicate_seen_twice_is_told() -> None:
    comparison = confirmed(CART, PAY, scrapes=(scraped(CART, PAY), scraped(PAY, target=B)))

    assert (DuplicateTargets((A, B), frozenset({PAY.key})),) == comparison.duplicates
    assert not comparison.open


def test_two_leaders_after_each_other_are_no_duplicate() -> None:
    handover = bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B)))
    comparison = judge_brackets([bracket(CART), handover, bracket(CART, scrapes=(scraped(CART, target=B),))], "")

    assert comparison.duplicates == ()
    assert not comparison.open


def test_two_targets_with_different_rollouts_are_no_duplicate() -> None:
    assert (
        judge_brackets([bracket(CART, PAY, scrapes=(scraped(CART), scraped(PAY, target=B)))] * 2, "").duplicates == ()
    )


def test_every_pair_of_three_targets_is_told() -> None:
    third = (("instance", "10.0.0.3:8090"),)
    comparison = confirmed(CART, scrapes=tuple(scraped(CART, target=one) for one in (A, B, third)))

    assert [(A, B), (A, third), (B, third)] == [one.targets for one in comparison.duplicates]


# Scope


def test_rollouts_of_another_instance_are_outside() -> None:
    other = rollout("pay", instance_id="blue")
    comparison = judge_brackets([bracket(CART, other, scrapes=(scraped(CART),))], "")

    assert (comparison.listed, comparison.outside) == (2, 1)
    assert comparison.compared == {CART.key}
    assert not comparison.open


@pytest.mark.parametrize(("instance", "key"), [("", CART.key), ("blue", PAY.key)])
def test_only_the_rollouts_of_the_instance_are_judged(instance: str, key: Key) -> None:
    other = rollout("pay", instance_id="blue")
    shown = {one.key: says(one, phase="Paused") for one in (CART, other)}
    comparison = judge_brackets([bracket(CART, other, scrapes=(scrape(shown),))] * 2, instance)

    assert [("accuracy/phase", "drift", key)] == found(comparison.differences)


def test_the_series_of_another_instances_rollout_are_no_ghost() -> None:
    other = rollout("pay", instance_id="blue")
    comparison = confirmed(CART, other, scrapes=(scraped(CART, other),))

    assert comparison.ghosts == {}
    assert not comparison.open


def test_series_of_namespaces_that_nobody_listed_are_no_ghosts() -> None:
    elsewhere = rollout("pay", namespace="bank")
    comparison = confirmed(CART, scrapes=(scraped(CART, elsewhere),), namespaces=frozenset({"shop"}))

    assert comparison.ghosts == {}
    assert not comparison.open


def test_series_of_a_namespace_that_was_listed_are_ghosts() -> None:
    comparison = confirmed(CART, scrapes=(scraped(CART, PAY),), namespaces=frozenset({"shop"}))

    assert {A: {PAY.key}} == comparison.ghosts


# Unreadable


def test_a_value_that_is_no_number_makes_a_rollout_unreadable() -> None:
    comparison = judge_brackets(
        [bracket(CART, PAY, scrapes=(scraped(CART, PAY, unreadable=frozenset({PAY.key})),))] * 2, ""
    )

    assert (comparison.compared, comparison.unreadable, comparison.unjudged) == (only(CART), only(PAY), only(PAY))
    assert comparison.differences == ()
    assert comparison.open


def test_what_is_unreadable_at_one_target_is_not_judged_by_the_other() -> None:
    comparison = judge_brackets(
        [bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B, unreadable={CART.key})))], ""
    )

    assert comparison.unreadable == {CART.key}


def test_a_value_that_can_be_read_again_is_compared() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(scraped(CART, unreadable={CART.key}),)), bracket(CART)], "")

    assert comparison.compared == {CART.key}
    assert not comparison.open


def test_what_the_last_look_showed_says_why_a_rollout_is_not_judged() -> None:
    odd, wrong = bracket(CART, scrapes=(scraped(CART, unreadable={CART.key}),)), bracket(CART, scrapes=(WRONG,))

    assert judge_brackets([wrong, odd], "").unreadable == {CART.key}
    assert judge_brackets([odd, wrong], "").unconfirmed == {CART.key}


@pytest.mark.parametrize("times", [1, 2, 3])
def test_behind_a_stale_target_absence_is_unreadable_and_not_missing(times: int) -> None:
    comparison = judge_brackets([bracket(CART, PAY, scrapes=(scraped(CART),), stale=(B,))] * times, "")

    assert comparison.differences == ()
    assert (comparison.compared, comparison.unreadable) == (only(CART), only(PAY))
    assert comparison.open


def test_beside_a_stale_target_what_is_there_is_judged() -> None:
    assert found(confirmed(CART, scrapes=(WRONG,), stale=(B,)).differences) == PHASE


def test_absence_counts_only_while_no_target_was_stale() -> None:
    behind = bracket(CART, PAY, scrapes=(scraped(CART),), stale=(B,))
    missing = bracket(CART, PAY, scrapes=(scraped(CART),))

    assert judge_brackets([behind, missing], "").differences == ()
    assert judge_brackets([missing, behind], "").differences == ()
    assert [PAY.key] == [one.key for one in judge_brackets([behind, missing, missing], "").differences]


def test_a_gauge_that_is_no_number_is_not_missing_though_nothing_else_is_left() -> None:
    nothing = scrape({PAY.key: says(PAY)}, unreadable=frozenset({CART.key}))
    comparison = confirmed(CART, PAY, scrapes=(nothing,))

    assert comparison.differences == ()
    assert comparison.unreadable == {CART.key}


# What there is to count


def test_explained_rollouts_are_counted_by_reason() -> None:
    restarting = [rollout(name, phase="Progressing", restarting=True) for name in ("a", "b")]
    held = rollout("c", phase="Paused", paused=True)
    comparison = judge_brackets([bracket(*restarting, held, CART)], "")

    assert comparison.explained == {"paused-when-promoted": 1, "restarting": 2}
    assert list(comparison.explained) == ["paused-when-promoted", "restarting"]
    assert len(comparison.compared) == 4


def test_a_rollout_of_two_targets_is_explained_once() -> None:
    one = rollout(phase="Progressing", restarting=True)

    assert confirmed(one, scrapes=(scraped(one), scraped(one, target=B))).explained == {"restarting": 1}


def test_what_moves_in_the_last_bracket_is_not_explained_by_it() -> None:
    restarting = rollout(version="9", phase="Progressing", restarting=True)

    assert judge_brackets([bracket(CART), moving(restarting)], "").explained == {}


def test_a_moving_rollout_is_not_explained() -> None:
    assert judge_brackets([moving(rollout(phase="Progressing", restarting=True))], "").explained == {}


def test_the_shares_are_those_of_the_newest_lists_and_do_not_overlap() -> None:
    names = ("right", "wrong", "moves", "odd")
    right, wrong, moves, odd = fleet = [rollout(name) for name in names]
    shown = {**{one.key: says(one) for one in fleet}, wrong.key: says(wrong, phase="Paused")}
    comparison = judge_brackets([
        bracket(
            *fleet,
            scrapes=(scrape(shown, unreadable={odd.key}),),
            after={one.key: "7" for one in fleet if one is not moves} | {moves.key: "9"},
        )
    ], "")  # fmt: skip

    assert [{one.key} for one in fleet] == [
        comparison.compared,
        comparison.unconfirmed,
        comparison.moving,
        comparison.unreadable,
    ]
    assert comparison.listed == 4
    assert right.key in comparison.compared


# Open and settled


@pytest.mark.parametrize(
    ("brackets", "done"),
    [
        pytest.param([bracket(CART)], True, id="all equal"),
        pytest.param([bracket(CART, scrapes=(WRONG,))], False, id="a mismatch, once"),
        pytest.param([bracket(CART, scrapes=(WRONG,))] * 2, True, id="a mismatch, twice"),
        pytest.param([bracket(CART, scrapes=(WRONG,)), bracket(CART)], True, id="a mismatch that is gone"),
        pytest.param([moving(CART)], False, id="moving"),
        pytest.param([moving(CART), bracket(CART)], True, id="no longer moving"),
        pytest.param([bracket(CART, PAY, scrapes=(scraped(CART),))], False, id="missing, once"),
        pytest.param([bracket(CART, PAY, scrapes=(scraped(CART),))] * 2, True, id="missing, twice"),
        pytest.param([bracket(CART, scrapes=(scraped(CART, PAY),))], False, id="a ghost, once"),
        pytest.param([bracket(CART, scrapes=(scraped(CART, PAY),))] * 2, True, id="a ghost, twice"),
        pytest.param([bracket(CART, scrapes=(scraped(CART, PAY),)), bracket(CART)], True, id="a ghost that is gone"),
        pytest.param([bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B)))], False, id="twice, once"),
        pytest.param([bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B)))] * 2, True, id="twice, twice"),
        pytest.param([bracket(CART, scrapes=(scraped(CART, unreadable={CART.key}),))], False, id="unreadable"),
        pytest.param([bracket(CART, PAY, scrapes=(scraped(CART),), stale=(B,))], False, id="behind a stale target"),
        pytest.param([bracket(rollout(instance_id="blue"), scrapes=(WRONG,))], True, id="of another instance"),
        pytest.param([bracket(CART, scrapes=(), stale=(A,))], True, id="nobody emits"),
        pytest.param([bracket(scrapes=())], True, id="nothing on either side"),
    ],
)  # fmt: skip
def test_another_bracket_is_wanted_exactly_while_it_can_tell_more(brackets: list[Bracket], *, done: bool) -> None:
    assert done is not judge_brackets(brackets, "").open
    assert done != judge_brackets(brackets, "").open


def test_the_readings_are_those_of_the_last_bracket_that_has_some() -> None:
    silent = bracket(CART, scrapes=())
    last = scraped(CART, at=200.0)

    assert (last,) == judge_brackets([bracket(CART), bracket(CART, scrapes=(last,)), silent], "").scrapes


def test_a_bracket_without_a_scrape_confirms_nothing_and_breaks_nothing() -> None:
    seen, silent = bracket(CART, scrapes=(WRONG,)), bracket(CART, scrapes=())

    assert judge_brackets([seen, silent], "").differences == ()
    assert found(judge_brackets([seen, silent, seen], "").differences) == PHASE


def test_numbers_of_a_difference_are_whole_where_they_are_whole() -> None:
    (one,) = confirmed(CART, scrapes=(scrape({CART.key: says(CART, desired=9)}),)).differences

    assert repr({DESIRED: 9}) == repr(one.metric)


def test_a_rollout_that_no_scrape_ever_followed_is_not_said_to_move() -> None:
    comparison = judge_brackets([bracket(CART), bracket(CART, PAY, scrapes=(), stale=(A,))], "")

    assert comparison.compared == {CART.key}
    assert comparison.moving == frozenset()


def test_available_is_judged_as_well() -> None:
    comparison = confirmed(CART, scrapes=(scrape({CART.key: says(CART, available=1)}),))

    assert [one.metric for one in comparison.differences] == [{AVAILABLE: 1}]


def test_rollouts_that_share_their_series_are_judged_each_by_its_own_state() -> None:
    """Equal series are one object in a reading."""
    small, large = rollout("a"), rollout("z", desired=5)
    shared = says(small)
    looks = [bracket(small, large, scrapes=(scrape({small.key: shared, large.key: shared}),)) for _ in range(2)]

    assert {(one.check, one.key) for one in judge_brackets(looks, "").differences} == {("accuracy/replicas", large.key)}
