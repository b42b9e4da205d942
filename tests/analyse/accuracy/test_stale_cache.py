"""Which Rollouts the controller overlooks, and which it only has not reached yet or cannot reconcile."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from maintainer.analyse.accuracy.brackets import Comparison, judge_brackets
from maintainer.analyse.accuracy.stale_cache import controller_stale_cache, without_other_causes
from maintainer.model.counts import PendingReconciles
from maintainer.model.facts import Bracket, Condition, FleetObservation, Key, Pending, Rollout, Scrape
from maintainer.model.report import Finding
from maintainer.render.words import load, say
from tests.analyse.builders import INVALID, A, B, bracket, compared, moved, progressing, rollout, says, scrape, scraped

ENGLISH = load("en")
NOW = 1_000_000.0
SPEC = Pending("spec", 3, "2", since=NOW - 500, writer="kubectl-scale", touched=NOW - 500)
SCALED = rollout(desired=1, reconciled=False, pending=SPEC)
PAY, SHIP = rollout("pay"), rollout("ship")
RECONCILED = PendingReconciles(reconciled=frozenset({SCALED.key}))


def waiting(request: str, **fields: Any) -> Rollout:
    return rollout(pending=Pending(request, 3, "3", touched=NOW - 500), **fields)


def at(seconds: float, *rollouts: Rollout, shows: float = 3, **fields: Any) -> Bracket:
    """A bracket so long after :data:`NOW`, whose metrics have these replicas of the first Rollout."""
    series = {rollouts[0].key: says(rollouts[0], desired=shows)} | {
        rollout.key: says(rollout) for rollout in rollouts[1:]
    }
    return replace(bracket(*rollouts, **{"scrapes": (scrape(series),), **fields}), at=NOW + seconds)


def judged(brackets: Sequence[Bracket], reconciles: PendingReconciles | None = RECONCILED) -> Comparison:
    return without_other_causes(judge_brackets(brackets, ""), reconciles)


def checks(comparison: Comparison) -> list[tuple[str, Key]]:
    return [(difference.check, difference.key) for difference in comparison.differences]


def found(comparison: Comparison, brackets: Sequence[Bracket] = (), **fields: Any) -> Finding:
    observation = FleetObservation(brackets=tuple(brackets), **fields)
    (finding,) = controller_stale_cache(compared(comparison, observation))
    return finding


TWICE = (at(0, SCALED, PAY), at(30, SCALED, PAY))
STALE = [("controller/stale-cache", SCALED.key)]


def test_a_scale_that_is_ignored_is_one_finding_and_not_one_of_its_replicas_too() -> None:
    comparison = judged(TWICE)

    assert checks(comparison) == STALE
    assert comparison.compared == {SCALED.key, PAY.key}


def test_the_finding_says_what_is_ignored_since_when_and_what_to_type() -> None:
    finding = found(judged(TWICE), TWICE)
    command = "kubectl -n shop annotate rollouts.argoproj.io cart maintainer.io/touched=$(date +%s) --overwrite"

    assert (finding.severity, [str(subject) for subject in finding.subjects]) == ("error", ["Rollout/shop/cart"])
    assert say(ENGLISH, finding.summary) == (
        "The controller works with an old version of shop/cart and ignores the newest: "
        "replicas 3 → 1 (generation 3; the controller last observed 2)."
    )
    assert command in say(ENGLISH, finding.action)
    assert finding.evidence == {
        "rollouts": [
            {
                "rollout": "shop/cart",
                "ignored": "replicas 3 → 1",
                "generation": 3,
                "observedGeneration": "2",
                "since": "1970-01-12T13:38:20+00:00",
                "by": "kubectl-scale",
                "touch": command,
            }
        ]
    }


@pytest.mark.parametrize(("version", "said"), [("v1.9.2", True), ("", True), ("v1.10.0", False), ("v1.11.3", False)])
def test_the_release_that_mends_it_is_named_to_those_who_do_not_have_it(version: str, *, said: bool) -> None:
    action = say(ENGLISH, found(judged(TWICE), TWICE, controllers={A: version}).action)

    assert ("v1.10.0" in action) is said


@pytest.mark.parametrize(
    ("overlooked", "said"),
    [
        (SCALED._replace(desired=3), "a change of its spec (generation 3; the controller last observed 2)"),
        (waiting("abort"), "the abort"),
        (waiting("retry"), "the retry"),
        (waiting("promotion", phase="Paused", conditions=(progressing("RolloutPaused"),)), "the promotion"),
    ],
)
def test_what_no_metric_shows_is_found_by_the_object_alone(overlooked: Rollout, said: str) -> None:
    phase = "Paused" if overlooked.phase == "Paused" else "Completed"
    shown = scrape({overlooked.key: says(overlooked, phase=phase), PAY.key: says(PAY)})
    brackets = (at(0, overlooked, PAY, scrapes=(shown,)), at(30, overlooked, PAY, scrapes=(shown,)))
    comparison = judged(brackets)

    assert checks(comparison) == STALE
    assert said in say(ENGLISH, found(comparison, brackets).summary)


def test_a_lag_that_the_next_bracket_no_longer_has_is_nothing() -> None:
    comparison = judged([at(0, SCALED, PAY), at(30, moved(rollout(desired=1), "8"), PAY, shows=1)])

    assert checks(comparison) == []
    assert comparison.compared == {SCALED.key, PAY.key}


@pytest.mark.parametrize("touched", [NOW - 29, NOW, NOW + 29])
def test_a_lag_shorter_than_a_reconcile_may_take_is_undecided_and_no_replica_is_called_wrong(touched: float) -> None:
    fresh = SCALED._replace(pending=replace(SPEC, touched=touched))
    comparison = judge_brackets([at(0, fresh, PAY), at(30, fresh, PAY)], "")

    assert checks(comparison) == []
    assert comparison.unconfirmed == {SCALED.key}
    assert comparison.open


def test_a_lag_that_no_metric_shows_leaves_the_rollout_compared() -> None:
    deployed = SCALED._replace(desired=3, pending=replace(SPEC, touched=NOW))

    for brackets in ([at(0, deployed, PAY)], [at(0, deployed, PAY), at(30, deployed, PAY)]):
        comparison = judge_brackets(brackets, "")
        assert checks(comparison) == []
        assert comparison.compared == {SCALED.key, PAY.key}
        assert comparison.open


def test_where_reconciles_are_not_known_a_rollout_with_right_metrics_stays_compared() -> None:
    deployed = SCALED._replace(desired=3)
    comparison = judged([at(0, deployed, PAY), at(30, deployed, PAY)], None)

    assert checks(comparison) == []
    assert comparison.compared == {SCALED.key, PAY.key}


@pytest.mark.parametrize(("seconds", "share"), [(59, "unconfirmed"), (60, "compared")])
def test_without_a_time_of_the_last_write_the_brackets_are_the_clock(seconds: float, share: str) -> None:
    timeless = SCALED._replace(pending=Pending("spec", 3, "2"))
    comparison = judged([at(0, timeless, PAY), at(seconds, timeless, PAY)])

    assert SCALED.key in getattr(comparison, share)


def test_a_rollout_that_is_written_in_between_is_not_overlooked() -> None:
    comparison = judged([at(0, SCALED, PAY), at(30, moved(SCALED, "8"), PAY)])

    assert checks(comparison) == []
    assert comparison.unconfirmed == {SCALED.key}


def test_one_bracket_proves_nothing() -> None:
    comparison = judge_brackets([at(0, SCALED, PAY)], "")

    assert checks(comparison) == []
    assert comparison.unconfirmed == {SCALED.key}
    assert comparison.open


def test_a_rollout_that_is_being_deleted_is_not_overlooked() -> None:
    deleted = SCALED._replace(desired=3, deleting=True)

    assert checks(judged([at(0, deleted, PAY), at(30, deleted, PAY)])) == []


@pytest.mark.parametrize("condition", [INVALID, progressing("ReplicaSetCreateError")])
def test_a_rollout_that_cannot_be_reconciled_does_not_ignore_an_abort(condition: Condition) -> None:
    stuck = waiting("abort", conditions=(condition,), phase="Degraded", message="InvalidSpec: no")
    phase = "InvalidSpec" if condition == INVALID else "Error"
    shown = scrape({stuck.key: says(stuck, phase=phase)})

    assert STALE[0] not in checks(judged([at(0, stuck, scrapes=(shown,)), at(30, stuck, scrapes=(shown,))]))


def test_reconciles_that_fail_are_another_fault() -> None:
    failing = replace(RECONCILED, failing=frozenset({SCALED.key}))
    deployed = SCALED._replace(desired=3)
    brackets = (at(0, deployed, PAY), at(30, deployed, PAY))

    assert checks(judged(brackets, failing)) == []
    assert judged(brackets, failing).compared == {SCALED.key, PAY.key}


def test_old_replicas_in_the_metrics_prove_an_old_cache_also_where_reconciles_fail() -> None:
    assert checks(judged(TWICE, replace(RECONCILED, failing=frozenset({SCALED.key})))) == STALE


def test_a_new_leader_has_not_reached_a_rollout_yet() -> None:
    comparison = judged(TWICE, PendingReconciles())

    assert checks(comparison) == []
    assert comparison.unconfirmed == {SCALED.key}


def test_where_reconciles_are_not_known_nothing_is_said_of_the_rollout() -> None:
    comparison = judged(TWICE, None)

    assert checks(comparison) == []
    assert comparison.unconfirmed == {SCALED.key}


def test_other_differences_of_other_rollouts_stay() -> None:
    drifting = scrape({SCALED.key: says(SCALED, desired=3), PAY.key: says(PAY, desired=9)})
    comparison = judged([replace(each, scrapes=(drifting,)) for each in TWICE])

    assert sorted(checks(comparison)) == [("accuracy/replicas", PAY.key), *STALE]


def test_a_rollout_that_no_target_exposes_is_missing_and_not_overlooked() -> None:
    comparison = judged([replace(each, scrapes=(scraped(PAY),)) for each in TWICE])

    assert checks(comparison) == [("coverage/missing", SCALED.key)]


# Metrics that show an older state, although the object says nothing

OLD, NEW = rollout(version="7"), rollout(version="9", desired=5, replicas=5, updated=5, available=5)


def shows_old(own: Scrape, *more: Scrape, seconds: float = 60, others: tuple[Rollout, ...] = (PAY, SHIP)) -> Comparison:
    later = [at(when, NEW, *others, scrapes=(own, *more)) for when in (30, 30 + seconds)]
    return judged([at(0, OLD, *others, after={}), *later], None)


def test_metrics_that_show_the_state_of_an_earlier_bracket_are_an_old_cache() -> None:
    comparison = shows_old(scraped(OLD, PAY, SHIP))

    assert checks(comparison) == STALE
    assert "has replicas_desired 5, " in say(ENGLISH, found(comparison).summary)
    assert "still show replicas_desired 3, " in say(ENGLISH, found(comparison).summary)


def test_they_may_only_be_late() -> None:
    comparison = shows_old(scraped(OLD, PAY, SHIP), seconds=30)

    assert checks(comparison) == []
    assert comparison.unconfirmed == {OLD.key}


def test_metrics_that_show_a_state_that_never_was_are_no_old_cache() -> None:
    wrong = scrape({OLD.key: says(OLD, desired=4), PAY.key: says(PAY), SHIP.key: says(SHIP)})

    assert checks(shows_old(wrong)) == [("accuracy/replicas", OLD.key)]


def test_two_targets_of_which_one_is_old_are_no_old_cache() -> None:
    assert checks(shows_old(scraped(OLD, PAY, SHIP), scraped(NEW, target=B))) == [("accuracy/replicas", OLD.key)]


def test_metrics_that_are_wrong_as_a_whole_are_no_old_cache() -> None:
    wrong = scrape({OLD.key: says(OLD), PAY.key: says(PAY, desired=9), SHIP.key: says(SHIP, desired=9)})

    assert ("controller/stale-cache", OLD.key) not in checks(shows_old(wrong))
    assert ("accuracy/replicas", OLD.key) in checks(shows_old(wrong))
