"""Rules that never had an alert: they cannot fire, nothing came near, or nobody knows."""

from dataclasses import replace

import pytest

from maintainer.analyse.alerts.evidence import OutcomeIndex
from maintainer.analyse.alerts.missed import Missed, missed_incidents
from maintainer.analyse.alerts.silent import SilentRule, replayed_over_phases, silent_rules
from maintainer.analyse.alerts.trouble import Trouble, troubles
from maintainer.model.alerts import DAY, HOUR, MINUTE, AlertHistory, HourCoverage, LeftSide, MissingTime, Run
from maintainer.model.incidents import Incident
from maintainer.model.message import message
from tests.analyse.alerts.histories import (
    END,
    START,
    STUCK,
    at,
    episode,
    event,
    history,
    outcomes,
    phase,
    revision,
    rule,
    short,
)

FAILED = rule("RolloutFailed", 'rollout_info{phase="Degraded"} == 1', hold=5 * MINUTE)
ERRORS = rule("RolloutErrors", "sum(rate(http_errors_total[5m])) > 0.05", hold=5 * MINUTE)
QUIET = rule("RolloutPaused", 'rollout_info{phase="Paused"} == 1')
ABORTS = outcomes(
    *(
        one
        for day in (10, 20, 30)
        for one in (
            revision(at(day)),
            event("RolloutAborted", at(day, 12, 5)),
            phase("Abort", at(day, 12, 5), minutes=60),
        )
    )
)
"""Three deployments that were aborted, each with the phase Abort for an hour."""


def found_in(known: AlertHistory) -> tuple[Trouble, ...]:
    return troubles(OutcomeIndex(known.outcomes), short_for=5 * MINUTE)


def silent(known: AlertHistory) -> SilentRule:
    (rule_,) = silent_rules(known, found_in(known))
    return rule_


def test_a_selector_that_cannot_match_is_repaired_and_replayed() -> None:
    known = history(rules=(FAILED,), outcomes=ABORTS)

    dead = silent(known)

    assert (dead.silence, dead.why.id) == ("dead", "query/dead-selector.value")
    assert dead.repaired
    assert dead.repaired.expr == 'rollout_info{phase=~"Timeout|Error|Abort|InvalidSpec"} == 1'
    assert dead.repaired.pages == 3
    assert [one.fired_at for one in dead.repaired.episodes or ()] == [at(day, 12, 10) for day in (10, 20, 30)]
    assert len(dead.repaired.told) == 3


def test_a_dead_rule_in_a_quiet_quarter_would_have_told_nothing() -> None:
    dead = silent(history(rules=(FAILED,)))

    assert dead.silence == "dead"
    assert dead.repaired
    assert (dead.repaired.pages, dead.repaired.told) == (0, ())


def test_a_rule_that_cannot_be_replayed_over_phases_is_repaired_all_the_same() -> None:
    joined = replace(FAILED, expr='rollout_info{phase="Degraded"} == 1 and on(name) rollout_info_replicas_desired > 0')

    dead = silent(history(rules=(joined,), outcomes=ABORTS))

    assert dead.repaired
    assert (dead.repaired.episodes, dead.repaired.pages) == (None, 0)
    assert "Abort" in dead.repaired.expr


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        ('rollout_info{phase="Abort"}', [("name", "web"), ("namespace", "shop")]),
        ('rollout_info{phase=~"A.*", name="web"} > 0', [("name", "web"), ("namespace", "shop")]),
        ('sum by (namespace) (rollout_info{phase="Abort"}) > 0', [("namespace", "shop")]),
        ('count(rollout_info{phase="Abort"}) by (name) >= 1', [("name", "web")]),
        ('max(rollout_info{phase="Abort"}) == 1', []),
    ],
)
def test_a_rule_over_phases_is_replayed_with_the_labels_that_it_keeps(expr: str, names: list[tuple[str, str]]) -> None:
    found = replayed_over_phases(replace(FAILED, expr=expr, labels=()), history(outcomes=ABORTS))

    assert found is not None
    assert [list(one.labels) for one in found] == [names] * 3


@pytest.mark.parametrize(
    "expr",
    [
        'rollout_info{phase="Abort"} == 0',
        'rollout_info{phase!="Abort"}',
        "rollout_info",
        'rollout_info{phase="Abort"} or rollout_info{phase="Error"}',
        "rollout_info_replicas_available == 0",
        'increase(rollout_info{phase="Abort"}[5m]) > 0',
    ],
)
def test_what_the_outcomes_cannot_answer_is_not_replayed(expr: str) -> None:
    assert replayed_over_phases(replace(FAILED, expr=expr), history(outcomes=ABORTS)) is None


def test_a_rule_about_another_rollout_is_replayed_without_this_one() -> None:
    assert (
        replayed_over_phases(replace(FAILED, expr='rollout_info{phase="Abort", name="cart"}'), history(outcomes=ABORTS))
        == ()
    )


def test_a_comparison_that_is_never_true_is_out_of_reach() -> None:
    assert silent(history(rules=(rule(expr="rollout_info > 5"),))).silence == "unreachable"


def test_a_threshold_that_trouble_never_came_near_is_out_of_reach() -> None:
    far = silent(history(rules=(ERRORS,), outcomes=ABORTS))

    assert (far.silence, far.why) == ("unreachable", message("silent/far", days=92, count=3))


def test_a_threshold_that_a_value_came_near_is_not_out_of_reach() -> None:
    side = LeftSide(ERRORS.version, (), MINUTE, ">", 0.025, 0.1, ((at(3), at(3), 0.03),))

    assert silent(history(rules=(ERRORS,), outcomes=ABORTS, left_sides=(side,))).silence == "quiet"


def test_in_a_quarter_without_trouble_a_silent_threshold_is_only_quiet() -> None:
    assert silent(history(rules=(ERRORS,))).silence == "quiet"


def test_of_values_that_were_not_read_nothing_is_said() -> None:
    unread = MissingTime(at(1), at(2), message("harvest/unread.left_sides", why=message("gap/x")))

    assert silent(history(rules=(ERRORS,), outcomes=ABORTS, missing=(unread,))).silence == "quiet"


def test_a_rule_without_anything_to_tell_is_quiet() -> None:
    assert silent(history(rules=(QUIET,), outcomes=ABORTS)).why == message("silent/quiet", days=92)


@pytest.mark.parametrize("known", ["not loaded", "not evaluated", "other group"])
def test_a_rule_that_was_not_evaluated_is_unknown_and_never_quiet(known: str) -> None:
    hours = tuple(HourCoverage(hour, 1.0) for hour in range(START, END, HOUR))
    elsewhere = tuple(replace(hour, evaluated=0.0, group=QUIET.group) for hour in hours)
    histories = {
        "not loaded": history(rules=(QUIET,), loaded={}),
        "not evaluated": history(rules=(QUIET,), coverage=()),
        "other group": history(rules=(QUIET,), coverage=(*hours, *elsewhere)),
    }

    found = silent(histories[known])

    assert (found.silence, found.why.id) == ("unknown", "silent/not-evaluated")


def test_a_new_rule_is_unknown() -> None:
    found = silent(history(rules=(QUIET,), loaded={QUIET.version: Run(END - 2 * DAY, END)}))

    assert (found.silence, found.why) == ("unknown", message("silent/new", days=2.0))


def test_a_rule_with_an_alert_is_not_silent() -> None:
    known = history(episode(at(3), fired=False))

    assert silent_rules(known, ()) == ()


def test_of_two_versions_only_the_silent_one_is_named() -> None:
    old = replace(FAILED, expr='rollout_info{phase="Abort"} == 1')

    assert silent(history(episode(at(3), old), rules=(FAILED, old))).rule == FAILED


INCIDENT = Incident("INC-1", at(10, 13), at(10, 14), (("name", "web"), ("namespace", "shop")))


def nearest(known: AlertHistory, incident: Incident = INCIDENT) -> Missed:
    (found,) = missed_incidents([incident], known, silent_rules(known, found_in(known)))
    return found


def test_the_alert_that_was_pending_came_nearest() -> None:
    found = nearest(history(episode(at(10, 13), fired=False, minutes=11)))

    assert (found.alert, found.how) == ("RolloutStuck", message("missed/pending", minutes=10, hold=15))


def test_an_alert_that_fired_after_the_end_was_late() -> None:
    assert nearest(history(episode(at(10, 13, 50)))).how == message("missed/late", minutes=5)


def test_an_alert_that_had_been_firing_told_nothing_new() -> None:
    assert nearest(history(episode(at(9), minutes=3 * 24 * 60))).how == message("missed/before")


def test_a_dead_rule_would_have_told() -> None:
    known = outcomes(short(at(10, 13), available=0), phase("Abort", at(10, 13), minutes=60))
    base = history(rules=(FAILED,), outcomes=known)
    (trouble,) = found_in(base)

    assert nearest(base, trouble.incident) == Missed(trouble.incident, "RolloutFailed", message("missed/repaired"))


def test_a_dead_rule_that_would_have_told_came_nearer_than_an_alert_that_was_pending() -> None:
    known = outcomes(short(at(10, 13), available=0), phase("Abort", at(10, 13), minutes=60))
    base = history(episode(at(10, 12, 55), fired=False, minutes=6), rules=(FAILED, STUCK), outcomes=known)
    (trouble,) = found_in(base)

    assert nearest(base, trouble.incident).alert == "RolloutFailed"


def test_no_alert_may_have_come_near() -> None:
    assert nearest(history(episode(at(10, 13), subject=("shop", "cart"), fired=False))).how == message("missed/none")
    assert nearest(history(rules=(STUCK,))).alert == ""
