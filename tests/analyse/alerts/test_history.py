"""The history of a quarter from the days that the archive has; nothing that was not read counts as quiet."""

from dataclasses import replace

from maintainer.analyse.alerts.history import alert_history
from maintainer.model.alerts import DAY, HOUR, MINUTE, HourCoverage, Impact, ImpactRun, LeftSide, Run
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import message
from tests.analyse.alerts.harvested import RULE, START, WEB, day, episode, lines


def test_days_that_follow_each_other_leave_nothing_out() -> None:
    history = alert_history(lines(day(0), day(1), day(2)), START, START + 3 * DAY)

    assert history.missing == ()
    assert history.rules == {RULE.version: RULE}
    assert history.loaded == {RULE.version: Run(START, START + 3 * DAY)}
    assert [hour.start for hour in history.coverage] == [START + hour * HOUR for hour in range(-1, 72)]


def test_days_that_were_not_harvested_are_missing() -> None:
    history = alert_history(lines(day(1), day(3)), START, START + 6 * DAY)

    assert [(time.start, time.end) for time in history.missing] == [
        (START, START + DAY),
        (START + 2 * DAY, START + 3 * DAY),
        (START + 4 * DAY, START + 6 * DAY),
    ]
    assert {time.reason.id for time in history.missing} == {"harvest/not-harvested"}


def test_an_archive_without_harvests_misses_everything() -> None:
    other = ArchiveLine("production", "accuracy", lines(day())[0].at, {})

    history = alert_history([other], START, START + DAY)
    assert [(time.start, time.end) for time in history.missing] == [(START, START + DAY)]


def test_what_a_day_could_not_read_is_missing_with_its_reason() -> None:
    why = message("gap/prometheus-not-found")
    history = alert_history(lines(day(unread={"outcomes": why})), START, START + DAY)

    (missing,) = history.missing
    assert (missing.start, missing.end) == (START, START + DAY)
    assert missing.reason == message("harvest/unread.outcomes", why=why)


def test_a_damaged_line_is_missing_and_the_others_are_used() -> None:
    first, *others = lines(day())
    broken = replace(first, data={"v": 1})

    history = alert_history([broken, *others], START, START + DAY)
    assert [time.reason.id for time in history.missing] == [f"harvest/unread.{first.kind.removeprefix('alerts/')}"]
    assert len(history.coverage) == 25


def test_an_episode_over_midnight_is_one() -> None:
    midnight = START + DAY
    begun = replace(
        episode(midnight - 30 * MINUTE, midnight - MINUTE, fired=midnight - 15 * MINUTE), end="open", resolved_at=None
    )
    ended = episode(midnight - 30 * MINUTE, midnight + 10 * MINUTE, fired=midnight - 15 * MINUTE)

    (joined,) = alert_history(
        lines(day(0, episodes=(begun,)), day(1, episodes=(ended,))), START, START + 2 * DAY
    ).episodes
    assert (joined.active_at, joined.last, joined.end) == (ended.active_at, ended.last, "resolved")


def test_an_hour_is_covered_as_the_later_day_has_read_it() -> None:
    hour = START + 23 * HOUR
    early = day(0, coverage=(HourCoverage(hour, 0.4),))
    late = day(1, coverage=(HourCoverage(hour, 1.0), HourCoverage(hour + HOUR, 0.5)))

    assert [each.evaluated for each in alert_history(lines(early, late), START, START + 2 * DAY).coverage] == [1.0, 0.5]


def test_left_sides_of_days_are_one() -> None:
    def side(*values: tuple[int, int, float]) -> LeftSide:
        return LeftSide(RULE.version, WEB, 30_000, ">", 1.0, 4.0, values)

    first = side((START, START + MINUTE, 2.0))
    second = side((START, START + MINUTE, 2.0), (START + DAY, START + DAY, 3.0))
    (joined,) = alert_history(
        lines(day(0, left_sides=(first,)), day(1, left_sides=(second,))), START, START + 2 * DAY
    ).left_sides
    assert joined.values == second.values


def test_days_on_which_nobody_asked_how_users_fared_are_no_days_without_harm() -> None:
    run, seen = ImpactRun(WEB, START + DAY, START + DAY + HOUR), Run(START + DAY - HOUR, START + DAY + 6 * HOUR)
    asked = day(1, impact=Impact((run,), (seen,)))
    failed = day(2, unread={"impact": message("harvest/no-heartbeat")})
    known = alert_history(lines(day(0), asked, failed), START, START + 3 * DAY)

    assert known.impact == Impact((run,), (seen,))
    assert known.impact_unseen == (Run(START + DAY + 6 * HOUR, START + 2 * DAY), Run(START + 2 * DAY, START + 3 * DAY))
    assert [gap.reason.id for gap in known.missing] == ["harvest/unread.impact"]
