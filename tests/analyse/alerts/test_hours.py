"""Night, work and off hours: each minute is of exactly one kind, whatever the clocks do."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.alerts.hours import KINDS, MINUTE, DaySpan, Hours
from maintainer.analyse.alerts.wilson import wilson

ZONES = ("Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
SEOUL = Hours(DaySpan(22 * 60, 7 * 60), DaySpan(9 * 60, 18 * 60), ZoneInfo("Asia/Seoul"))


def millis(year: int, month: int, day: int, hour: int = 0, minute: int = 0, *, zone: str = "Asia/Seoul") -> int:
    return round(datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("moment", "kind"),
    [
        ((2026, 8, 3, 6, 59), "night"),
        ((2026, 8, 3, 7, 0), "off"),
        ((2026, 8, 3, 9, 0), "work"),
        ((2026, 8, 3, 17, 59), "work"),
        ((2026, 8, 3, 18, 0), "off"),
        ((2026, 8, 3, 22, 0), "night"),
        ((2026, 8, 1, 12, 0), "off"),
        ((2026, 8, 2, 23, 0), "night"),
    ],
)
def test_the_kind_of_an_hour_is_what_the_clock_on_the_wall_says(
    moment: tuple[int, int, int, int, int], kind: str
) -> None:
    assert SEOUL.kind(millis(*moment)) == kind


def test_night_comes_before_work() -> None:
    hours = Hours(DaySpan(22 * 60, 10 * 60), DaySpan(9 * 60, 18 * 60), ZoneInfo("Asia/Seoul"))

    assert hours.kind(millis(2026, 8, 3, 9, 30)) == "night"


def test_an_empty_span_has_no_minute() -> None:
    hours = Hours(DaySpan(0, 0), DaySpan(0, 24 * 60), ZoneInfo("UTC"))

    day = millis(2026, 8, 3, zone="UTC"), millis(2026, 8, 4, zone="UTC")

    assert hours.minutes(*day) == {"night": 0, "work": 24 * 60, "off": 0}


def test_the_night_in_which_the_clocks_are_put_back_is_an_hour_longer() -> None:
    berlin = Hours(DaySpan(22 * 60, 7 * 60), DaySpan(9 * 60, 18 * 60), ZoneInfo("Europe/Berlin"))
    noon, next_noon = (millis(2026, 10, day, 12, zone="Europe/Berlin") for day in (24, 25))

    assert berlin.minutes(noon, next_noon)["night"] == 10 * 60


SPANS = st.builds(DaySpan, st.integers(0, 1439), st.integers(0, 1440))
STARTS = st.integers(26_000_000, 31_000_000)
"""Minutes since 1970: the years from 2019 to 2028."""


@settings(max_examples=40, deadline=None)
@given(STARTS, st.integers(0, 3 * 1440), SPANS, SPANS, st.sampled_from(ZONES))
def test_each_minute_is_counted_once_as_the_clock_on_the_wall_says(
    start: int, length: int, night: DaySpan, work: DaySpan, zone: str
) -> None:
    hours = Hours(night, work, ZoneInfo(zone))

    counted = hours.minutes(start * MINUTE, (start + length) * MINUTE)

    each = Counter(hours.kind((start + number) * MINUTE) for number in range(length))
    assert sum(counted.values()) == length
    assert counted == {kind: each[kind] for kind in KINDS}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
def test_the_minutes_of_a_quarter_are_all_minutes_of_it(zone: str) -> None:
    hours = Hours(DaySpan(22 * 60, 7 * 60), DaySpan(9 * 60, 18 * 60), ZoneInfo(zone))
    start, end = millis(2026, 10, 1, zone=zone), millis(2027, 1, 1, zone=zone)

    assert sum(hours.minutes(start, end).values()) == (end - start) // MINUTE


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(31, 40, 62.5, 87.7), (18, 20, 69.9, 97.2), (3, 4, 30.1, 95.4), (0, 9, 0.0, 29.9), (0, 30, 0.0, 11.4)],
)
def test_the_interval_of_a_share_is_wilsons(count: int, of: int, low: float, high: float) -> None:
    assert [round(100 * share, 1) for share in wilson(count, of)] == [low, high]


def test_of_no_case_every_share_is_possible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
