"""What could not be looked at, check by check: a check that could not run is a gap, never a pass."""

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
ACCURACY = {"accuracy/meaning", "accuracy/phase", "accuracy/replicas", "accuracy/strategy"}
AGAINST_API = {*ACCURACY, "coverage/ghost", "coverage/missing"}
SERIES = {"coverage/duplicate", "label/namespace"}
ASKED = {"panel/value", "query/error", "query/no-data"}
WHY = message("gap/prometheus-refused", url="http://prometheus", kind="bad_data", said="no such endpoint")


def found(observation: FleetObservation, comparison: Comparison | None = None, scope: Scope = SCOPE) -> list[Gap]:
    """The gaps of all checks."""
    judged = judge_brackets(observation.brackets, "") if comparison is None else comparison
    fleet = compared(judged, observation, scope=scope)
    return list(dict.fromkeys(gaps_of((*observation.unavailable, *not_comparable(fleet)))))


def checks(gaps_: list[Gap], reason: str = "") -> set[str]:
    return {gap.check for gap in gaps_ if gap.reason.id == reason or not reason}


def fleet(count: int) -> list[Rollout]:
    return [rollout(f"r{number:03}") for number in range(count)]


def moving(still: int, others: int) -> FleetObservation:
    """A bracket in which the first Rollouts stand still and the others move."""
    everybody = fleet(still + others)
    after = {one.key: "7" if index < still else "9" for index, one in enumerate(everybody)}
    return FleetObservation(brackets=(bracket(*everybody, after=after),))


def test_a_run_that_saw_everything_has_no_gap() -> None:
    assert found(FleetObservation(targets=(target(),), brackets=(bracket(CART),))) == []


# Nothing to compare


def test_no_rollout_at_all_is_a_gap_that_lasts() -> None:
    found_ = found(FleetObservation(brackets=(bracket(scrapes=()),)))

    assert checks(found_) == {*ACCURACY, *ASKED, "coverage/missing"}
    assert {(gap.kind, gap.reason.id) for gap in found_} == {("permanent", "gap/no-rollouts")}


def test_no_emitter_is_a_gap_that_may_pass() -> None:
    found_ = found(FleetObservation(targets=(target(),), brackets=(bracket(CART, scrapes=()),), silent=True))

    assert checks(found_) == {*AGAINST_API, *SERIES, *ASKED, "coverage/unwatched"}
    assert {(gap.kind, gap.reason.id) for gap in found_} == {("passing", "gap/no-emitter")}


def test_no_new_scrape_is_a_gap_that_may_pass() -> None:
    found_ = found(FleetObservation(targets=(target(),), brackets=(bracket(CART, scrapes=(), stale=(A,)),)))

    assert checks(found_) == {*AGAINST_API, *SERIES, *ASKED, "coverage/unwatched"}
    assert {(gap.kind, gap.reason.id) for gap in found_} == {("passing", "gap/no-new-scrape")}


def test_only_rollouts_of_other_instances_are_a_gap_that_lasts() -> None:
    found_ = found(FleetObservation(brackets=(bracket(*(one._replace(instance_id="blue") for one in fleet(2))),)))

    assert checks(found_) == {*ACCURACY, *ASKED, "coverage/missing"}
    assert {(gap.kind, gap.reason) for gap in found_} == {("permanent", message("gap/other-instance", count=2))}


UNLISTED = (Unavailable("targets", WHY, permanent=True),)
"""An engine that does not list its targets."""


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
    assert set(ACCURACY) <= checks(found(observation))


def test_one_namespace_that_cannot_be_listed_does_not_hide_that_nothing_was_scraped() -> None:
    observation = FleetObservation(
        brackets=(bracket(CART, scrapes=(), stale=(A,), namespaces=frozenset({"shop"})),),
        unavailable=(Unavailable("rollouts", WHY, permanent=True),),
    )

    assert {*AGAINST_API, *SERIES} <= checks(found(observation))


# Too few


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
def test_more_than_a_twentieth_that_moves_is_a_gap(still: int, others: int, *, gap: bool) -> None:
    assert checks(found(moving(still, others))) == (set(ACCURACY) if gap else set())


def test_the_gap_counts_and_names_those_that_moved() -> None:
    names = "shop/r010, shop/r011, shop/r012 …"

    assert {gap.reason for gap in found(moving(10, 4))} == {message("gap/moving", count=4, total=14, names=names)}
    assert {gap.reason for gap in found(moving(0, 1))} == {message("gap/moving", count=1, total=1, names="shop/r000")}


def test_the_undecided_count_as_well() -> None:
    wrong = scrape({CART.key: says(CART, phase="Paused")})
    observation = FleetObservation(
        brackets=(bracket(CART, scrapes=(wrong,)), bracket(moved(CART, "9"), scrapes=(wrong,)))
    )

    assert checks(found(observation), "gap/moving") == set(ACCURACY)


def test_one_unreadable_value_is_a_gap_however_large_the_fleet_is() -> None:
    everybody = fleet(100)
    shown = scraped(*everybody, unreadable=frozenset({everybody[3].key}))
    found_ = found(FleetObservation(brackets=(bracket(*everybody, scrapes=(shown,)),)))

    assert checks(found_) == set(ACCURACY)
    assert {gap.reason for gap in found_} == {message("gap/unreadable", count=1, names="shop/r003")}


def test_unreadable_ones_are_not_said_to_move() -> None:
    shown = scraped(CART, unreadable=frozenset({CART.key}))

    assert {gap.reason.id for gap in found(FleetObservation(brackets=(bracket(CART, scrapes=(shown,)),)))} == {
        "gap/unreadable"
    }


# Words

SAID = {
    "gap/no-rollouts": FleetObservation(brackets=(bracket(scrapes=()),)),
    "gap/no-emitter": FleetObservation(brackets=(bracket(CART, scrapes=()),), silent=True),
    "gap/no-new-scrape": FleetObservation(brackets=(bracket(CART, scrapes=(), stale=(A,)),)),
    "gap/other-instance": FleetObservation(brackets=(bracket(CART._replace(instance_id="blue")),)),
    "gap/unreadable": FleetObservation(brackets=(bracket(CART, rollout("pay"), scrapes=(scraped(CART),), stale=(B,)),)),
    "gap/moving": moving(1, 3),
}


@pytest.mark.parametrize("id_", SAID)
def test_every_gap_can_be_said(id_: str) -> None:
    (reason,) = {gap.reason for gap in found(SAID[id_])}

    assert reason.id == id_
    assert "{" not in say(ENGLISH, reason)


def test_a_named_namespace_without_rollouts_is_a_gap() -> None:
    observation = FleetObservation(brackets=(bracket(CART, namespaces=frozenset({"shop", "paymnets"})),))
    named = found(observation, scope=Scope(namespaces=("shop", "paymnets")))

    assert {gap.reason.named["namespace"] for gap in named} == {"paymnets"}
    assert set(ACCURACY) <= checks(named)
    assert found(observation) == []
