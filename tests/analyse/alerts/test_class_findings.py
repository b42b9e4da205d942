"""Each class of alerts is a finding of its check, and a history in which all was right is none."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from maintainer.analyse.alerts.hours import DaySpan, Hours
from maintainer.analyse.alerts.pages import one_route
from maintainer.analyse.alerts.review import Judging, review_of
from maintainer.analyse.checks import ALERT_CHECKS
from maintainer.model.alert_routing import Route
from maintainer.model.alerts import DAY, HOUR, MINUTE, SECOND, AlertHistory, Episode, HourCoverage
from maintainer.model.incidents import Incident
from maintainer.model.outcomes import ShortRun
from maintainer.model.report import SEVERITIES, Finding
from tests.analyse.alerts.histories import END, START, STUCK, at, episode, history, outcomes, rule, short

JUDGING = Judging(
    hours=Hours(DaySpan(22 * 60, 7 * 60), DaySpan(9 * 60, 18 * 60), ZoneInfo("UTC")),
    routing=one_route(Route(("alertname", "namespace"), 30 * SECOND, 5 * MINUTE, 4 * HOUR)),
    short_for=5 * MINUTE,
)
QUICK = replace(STUCK, hold=MINUTE)
OTHER = rule("RolloutOther")
WINDOW = rule("Restarts", "increase(restarts_total[10m]) > 0", hold=0)


def found(known: AlertHistory, *incidents: Incident) -> dict[str, Finding]:
    """The findings by check; a check with several findings fails."""
    review = review_of(known, replace(JUDGING, incidents=incidents or None))
    findings = [finding for check in ALERT_CHECKS for finding in check.finds(review)]
    assert len({finding.check for finding in findings}) == len(findings), findings
    for finding in findings:
        check = next(check for check in ALERT_CHECKS if check.id == finding.check)
        assert SEVERITIES.index(finding.severity) >= SEVERITIES.index(check.severity)
        assert finding.evidence
        assert finding.reproduce
    return {finding.check: finding for finding in findings}


def every(days: int, count: int, of: float = 10, **changes: object) -> list[Episode]:
    return [episode(at(3 + number * days, 9 + number % 7), minutes=of, **changes) for number in range(count)]  # type: ignore[arg-type]


def missing_pods(episodes: list[Episode]) -> tuple[ShortRun, ...]:
    return tuple(short(one.active_at, minutes=60) for one in episodes)


def test_alerts_of_real_trouble_are_no_finding() -> None:
    real = every(7, 6, 30)

    assert found(history(*real, outcomes=outcomes(*missing_pods(real)))) == {}


def test_alerts_that_are_over_at_once_are_transient() -> None:
    few = every(20, 3, 4)

    assert set(found(history(*few))) == {"alert/transient"}
    assert found(history(*few[:2])) == {}
    assert found(history(*few, outcomes=outcomes(*missing_pods(few)))) == {}


def test_short_alerts_among_many_long_ones_are_not_transient() -> None:
    known = history(*every(20, 3, 4), *(episode(at(day), minutes=90) for day in (10, 25, 31, 47)))

    assert "alert/transient" not in found(known)


def test_alerts_that_come_again_are_flapping() -> None:
    again = [episode(at(10, 9, 18 * number), QUICK, minutes=6) for number in range(4)]

    assert set(found(history(*again, rules=(QUICK,)))) == {"alert/flapping"}
    all_real = history(*again, rules=(QUICK,), outcomes=outcomes(short(at(10, 8), minutes=180)))
    assert found(all_real) == {}


def test_an_alert_each_night_is_repeating() -> None:
    nightly = found(history(*(episode(at(3 + day, 2, day), minutes=30) for day in range(7))))

    assert set(nightly) == {"alert/repeating"}
    assert dict(nightly["alert/repeating"].summary.params)["days"] == 7


def test_many_rollouts_at_once_are_a_storm() -> None:
    at_once = [episode(at(10), minutes=30, subject=("shop", f"app-{number}")) for number in range(12)]
    real = outcomes(*(short(at(10), minutes=60, subject=("shop", f"app-{number}")) for number in range(12)))

    assert found(history(*at_once))["alert/storm"].severity == "warning"
    assert found(history(*at_once, outcomes=real))["alert/storm"].severity == "info"


def test_an_alert_that_never_ends_is_chronic() -> None:
    endless = episode(at(3), minutes=9 * 24 * 60)

    assert set(found(history(endless))) == {"alert/chronic"}


def test_alerts_as_long_as_their_range_are_a_window_tail() -> None:
    tails = [episode(at(5 + 13 * number, 3 + number), WINDOW, minutes=10) for number in range(5)]

    assert set(found(history(*tails, rules=(WINDOW,)))) == {"alert/window-tail"}


def test_alerts_that_nearly_fired_are_near_misses() -> None:
    near = [episode(at(5 + number), fired=False, minutes=14) for number in range(3)]

    assert set(found(history(*near))) == {"alert/near-miss"}
    assert found(history(*near[:2])) == {}


def test_an_alert_that_a_start_of_prometheus_fired_again_is_an_artefact_and_has_no_verdict() -> None:
    before = episode(at(10, 9), QUICK, minutes=50)
    after = episode(at(10, 10), QUICK, minutes=30)
    start = at(10, 9, 58)
    coverage = tuple(
        HourCoverage(hour, 1.0, (start,) if hour <= start < hour + HOUR else ()) for hour in range(START, END, HOUR)
    )
    known = history(before, after, rules=(QUICK,), coverage=coverage)

    assert "alert/restart-artefact" in found(known)
    assert review_of(known, JUDGING).verdict(after) == "undetermined"


def test_alerts_that_fire_together_are_duplicates() -> None:
    times = [at(5 + 9 * number, 8 + number) for number in range(6)]
    pairs = [(episode(when, minutes=40), episode(when, OTHER, minutes=40)) for when in times]

    both = found(history(*(one for pair in pairs for one in pair), rules=(STUCK, OTHER)))

    assert [subject.name for subject in both["alert/duplicate"].subjects] == ["RolloutOther", "RolloutStuck"]
    assert both["alert/duplicate"].action.id == "alert/pair/inhibit.action"
    assert both["alert/duplicate"].evidence["pages"] == [12, 6]


def test_an_alert_that_follows_another_is_cascading() -> None:
    times = [at(5 + 9 * number, 8 + number) for number in range(6)]
    first = [episode(when, minutes=40) for when in times]
    second = [episode(when + 5 * MINUTE, OTHER, minutes=17) for when in times]

    follows = found(history(*first, *second, rules=(STUCK, OTHER)))["alert/cascading"]

    assert [subject.name for subject in follows.subjects] == ["RolloutStuck", "RolloutOther"]
    assert dict(follows.action.params) == {"source": "RolloutStuck", "target": "RolloutOther"}


@pytest.mark.parametrize(("count", "is_one"), [(20, True), (19, False)])
def test_an_alert_that_never_is_the_first_of_many_incidents_is_covered(count: int, *, is_one: bool) -> None:
    incidents = [Incident(f"INC-{number}", at(2 + 4 * number), at(2 + 4 * number, 14)) for number in range(count)]
    first = [episode(one.start, minutes=30, subject=("shop", "cart")) for one in incidents]
    second = [episode(one.start + 9 * MINUTE, OTHER, minutes=10) for one in incidents]

    findings = found(history(*first, *second, rules=(STUCK, OTHER)), *incidents)

    assert ("alert/duplicate" in findings) is is_one
    if is_one:
        assert dict(findings["alert/duplicate"].summary.params)["cover"] == "RolloutStuck"


def test_a_threshold_of_the_settings_counts() -> None:
    strict = replace(JUDGING, thresholds=replace(JUDGING.thresholds, chronic_time=30 * DAY))
    endless = history(episode(at(3), minutes=9 * 24 * 60))

    review = review_of(endless, strict)

    assert [finding for check in ALERT_CHECKS for finding in check.finds(review)] == []
