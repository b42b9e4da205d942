"""When a rule was evaluated, by the hours of the archive."""

from maintainer.analyse.alerts.archived_evaluations import archived_evaluations
from maintainer.analyse.alerts.evaluations import hour_coverage
from maintainer.model.alerts import HOUR, Heartbeat, HourCoverage, Run
from tests.analyse.alerts.builders import episode, ms, rule

RULE = rule()
TIME = Run(ms(0), ms(6 * 60) - 1)


def hours(*runs: tuple[float, float], starts: tuple[float, ...] = ()) -> tuple[HourCoverage, ...]:
    """What is archived of six hours."""
    beat = Heartbeat(tuple(Run(ms(first), ms(last)) for first, last in runs), tuple(map(ms, starts)))
    return hour_coverage({RULE.group: beat}, TIME.first, TIME.last + 1)


def test_evaluations_that_were_not_seen_are_skipped_to_the_minute() -> None:
    found = archived_evaluations(RULE, hours((0, 90), (100, 200), (330, 359)), TIME, ())

    assert found.skipped == (Run(ms(91), ms(99)), Run(ms(201), ms(329)))
    assert (found.outages, found.end) == ((), ms(360))


def test_where_nothing_is_missing_every_evaluation_was_made() -> None:
    found = archived_evaluations(RULE, hours((0, 359)), TIME, ())

    assert (found.skipped, found.outages) == ((), ())


def test_an_hour_that_is_not_archived_had_no_evaluation_but_for_those_that_alerts_show() -> None:
    archived = [hour for hour in hours((0, 359)) if hour.start != ms(120)]

    assert archived_evaluations(RULE, archived, TIME, ()).skipped == (Run(ms(120), ms(179)),)
    shown = archived_evaluations(RULE, archived, TIME, [episode(120, 179)])
    assert shown.skipped == ()


def test_an_older_archive_does_not_say_when_and_loses_no_evaluation() -> None:
    old = [HourCoverage(ms(0) + hour * HOUR, 0.5, group=RULE.group) for hour in range(6)]

    assert archived_evaluations(RULE, old, TIME, ()).skipped == ()


def test_a_rule_of_which_no_hour_is_archived_is_taken_to_have_been_evaluated() -> None:
    other = [HourCoverage(ms(0), 1.0, group="other")]

    assert archived_evaluations(RULE, other, TIME, ()).skipped == ()


def test_a_start_of_prometheus_is_between_two_evaluations() -> None:
    found = archived_evaluations(RULE, hours((0, 100), (104, 359), starts=(102,)), TIME, ())

    assert [(run.first, run.last) for run in found.outages] == [(ms(100), ms(104))]
    assert found.skipped == ()
