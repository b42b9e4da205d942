"""The figures and tables of the monthly report about Rollouts and targets."""

from typing import Any

import pytest

from maintainer.analyse.accuracy.brackets import Comparison, judge_brackets
from maintainer.analyse.accuracy.phases import meaning
from maintainer.analyse.accuracy.tables import coverage_table, fleet_figures, scrapes_table, unjudged_table
from maintainer.model.facts import Bracket, Condition, Cost, FleetObservation, Unavailable
from maintainer.model.message import Message, message
from maintainer.model.sections import Table
from maintainer.render.words import load, say
from tests.analyse.builders import NAME_A, NAME_B, A, B, bracket, compared, moved, rollout, says, scrape, scraped

ENGLISH = load("en")
CART, PAY = rollout(), rollout("pay")
COSTS = {"kubernetes": Cost(4, 0, 900), "prometheus": Cost(7, 5000, 1200)}


def mixed() -> Comparison:
    """A Rollout of each share, of another instance, and with an explained phase."""
    names = ("right", "wrong", "moves", "odd", "held")
    right, wrong, moves, odd, held = (rollout(name) for name in names)
    held = held._replace(phase="Progressing", restarting=True)
    other = rollout("other", instance_id="blue")
    fleet = (right, wrong, moves, odd, held, other)
    shown = {**{rollout.key: says(rollout) for rollout in fleet}, wrong.key: says(wrong, phase="Paused")}
    after = {**{rollout.key: "7" for rollout in fleet}, moves.key: "9"}
    return judge_brackets([bracket(*fleet, scrapes=(scrape(shown, unreadable=frozenset({odd.key})),), after=after)], "")


def in_words(table: Table) -> list[list[str]]:
    return [[say(ENGLISH, cell) if isinstance(cell, Message) else str(cell) for cell in row] for row in table.rows]


def test_figures_count_each_rollout_in_a_single_share() -> None:
    figures = fleet_figures(compared(mixed(), FleetObservation(brackets=(bracket(CART),) * 2)), COSTS)

    assert figures == {
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
    assert figures["rollouts.listed"] == sum(figures[f"rollouts.{share}"] for share in shares)


def test_the_table_has_a_row_for_each_share() -> None:
    table = coverage_table(compared(mixed()))

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


def test_empty_shares_are_left_out_except_compared_and_moving() -> None:
    rows = in_words(coverage_table(compared(judge_brackets([bracket(CART)], ""))))

    assert [(row[0], row[2]) for row in rows] == [("Compared", "1"), ("Moving", "0")]


def test_every_explained_reason_has_a_text() -> None:
    prefix, ending = "accuracy/meaning/", ".explained"
    ids = {id_ for id_ in ENGLISH.entries if id_.startswith(prefix) and id_.endswith(ending)}
    phases = ("Healthy", "Degraded", "Progressing", "Paused", "")
    metrics = ("InvalidSpec", "Completed", "Progressing", "Paused", "Timeout", "Error", "Abort")
    flags: list[dict[str, Any]] = [{flag: True} for flag in ("paused", "restarting", "deleting")]
    base = rollout(conditions=(Condition("Progressing", "x"),))
    fields = [*flags, {}, {"reconciled": False}]
    rollouts = [base._replace(phase=phase, **changed) for phase in phases for changed in fields]
    meanings = [meaning(rollout, metric) for rollout in rollouts for metric in metrics]

    assert {f"{prefix}{means.row}{ending}" for means in meanings if means.kind == "explained"} == ids


def unjudged(*brackets: Bracket) -> list[Table]:
    return list(unjudged_table(brackets, judge_brackets(brackets, "")))


def test_undecided_rollouts_are_named_with_their_phases() -> None:
    wrong = scrape({CART.key: says(CART, phase="Paused"), PAY.key: says(PAY, phase="Abort")})
    nothing = bracket(PAY, moved(CART, "8"), scrapes=(scraped(PAY),), after={PAY.key: "9", CART.key: "9"})
    (table,) = unjudged(bracket(PAY, CART, scrapes=(wrong,), after={PAY.key: "8", CART.key: "8"}), nothing)

    assert in_words(table) == [
        ["shop/cart", "Completed, Completed", "Paused, -"],
        ["shop/pay", "Completed, Completed", "Abort, Completed"],
    ]


def test_without_undecided_rollouts_there_is_no_table() -> None:
    assert unjudged(bracket(CART)) == []


@pytest.mark.parametrize(("count", "words"), [(1, "One Rollout"), (20, "what was seen of them"), (21, "the first 20")])
def test_the_number_of_names_is_limited(count: int, words: str) -> None:
    fleet = [rollout(f"r{number:03}") for number in range(count)]
    (table,) = unjudged(bracket(*fleet, after={rollout.key: "9" for rollout in fleet}))

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


def test_every_title_and_column_has_a_text() -> None:
    for table in (coverage_table(compared(mixed())), scrapes_table(compared(mixed()))):
        assert all(say(ENGLISH, text) for text in (table.title, *table.columns))
        assert len(table.columns) == len(table.rows[0])


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("cluster", {"targets.emitting"}),
        ("rollouts", {"targets.emitting"}),
        ("prometheus", {"rollouts.listed", "rollouts.outside"}),
        ("scrapes", {"rollouts.listed", "rollouts.outside"}),
        ("rules", {"rollouts.listed", "rollouts.outside", "rollouts.compared", "targets.emitting"}),
    ],
)
def test_a_figure_that_is_not_known_is_left_out(source: str, known: set[str]) -> None:
    observation = FleetObservation(unavailable=(Unavailable(source, message("gap/no-rollouts")),))
    fleet = compared(Comparison(), observation)
    figures = {figure for figure in fleet_figures(fleet, COSTS) if figure.startswith(("rollouts", "targets"))}

    assert known <= figures
    assert source == "rules" or figures == known
    assert bool(coverage_table(fleet).rows) == (source == "rules")
    assert (scrapes_table(fleet).lead == message("targets/not-known")) == (source in {"prometheus", "scrapes"})
