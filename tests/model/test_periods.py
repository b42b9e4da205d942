"""The periods of the calendar: years, time zones, and changes to and from daylight saving time."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.model.periods import Span, is_day, period_before, period_of

ZONES = [
    "UTC",
    "Asia/Seoul",
    "Europe/Zurich",
    "America/New_York",
    "America/Asuncion",
    "America/Havana",
    "Asia/Amman",
    "Pacific/Apia",
    "Asia/Kolkata",
    "Pacific/Chatham",
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("now", "zone", "label"),
    [
        pytest.param("2026-11-15T12:00:00Z", "UTC", "2026-10", id="in the middle"),
        pytest.param("2027-01-01T00:00:00Z", "UTC", "2026-12", id="a new year"),
        pytest.param("2026-12-31T15:00:00Z", "Asia/Seoul", "2026-12", id="a new year in Seoul only"),
        pytest.param("2026-12-31T15:00:00Z", "UTC", "2026-11", id="the same instant in UTC"),
        pytest.param("2026-10-31T15:00:00Z", "Asia/Seoul", "2026-10", id="the first instant in Seoul"),
        pytest.param("2026-10-31T14:59:59.999999Z", "Asia/Seoul", "2026-09", id="the last instant in Seoul"),
        pytest.param("2026-11-01T00:00:00+09:00", "UTC", "2026-09", id="a time given in Seoul, asked in UTC"),
        pytest.param("2026-11-01T03:59:59Z", "America/New_York", "2026-09", id="still October in New York"),
        pytest.param("2026-11-01T04:00:00Z", "America/New_York", "2026-10", id="November in New York"),
        pytest.param("2028-03-01T00:00:00Z", "UTC", "2028-02", id="a leap year"),
        pytest.param("2026-03-31T12:00:00Z", "UTC", "2026-02", id="the 31st"),
    ],
)  # fmt: skip
def test_the_last_complete_month(now: str, zone: str, label: str) -> None:
    period = period_before("month", at(now), zone)

    assert (period.label, period.time_zone) == (label, zone)


@pytest.mark.parametrize(
    ("now", "zone", "start", "end"),
    [
        pytest.param("2026-11-01T00:30Z", "Asia/Seoul", "2026-09-30T15:00Z", "2026-10-31T15:00Z", id="no change"),
        pytest.param("2026-04-10T00:00Z", "Europe/Zurich", "2026-02-28T23:00Z", "2026-03-31T22:00Z", id="less"),
        pytest.param("2026-11-10T00:00Z", "Europe/Zurich", "2026-09-30T22:00Z", "2026-10-31T23:00Z", id="more"),
        pytest.param("2026-11-01T08:00Z", "America/New_York", "2026-10-01T04:00Z", "2026-11-01T04:00Z", id="first"),
        pytest.param("2023-10-20T00:00Z", "America/Asuncion", "2023-09-01T04:00Z", "2023-10-01T04:00Z", id="none"),
        pytest.param("2023-11-20T00:00Z", "America/Asuncion", "2023-10-01T04:00Z", "2023-11-01T03:00Z", id="after"),
        pytest.param("2020-11-20T00:00Z", "America/Havana", "2020-10-01T04:00Z", "2020-11-01T04:00Z", id="two"),
        pytest.param("2020-11-01T05:30Z", "America/Havana", "2020-10-01T04:00Z", "2020-11-01T04:00Z", id="between"),
    ],
)
def test_a_month_begins_and_ends_at_its_zones_midnight(now: str, zone: str, start: str, end: str) -> None:
    period = period_before("month", at(now), zone)

    assert [time.astimezone(UTC) for time in (period.start, period.end)] == [at(start), at(end)]


TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(TIMES, st.sampled_from(ZONES))
def test_now_is_in_the_month_after_the_period(now: datetime, zone: str) -> None:
    period = period_before("month", now, zone)
    local = now.astimezone(ZoneInfo(zone))

    assert period.start < period.end <= now
    assert (period.end.year, period.end.month) == (local.year, local.month)
    assert period.label == f"{period.start:%Y-%m}"
    assert timedelta(days=27, hours=23) <= period.end.astimezone(UTC) - period.start.astimezone(UTC)


@given(TIMES, st.sampled_from(ZONES))
def test_the_period_does_not_depend_on_the_time_zone_of_now(now: datetime, zone: str) -> None:
    assert {period_before("month", now.astimezone(ZoneInfo(other)), zone) for other in ZONES} == {
        period_before("month", now, zone)
    }


@pytest.mark.parametrize("zone", ZONES)
def test_months_follow_each_other_without_a_gap(zone: str) -> None:
    days = [datetime(year, month, 15, tzinfo=UTC) for year in range(2019, 2028) for month in range(1, 13)]
    periods = [period_before("month", day, zone) for day in days]

    assert all(period.end.astimezone(UTC) == other.start.astimezone(UTC) for period, other in pairwise(periods))


SPANS: list[Span] = ["day", "month", "quarter", "half"]


@given(TIMES, st.sampled_from(ZONES), st.sampled_from(SPANS))
def test_periods_of_a_length_follow_each_other_and_sort_by_their_labels(now: datetime, zone: str, span: Span) -> None:
    before, period = period_before(span, now, zone), period_of(span, now, zone)

    assert before.end.astimezone(UTC) == period.start.astimezone(UTC)
    assert period.start <= now or period.start.date() == now.astimezone(ZoneInfo(zone)).date()
    assert now < period.end
    assert before.label < period.label
    assert is_day(period.label) == (span == "day")


@pytest.mark.parametrize(
    ("span", "label"), [("day", "2028-02-29"), ("month", "2028-02"), ("quarter", "2028-Q1"), ("half", "2028-H1")]
)
def test_the_labels_of_a_leap_day(span: Span, label: str) -> None:
    assert period_of(span, at("2028-02-29T14:59Z"), "Asia/Seoul").label == label


@pytest.mark.parametrize(
    ("span", "label"), [("day", "2027-12-31"), ("month", "2027-12"), ("quarter", "2027-Q4"), ("half", "2027-H2")]
)
def test_the_labels_before_a_new_year(span: Span, label: str) -> None:
    assert period_before(span, at("2028-01-01T00:00+09:00"), "Asia/Seoul").label == label
