"""Trouble that nobody was paged for is a finding that names the alert which came nearest, and nothing twice."""

from dataclasses import replace

from maintainer.analyse.alerts.review import review_of
from maintainer.analyse.alerts.unpaged_findings import alert_unpaged
from maintainer.model.alerts import MINUTE, AlertHistory, Impact, ImpactRun, Run
from maintainer.model.incidents import Incident
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject
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
from tests.analyse.alerts.test_class_findings import JUDGING

OUTAGES = outcomes(*(short(at(day), minutes=12, available=0) for day in (10, 20)))
STUCK_ALERT = Subject("alert", "", "RolloutStuck")
WEB = Subject("Rollout", "shop", "web")


def found(known: AlertHistory, *incidents: Incident) -> list[Finding]:
    return list(alert_unpaged(review_of(known, replace(JUDGING, incidents=incidents or None))))


def test_incidents_in_which_an_alert_was_pending_are_one_finding_about_that_alert() -> None:
    near = [episode(at(day), fired=False, minutes=13) for day in (10, 20)]
    (finding,) = found(history(*near, outcomes=OUTAGES))

    assert (finding.severity, finding.subjects, finding.cause) == ("warning", (STUCK_ALERT,), "incident.pending")
    how = message("missed/pending", minutes=12, hold=15)
    first = "shop/web 2026-07-11T12:00Z"
    assert finding.summary == message(
        "alert/unpaged/incident.summary",
        count=2,
        first=first,
        near=message("alert/unpaged/near", alert="RolloutStuck", how=how),
    )
    assert finding.evidence == {"incidents": [first, "shop/web 2026-07-21T12:00Z"]}


def test_incidents_that_no_alert_came_near_are_about_their_rollout() -> None:
    (finding,) = found(history(outcomes=OUTAGES))

    assert (finding.subjects, finding.cause) == ((WEB,), "incident.none")


def test_an_incident_on_record_without_a_rollout_is_its_own_subject() -> None:
    (finding,) = found(history(), Incident("INC-1", at(5), at(6), (("service", "checkout"),)))

    assert finding.subjects == (Subject("incident", "", "INC-1"),)


def test_what_was_paged_for_in_time_is_no_finding() -> None:
    quick = replace(STUCK, hold=MINUTE)

    assert found(history(*(episode(at(day), quick) for day in (10, 20)), rules=(quick,), outcomes=OUTAGES)) == []


def test_a_deployment_that_somebody_aborted_while_all_pods_were_there_is_information() -> None:
    aborted = outcomes(revision(at(10)), phase("Abort", at(10, 12, 5)), event("RolloutAborted", at(10, 12, 5)))
    (finding,) = found(history(outcomes=aborted))

    assert (finding.severity, finding.cause) == ("info", "failed.none")


def test_what_analysis_undid_and_what_the_controller_said_for_no_reason_need_nobody() -> None:
    when = at(10, 12, 5)
    undone = outcomes(revision(at(10)), event("AnalysisRunFailed", when), event("RolloutAborted", when))

    assert found(history(outcomes=undone)) == []
    assert found(history(outcomes=outcomes(phase("Timeout", at(20))))) == []


def test_what_a_dead_rule_would_have_told_is_said_by_the_finding_about_that_rule() -> None:
    failed = rule("RolloutFailed", 'rollout_info{phase="Degraded"} == 1', hold=5 * MINUTE)
    three = [short(at(day), available=0, minutes=60) for day in (10, 20, 30)]
    aborts = [phase("Abort", at(day), minutes=60) for day in (10, 20, 30)]

    assert found(history(rules=(failed,), outcomes=outcomes(*three, *aborts))) == []


def test_harm_to_users_that_nobody_was_paged_for_is_an_incident_like_an_outage() -> None:
    harm = ImpactRun((("name", "web"), ("namespace", "shop")), at(10), at(10, 12, 12))
    near = episode(at(10), fired=False, minutes=13)
    known = history(near, impact=Impact((harm,), (Run(START, END),)))

    (finding,) = found(known)
    assert (finding.severity, finding.cause) == ("warning", "incident.pending")
    assert finding.evidence == {"incidents": ["shop/web users 2026-07-11T12:00Z"]}


def test_harm_to_users_during_an_outage_of_the_same_is_one_incident() -> None:
    own, other = (("exported_namespace", "shop"), ("rollout", "web")), (("name", "cart"), ("namespace", "shop"))
    harm = tuple(ImpactRun(labels, at(10, 12, 5), at(10, 12, 30)) for labels in (own, other, (("service", "pay"),)))
    known = history(outcomes=OUTAGES, impact=Impact(harm, (Run(START, END),)))

    review = review_of(known, JUDGING)
    assert [one.id for one in review.incidents] == [
        "shop/web 2026-07-11T12:00Z",
        "service=pay users 2026-07-11T12:05Z",
        "shop/cart users 2026-07-11T12:05Z",
        "shop/web 2026-07-21T12:00Z",
    ]
