"""The numbers of a rule version, and the trouble of a quarter."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from maintainer.analyse.alerts.evidence import OutcomeIndex, coverage_of
from maintainer.analyse.alerts.hours import DaySpan, Hours
from maintainer.analyse.alerts.numbers import Cases, RuleNumbers, caught_by, rule_numbers
from maintainer.analyse.alerts.pages import estimated_pages, one_route
from maintainer.analyse.alerts.trouble import all_incidents, troubles
from maintainer.analyse.alerts.verdicts import Known, caught, judged_episodes
from maintainer.analyse.alerts.wilson import wilson
from maintainer.model.alert_routing import Route
from maintainer.model.alerts import DAY, HOUR, MINUTE, SECOND, AlertHistory
from maintainer.model.incidents import Incident
from maintainer.model.outcomes import Outcomes
from tests.analyse.alerts.histories import (
    STUCK,
    WEB,
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

HOURS = Hours(DaySpan(22 * 60, 7 * 60), DaySpan(9 * 60, 18 * 60), ZoneInfo("UTC"))
ROUTING = one_route(Route(("alertname", "namespace"), 30 * SECOND, 5 * MINUTE, 4 * HOUR))
WHEN = at(10)
FIRED = WHEN + STUCK.hold
INCIDENT = Incident("INC-1", FIRED, FIRED + HOUR, (("name", "web"), ("namespace", "shop")))


def numbers(known: AlertHistory, *incidents: Incident) -> tuple[RuleNumbers, ...]:
    judged = judged_episodes(known, Known(incidents), coverage=coverage_of(known), short_for=5 * MINUTE)
    pages = estimated_pages(known.episodes, ROUTING, known.silences, known.end).pages
    return rule_numbers(known, judged, pages, hours=HOURS, caught_by=caught_by(incidents, known.episodes))


def test_pages_are_counted_by_hour_and_by_whether_anything_was_real() -> None:
    night, day = at(10, 2), at(12, 10)
    (found,) = numbers(
        history(
            episode(night), episode(night + DAY), episode(day), episode(at(20), fired=False),
            outcomes=outcomes(short(night, minutes=60)),
        )
    )  # fmt: skip

    assert (found.fired, found.pending) == (3, 1)
    assert dict(found.verdicts) == {"real": 1, "noise": 2}
    assert dict(found.pages) == {"night": 2, "work": 1}
    assert dict(found.futile) == {"night": 1, "work": 1}


def test_versions_of_a_rule_are_never_summed() -> None:
    longer = replace(STUCK, hold=30 * MINUTE)

    found = numbers(history(episode(at(10)), episode(at(60), longer), episode(at(61), longer), rules=(STUCK, longer)))

    assert [(one.rule.hold // MINUTE, one.fired) for one in found] == [(30, 2), (15, 1)]


def test_rules_are_in_the_order_of_their_pages_at_night_that_caught_nothing() -> None:
    other = rule("Other")

    found = numbers(history(episode(at(9, 12)), episode(at(10, 12)), episode(at(10, 2), other), rules=(STUCK, other)))

    assert [one.rule.name for one in found] == ["Other", "RolloutStuck"]


def test_episodes_that_fire_together_are_one_case() -> None:
    together = [episode(WHEN + number * MINUTE, subject=("shop", f"app-{number}")) for number in range(8)]

    (found,) = numbers(history(*together, outcomes=outcomes(short(WHEN, minutes=60, subject=("shop", "app-3")))))

    assert (found.fired, found.cases) == (8, Cases(real=1))


def test_the_precision_of_few_cases_is_not_told() -> None:
    assert Cases(real=5, futile=4).precision is None
    assert Cases(real=5, futile=5).precision == wilson(5, 10)


def test_undetermined_cases_may_all_have_been_real_or_none() -> None:
    assert Cases(real=5, futile=5, undetermined=2).precision == (wilson(5, 12)[0], wilson(7, 12)[1])


def test_delays_are_of_what_was_real() -> None:
    late = replace(episode(WHEN + DAY), fired_at=WHEN + DAY + 40 * MINUTE, resolved_at=WHEN + DAY + HOUR)
    known = history(
        episode(WHEN), late, episode(WHEN + 2 * DAY),
        outcomes=outcomes(short(WHEN), short(WHEN + DAY, minutes=60)),
    )  # fmt: skip

    (found,) = numbers(known)

    assert found.delays
    assert (found.delays.median, found.delays.longest) == (27.5 * MINUTE, 40 * MINUTE)


def test_an_episode_catches_an_incident_from_a_quarter_of_an_hour_before_it_to_its_end() -> None:
    def fires(moment: int) -> bool:
        return caught(INCIDENT, replace(episode(WHEN), fired_at=moment))

    assert fires(INCIDENT.start - 15 * MINUTE)
    assert fires(INCIDENT.end)
    assert not fires(INCIDENT.start - 15 * MINUTE - 1)
    assert not fires(INCIDENT.end + 1)


def test_an_episode_about_something_else_catches_nothing() -> None:
    assert not caught(INCIDENT, episode(WHEN, subject=("shop", "cart")))
    assert not caught(replace(INCIDENT, labels=(("team", "a"),)), episode(WHEN))
    assert caught(replace(INCIDENT, labels=()), episode(WHEN))


def test_incidents_are_caught_first_and_alone() -> None:
    late, idle = rule("Late"), rule("Idle")
    second = replace(INCIDENT, id="INC-2", start=INCIDENT.start + DAY, end=INCIDENT.end + DAY)
    known = history(
        episode(WHEN), episode(WHEN + 10 * MINUTE, late), episode(WHEN + DAY, late), rules=(STUCK, late, idle)
    )

    found = {one.rule.name: (one.caught, one.first, one.alone) for one in numbers(known, INCIDENT, second)}

    assert found == {"RolloutStuck": (1, 1, 0), "Late": (2, 1, 1), "Idle": (0, 0, 0)}


def test_incidents_that_nobody_was_paged_for_are_known() -> None:
    missed = replace(INCIDENT, id="INC-9", start=INCIDENT.start + 3 * DAY, end=INCIDENT.end + 3 * DAY)

    assert caught_by([INCIDENT, missed], [episode(WHEN)]).missed == (missed,)


def kinds(known: Outcomes) -> list[str]:
    return [trouble.kind for trouble in troubles(OutcomeIndex(known), short_for=5 * MINUTE)]


def test_too_few_pods_and_a_timeout_are_an_outage() -> None:
    assert kinds(outcomes(revision(WHEN), short(WHEN), phase("Timeout", WHEN + 10 * MINUTE))) == ["outage"]


def test_a_rollout_without_any_pod_is_an_outage() -> None:
    assert kinds(outcomes(short(WHEN, available=0))) == ["outage"]


def test_what_a_deployment_brings_with_it_is_no_trouble() -> None:
    assert (
        kinds(outcomes(revision(WHEN), short(WHEN, minutes=8), phase("Progressing", WHEN), phase("Paused", WHEN))) == []
    )
    assert kinds(outcomes(revision(WHEN), event("AnalysisRunFailed", WHEN))) == []


def test_a_bad_version_that_analysis_undid_was_prevented() -> None:
    signs = revision(WHEN), event("AnalysisRunFailed", WHEN + MINUTE), event("RolloutAborted", WHEN + MINUTE)

    assert kinds(outcomes(*signs, phase("Abort", WHEN + MINUTE, minutes=600))) == ["prevented"]


def test_an_abort_without_a_new_revision_is_the_controllers() -> None:
    assert kinds(outcomes(phase("Timeout", WHEN))) == ["controller"]
    assert kinds(outcomes(revision(WHEN - MINUTE), phase("Timeout", WHEN))) == ["failed"]
    assert kinds(outcomes(revision(WHEN - MINUTE), event("RolloutAborted", WHEN))) == ["aborted"]


def test_each_new_revision_that_is_aborted_is_trouble_of_its_own() -> None:
    tries = [
        one
        for number in range(3)
        for one in (
            revision(WHEN + number * HOUR),
            event("RolloutAborted", WHEN + number * HOUR + 10 * MINUTE),
            phase("Abort", WHEN + number * HOUR + 10 * MINUTE, minutes=50),
        )
    ]

    assert kinds(outcomes(*tries)) == ["aborted"] * 3


def test_an_outage_on_record_is_one_incident() -> None:
    found = troubles(OutcomeIndex(outcomes(short(FIRED, available=0))), short_for=5 * MINUTE)
    elsewhere = replace(INCIDENT, labels=(("name", "cart"),))

    assert all_incidents([INCIDENT], found) == (INCIDENT,)
    assert [one.id for one in all_incidents([elsewhere], found)] == ["INC-1", "shop/web 2026-07-11T12:15Z"]
    assert found[0].subject == WEB
