"""Ghosts, missing Rollouts and duplicates in brackets, and Rollouts and namespaces out of scope."""

import pytest

from maintainer.analyse.accuracy.brackets import DuplicateTargets, judge_brackets
from maintainer.analyse.accuracy.compare import Difference
from maintainer.model.contract import GAUGES, UPDATED
from maintainer.model.facts import Key
from tests.analyse.accuracy.builders import CART, PAY, causes, keys
from tests.analyse.builders import A, B, bracket, confirmed, rollout, says, scrape, scraped

# Ghosts, missing Rollouts, duplicates


def test_a_ghost_in_a_single_bracket_is_open() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(scraped(CART, PAY),))], "")

    assert comparison.ghosts == {}
    assert comparison.open


def test_a_ghost_in_two_brackets_is_confirmed_for_its_target() -> None:
    comparison = confirmed(CART, scrapes=(scraped(CART, PAY),))

    assert {A: {PAY.key}} == comparison.ghosts
    assert comparison.compared == {CART.key}
    assert not comparison.open


def test_only_ghosts_of_both_brackets_are_confirmed() -> None:
    third = rollout("third")
    comparison = judge_brackets(
        [bracket(CART, scrapes=(scraped(CART, PAY),)), bracket(CART, scrapes=(scraped(CART, PAY, third),))], ""
    )

    assert {A: {PAY.key}} == comparison.ghosts
    assert comparison.open


def test_ghosts_of_two_targets_do_not_confirm_each_other() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(scraped(CART, PAY, target=target),)) for target in (A, B)], "")

    assert comparison.ghosts == {}
    assert comparison.open


def test_a_ghost_that_is_gone_in_the_last_bracket_is_left_out() -> None:
    seen = bracket(CART, scrapes=(scraped(CART, PAY),))
    comparison = judge_brackets([seen, seen, bracket(CART)], "")

    assert comparison.ghosts == {}
    assert not comparison.open


def test_a_rollout_missing_once_is_unconfirmed() -> None:
    comparison = judge_brackets([bracket(CART, PAY, scrapes=(scraped(CART),))], "")

    assert (comparison.compared, comparison.unconfirmed) == (keys(CART), keys(PAY))
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


def test_a_family_that_the_target_has_of_no_rollout_leaves_all_compared() -> None:
    shown = {CART.key: says(CART, without=[UPDATED])}
    comparison = judge_brackets([bracket(CART, scrapes=(scrape(shown, families=frozenset(GAUGES) - {UPDATED}),))], "")

    assert comparison.compared == {CART.key}


def test_duplicates_in_a_single_bracket_are_open() -> None:
    comparison = judge_brackets([bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B)))], "")

    assert comparison.duplicates == ()
    assert comparison.open


def test_duplicates_in_two_brackets_are_confirmed() -> None:
    comparison = confirmed(CART, PAY, scrapes=(scraped(CART, PAY), scraped(PAY, target=B)))

    assert (DuplicateTargets((A, B), frozenset({PAY.key})),) == comparison.duplicates
    assert not comparison.open


def test_a_change_of_leader_makes_no_duplicates() -> None:
    handover = bracket(CART, scrapes=(scraped(CART), scraped(CART, target=B)))
    comparison = judge_brackets([bracket(CART), handover, bracket(CART, scrapes=(scraped(CART, target=B),))], "")

    assert comparison.duplicates == ()
    assert not comparison.open


def test_two_targets_with_different_rollouts_have_no_duplicates() -> None:
    assert (
        judge_brackets([bracket(CART, PAY, scrapes=(scraped(CART), scraped(PAY, target=B)))] * 2, "").duplicates == ()
    )


def test_every_pair_of_three_targets_has_its_duplicates() -> None:
    third = (("instance", "10.0.0.3:8090"),)
    comparison = confirmed(CART, scrapes=tuple(scraped(CART, target=target) for target in (A, B, third)))

    assert [(A, B), (A, third), (B, third)] == [duplicates.targets for duplicates in comparison.duplicates]


# Scope


def test_rollouts_of_another_instance_are_outside() -> None:
    other = rollout("pay", instance_id="blue")
    comparison = judge_brackets([bracket(CART, other, scrapes=(scraped(CART),))], "")

    assert (comparison.listed, comparison.outside) == (2, 1)
    assert comparison.compared == {CART.key}
    assert not comparison.open


@pytest.mark.parametrize(("instance", "key"), [("", CART.key), ("blue", PAY.key)])
def test_only_the_rollouts_of_the_instance_are_compared(instance: str, key: Key) -> None:
    other = rollout("pay", instance_id="blue")
    shown = {rollout.key: says(rollout, phase="Paused") for rollout in (CART, other)}
    comparison = judge_brackets([bracket(CART, other, scrapes=(scrape(shown),))] * 2, instance)

    assert [("accuracy/phase", "drift", key)] == causes(comparison.differences)


def test_the_series_of_another_instances_rollout_are_no_ghost() -> None:
    other = rollout("pay", instance_id="blue")
    comparison = confirmed(CART, other, scrapes=(scraped(CART, other),))

    assert comparison.ghosts == {}
    assert not comparison.open


def test_series_of_namespaces_that_were_not_listed_are_no_ghosts() -> None:
    elsewhere = rollout("pay", namespace="bank")
    comparison = confirmed(CART, scrapes=(scraped(CART, elsewhere),), namespaces=frozenset({"shop"}))

    assert comparison.ghosts == {}
    assert not comparison.open


def test_series_of_a_namespace_that_was_listed_are_ghosts() -> None:
    comparison = confirmed(CART, scrapes=(scraped(CART, PAY),), namespaces=frozenset({"shop"}))

    assert {A: {PAY.key}} == comparison.ghosts
