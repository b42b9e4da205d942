"""The numbers and tables of the monthly report, in numbers and in words."""

from typing import Any

import pytest

from maintainer.analyse.accuracy.brackets import Comparison, judge_brackets
from maintainer.analyse.accuracy.phases import meaning
from maintainer.analyse.accuracy.tables import coverage_table, fleet_figures, scrapes_table, unjudged_table
from maintainer.model.facts import Bracket, Condition, Cost, FleetObservation
from maintainer.model.message import Message
from maintainer.model.sections import Table
from maintainer.render.words import load, say
from tests.analyse.builders import NAME_A, NAME_B, A, B, bracket, compared, moved, rollout, says, scrape, scraped

ENGLISH = load("en")
CART, PAY = rollout(), rollout("pay")
COSTS = {"kubernetes": Cost(4, 0, 900), "prometheus": Cost(7, 5000, 1200)}


def mixed() -> Comparison:
    """One Rollout of each share, one of another instance, and one that is explained."""
    names = ("right", "wrong", "moves", "odd", "held")
    right, wrong, moves, odd, held = (rollout(name) for name in names)
    held = held._replace(phase="Progressing", restarting=True)
    other = rollout("other", instance_id="blue")
    fleet = (right, wrong, moves, odd, held, other)
    shown = {**{one.key: says(one) for one in fleet}, wrong.key: says(wrong, phase="Paused")}
    after = {**{one.key: "7" for one in fleet}, moves.key: "9"}
    return judge_brackets([bracket(*fleet, scrapes=(scrape(shown, unreadable=frozenset({odd.key})),), after=after)], "")


def in_words(table: Table) -> list[list[str]]:
    return [[say(ENGLISH, cell) if isinstance(cell, Message) else str(cell) for cell in row] for row in table.rows]


def test_figures_count_every_share_once() -> None:
    found = fleet_figures(compared(mixed(), FleetObservation(brackets=(bracket(CART),) * 2)), COSTS)

    assert found == {
        "kubernetes.requests": 4,
        "kubernetes.bytes": 900,
        "prometheus.requests": 7,
        "prometheus.bytes": 1200,
        "prometheus.samples": 5000,
        "brackets": 2,
        "rollouts.listed": 6,
        "rollouts.compared": 2,
        "rollouts.agreeing": 2,
        "rollouts.moving": 1,
        "rollouts.unjudged": 2,
        "rollouts.explained": 1,
        "rollouts.outside": 1,
        "targets.emitting": 1,
    }
    shares = ("compared", "moving", "unjudged", "outside")
    assert found["rollouts.listed"] == sum(found[f"rollouts.{share}"] for share in shares)


def test_the_table_has_a_row_for_each_share() -> None:
    table = coverage_table(mixed())

    assert table.lead is not None
    assert say(ENGLISH, table.lead) == "The API has 6 Rollouts."
    assert [(row[0], row[2]) for row in in_words(table)] == [
        ("Compared", "2"),
        ("Moving", "1"),
        ("Undecided", "1"),
        ("Unreadable", "1"),
        ("Other controllers", "1"),
        ("Compared, with a known difference", "1"),
    ]
    assert table.numeric == (2,)


def test_shares_that_nobody_is_in_are_left_out_but_for_compared_and_moving() -> None:
    rows = in_words(coverage_table(judge_brackets([bracket(CART)], "")))

    assert [(row[0], row[2]) for row in rows] == [("Compared", "1"), ("Moving", "0")]


def test_every_reason_that_explains_can_be_said() -> None:
    prefix, ending = "accuracy/meaning/", ".explained"
    ids = {id_ for id_ in ENGLISH.entries if id_.startswith(prefix) and id_.endswith(ending)}
    phases = ("Healthy", "Degraded", "Progressing", "Paused", "")
    metrics = ("InvalidSpec", "Completed", "Progressing", "Paused", "Timeout", "Error", "Abort")
    flags: list[dict[str, Any]] = [{flag: True} for flag in ("paused", "restarting", "deleting")]
    one = rollout(conditions=(Condition("Progressing", "x"),))
    worlds = [one._replace(phase=phase, **each) for phase in phases for each in [*flags, {}, {"reconciled": False}]]
    why = [meaning(world, metric) for world in worlds for metric in metrics]

    assert {f"{prefix}{one.row}{ending}" for one in why if one.kind == "explained"} == ids


def unjudged(*brackets: Bracket) -> list[Table]:
    return list(unjudged_table(brackets, judge_brackets(brackets, "")))


def test_those_never_judged_are_named_with_what_was_seen_of_them() -> None:
    wrong = scrape({CART.key: says(CART, phase="Paused"), PAY.key: says(PAY, phase="Abort")})
    nothing = bracket(PAY, moved(CART, "8"), scrapes=(scraped(PAY),), after={PAY.key: "9", CART.key: "9"})
    (table,) = unjudged(bracket(PAY, CART, scrapes=(wrong,), after={PAY.key: "8", CART.key: "8"}), nothing)

    assert in_words(table) == [
        ["shop/cart", "Completed, Completed", "Paused, -"],
        ["shop/pay", "Completed, Completed", "Abort, Completed"],
    ]


def test_where_everybody_was_judged_nobody_is_named() -> None:
    assert unjudged(bracket(CART)) == []


@pytest.mark.parametrize(("count", "words"), [(1, "One Rollout"), (20, "what was seen of them"), (21, "the first 20")])
def test_the_names_of_many_are_cut(count: int, words: str) -> None:
    fleet = [rollout(f"r{number:03}") for number in range(count)]
    (table,) = unjudged(bracket(*fleet, after={one.key: "9" for one in fleet}))

    assert table.lead is not None
    assert words in say(ENGLISH, table.lead)
    assert len(table.rows) == min(count, 20)


def test_targets_have_their_version_and_their_rollouts() -> None:
    comparison = judge_brackets(
        [bracket(CART, PAY, scrapes=(scraped(CART), scraped(PAY, moved(CART, "1"), target=B)))], ""
    )
    table = scrapes_table(compared(comparison, FleetObservation(controllers={A: "v1.9.2"})))

    assert in_words(table) == [[NAME_A, "v1.9.2", "1"], [NAME_B, "unknown", "2"]]
    assert table.lead is not None
    assert say(ENGLISH, table.lead) == "2 targets emit Rollouts."


def test_every_title_and_column_can_be_said() -> None:
    for table in (coverage_table(mixed()), scrapes_table(compared(mixed()))):
        assert all(say(ENGLISH, one) for one in (table.title, *table.columns))
        assert len(table.columns) == len(table.rows[0])
