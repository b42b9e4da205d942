"""The gaps of checks that could not compare: a check that could not run is a gap, never a pass."""

import pytest

from maintainer.analyse.accuracy.brackets import Comparison, judge_brackets
from maintainer.analyse.accuracy.gaps import not_comparable
from maintainer.analyse.checks import gaps_of
from maintainer.model.facts import FleetObservation, Rollout, Unavailable
from maintainer.model.message import message
from maintainer.model.report import Gap
from maintainer.model.scope import Scope
from maintainer.render.words import load, say
from tests.analyse.builders import SCOPE, A, B, bracket, compared, moved, rollout, says, scrape, scraped, target

ENGLISH = load("en")
CART = rollout()
ACCURACY = {"accuracy/meaning", "accuracy/phase", "accuracy/replicas", "accuracy/strategy", "controller/stale-cache"}
AGAINST_API = {*ACCURACY, "coverage/ghost", "coverage/missing"}
SERIES = {"coverage/duplicate", "label/namespace"}
ASKED = {"panel/value", "query/error", "query/no-data"}
WHY = message("gap/prometheus-refused", url="http://prometheus", kind="bad_data", said="no such endpoint")


def gaps_for(observation: FleetObservation, comparison: Comparison | None = None, scope: Scope = SCOPE) -> list[Gap]:
    """The gaps of all checks."""
    result = judge_brackets(observation.brackets, "") if comparison is None else comparison
    fleet = compared(result, observation, scope=scope)
    return list(dict.fromkeys(gaps_of((*observation.unavailable, *not_comparable(fleet)))))


def checks(gaps: list[Gap], reason: str = "") -> set[str]:
    return {gap.check for gap in gaps if gap.reason.id == reason or not reason}


def fleet(count: int) -> list[Rollout]:
    return [rollout(f"r{number:03}") for number in range(count)]


def moving(still: int, others: int) -> FleetObservation:
    """A bracket in which the first Rollouts stand still and the others move."""
    rollouts = fleet(still + others)
    after = {rollout.key: "7" if index < still else "9" for index, rollout in enumerate(rollouts)}
    return FleetObservation(brackets=(bracket(*rollouts, after=after),))


def test_a_run_that_compared_every_rollout_has_no_gap() -> None:
    assert gaps_for(FleetObservation(targets=(target(),), brackets=(bracket(CART),))) == []


# Nothing to compare


def test_no_rollout_at_all_is_a_permanent_gap() -> None:
    gaps = gaps_for(FleetObservation(brackets=(bracket(scrapes=()),)))

    assert checks(gaps) == {*ACCURACY, *ASKED, "coverage/missing"}
    assert {(gap.kind, gap.reason.id) for gap in gaps} == {("permanent", "gap/no-rollouts")}


def test_no_emitter_is_a_passing_gap() -> None:
    gaps = gaps_for(FleetObservation(targets=(target(),), brackets=(bracket(CART, scrapes=()),), silent=True))

    assert checks(gaps) == {*AGAINST_API, *SERIES, *ASKED, "coverage/unwatched"}
    assert {(gap.kind, gap.reason.id) for gap in gaps} == {("passing", "gap/no-emitter")}


def test_no_new_scrape_is_a_passing_gap() -> None:
    gaps = gaps_for(FleetObservation(targets=(target(),), brackets=(bracket(CART, scrapes=(), stale=(A,)),)))

    assert checks(gaps) == {*AGAINST_API, *SERIES, *ASKED, "coverage/unwatched"}
    assert {(gap.kind, gap.reason.id) for gap in gaps} == {("passing", "gap/no-new-scrape")}


def test_only_rollouts_of_other_instances_are_a_permanent_gap() -> None:
    gaps = gaps_for(
        FleetObservation(brackets=(bracket(*(rollout._replace(instance_id="blue") for rollout in fleet(2))),))
    )

    assert checks(gaps) == {*ACCURACY, *ASKED, "coverage/missing"}
    assert {(gap.kind, gap.reason) for gap in gaps} == {("permanent", message("gap/other-instance", count=2))}


UNLISTED = (Unavailable("targets", WHY, permanent=True),)
"""Prometheus, or a server compatible with it, that does not list its targets."""


@pytest.mark.parametrize(
    "observation",
    [
        pytest.param(
            FleetObservation(brackets=(bracket(CART, scrapes=(), stale=(A,)),), unavailable=UNLISTED),
            id="no new scrape",
        ),
        pytest.param(FleetObservation(brackets=(bracket(scrapes=()),), unavailable=UNLISTED), id="no Rollout"),
        pytest.param(
            FleetObservation(brackets=(bracket(CART, scrapes=()),), unavailable=UNLISTED, silent=True), id="no emitter"
        ),
        pytest.param(
            FleetObservation(brackets=(bracket(CART._replace(instance_id="blue")),), unavailable=UNLISTED),
            id="another instance",
        ),
    ],
)
def test_targets_that_cannot_be_listed_do_not_hide_that_nothing_was_compared(observation: FleetObservation) -> None:
    assert judge_brackets(observation.brackets, "").compared == frozenset()
    assert set(ACCURACY) <= checks(gaps_for(observation))


def test_a_namespace_that_cannot_be_listed_does_not_hide_that_nothing_was_scraped() -> None:
    observation = FleetObservation(
        brackets=(bracket(CART, scrapes=(), stale=(A,), namespaces=frozenset({"shop"})),),
        unavailable=(Unavailable("rollouts", WHY, permanent=True),),
    )

    assert {*AGAINST_API, *SERIES} <= checks(gaps_for(observation))


# Too many undecided


@pytest.mark.parametrize(
    ("still", "others", "gap"),
    [
        pytest.param(20, 0, False, id="none"),
        pytest.param(95, 5, False, id="exactly 5 %"),
        pytest.param(94, 6, True, id="more than 5 %"),
        pytest.param(19, 1, False, id="1 of 20"),
        pytest.param(18, 1, True, id="1 of 19"),
        pytest.param(0, 1, True, id="the only one"),
    ],
)
def test_more_than_5_percent_moving_rollouts_are_a_gap(still: int, others: int, *, gap: bool) -> None:
    assert checks(gaps_for(moving(still, others))) == (set(ACCURACY) if gap else set())


def test_the_gap_counts_and_names_the_moving_rollouts() -> None:
    names = "shop/r010, shop/r011, shop/r012 …"

    assert {gap.reason for gap in gaps_for(moving(10, 4))} == {message("gap/moving", count=4, total=14, names=names)}
    assert {gap.reason for gap in gaps_for(moving(0, 1))} == {
        message("gap/moving", count=1, total=1, names="shop/r000")
    }


def test_unconfirmed_rollouts_count_as_well() -> None:
    wrong = scrape({CART.key: says(CART, phase="Paused")})
    observation = FleetObservation(
        brackets=(bracket(CART, scrapes=(wrong,)), bracket(moved(CART, "9"), scrapes=(wrong,)))
    )

    assert checks(gaps_for(observation), "gap/moving") == set(ACCURACY)


def test_a_single_unreadable_value_is_a_gap_in_a_fleet_of_any_size() -> None:
    rollouts = fleet(100)
    shown = scraped(*rollouts, unreadable=frozenset({rollouts[3].key}))
    gaps = gaps_for(FleetObservation(brackets=(bracket(*rollouts, scrapes=(shown,)),)))

    assert checks(gaps) == set(ACCURACY)
    assert {gap.reason for gap in gaps} == {message("gap/unreadable", count=1, names="shop/r003")}


def test_unreadable_rollouts_are_not_called_moving() -> None:
    shown = scraped(CART, unreadable=frozenset({CART.key}))

    assert {gap.reason.id for gap in gaps_for(FleetObservation(brackets=(bracket(CART, scrapes=(shown,)),)))} == {
        "gap/unreadable"
    }


# Texts

REASONS = {
    "gap/no-rollouts": FleetObservation(brackets=(bracket(scrapes=()),)),
    "gap/no-emitter": FleetObservation(brackets=(bracket(CART, scrapes=()),), silent=True),
    "gap/no-new-scrape": FleetObservation(brackets=(bracket(CART, scrapes=(), stale=(A,)),)),
    "gap/other-instance": FleetObservation(brackets=(bracket(CART._replace(instance_id="blue")),)),
    "gap/unreadable": FleetObservation(brackets=(bracket(CART, rollout("pay"), scrapes=(scraped(CART),), stale=(B,)),)),
    "gap/moving": moving(1, 3),
}


@pytest.mark.parametrize("id_", REASONS)
def test_every_gap_has_a_text(id_: str) -> None:
    (reason,) = {gap.reason for gap in gaps_for(REASONS[id_])}

    assert reason.id == id_
    assert "{" not in say(ENGLISH, reason)


def test_a_named_namespace_without_rollouts_is_a_gap() -> None:
    observation = FleetObservation(brackets=(bracket(CART, namespaces=frozenset({"shop", "paymnets"})),))
    gaps = gaps_for(observation, scope=Scope(namespaces=("shop", "paymnets")))

    assert {gap.reason.named["namespace"] for gap in gaps} == {"paymnets"}
    assert set(ACCURACY) <= checks(gaps)
    assert gaps_for(observation) == []
