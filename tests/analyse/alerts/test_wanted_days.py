"""Which days a harvest reads."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from maintainer.analyse.alerts.wanted_days import MOST_DAYS, wanted_days
from maintainer.model.alert_archive import harvested_days
from tests.analyse.alerts.harvested import day, lines

SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 10, 5, 3, tzinfo=UTC)
"""The noon of the fifth day of the days of the tests, in Seoul."""


def dates(days: tuple[tuple[int, int], ...], zone: ZoneInfo = SEOUL) -> list[str]:
    return [datetime.fromtimestamp(start / 1000, zone).strftime("%m-%d") for start, _ in days]


def test_the_days_that_are_over_and_not_in_the_archive_are_read() -> None:
    assert dates(wanted_days((day(0), day(2)), NOON, SEOUL)) == ["10-02", "10-04"]


def test_a_day_whose_writing_was_interrupted_is_read_again() -> None:
    (half,) = harvested_days(lines(day(3))[1:])
    assert dates(wanted_days((day(0), day(1), day(2), half), NOON, SEOUL)) == ["10-04"]


def test_without_an_archive_a_quarter_is_looked_back() -> None:
    assert len(wanted_days((), NOON, SEOUL)) == MOST_DAYS


def test_what_was_before_the_first_harvest_is_left_alone() -> None:
    assert dates(wanted_days((day(3),), NOON, SEOUL)) == []


def test_a_day_that_has_just_ended_waits_for_its_last_samples() -> None:
    midnight = datetime(2026, 10, 5, tzinfo=SEOUL)
    assert dates(wanted_days((day(2),), midnight + timedelta(minutes=5), SEOUL)) == []
    assert dates(wanted_days((day(2),), midnight + timedelta(minutes=15), SEOUL)) == ["10-04"]


def test_days_are_as_long_as_the_clocks_make_them() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    days = wanted_days((), datetime(2026, 10, 27, 12, tzinfo=UTC), berlin)
    hours = {start: (end - start) / 3_600_000 for start, end in days}
    assert dates(tuple(each for each in days if hours[each[0]] == 25), berlin) == ["10-25"]
    assert all(end == later for (_, end), (later, _) in pairwise(days))
