"""When a schedule fires, also when the clocks change, and which schedules are refused."""

import re
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.triggers import next_fire, schedule_problem
from tests.settings.schedules import Written, fires, written

pytestmark = pytest.mark.extended

CHANGES = {
    "Asia/Seoul": "2026-03-08",
    "America/New_York": "2026-03-08",
    "America/Chicago": "2026-11-01",
    "Europe/Zurich": "2026-10-25",
    "America/Santiago": "2026-09-06",  # midnight is left out
    "America/Havana": "2026-11-01",  # midnight is repeated
    "Africa/Cairo": "2026-04-24",  # midnight is left out, east of Greenwich
    "Australia/Lord_Howe": "2026-04-05",  # half an hour is repeated
    "Antarctica/Casey": "2022-03-13",  # three hours are repeated
    "Pacific/Apia": "2011-12-30",  # a day is left out
}
"""A day in each of these zones, on which its clocks change if they ever do."""

TAKEN = st.builds(written, st.randoms(use_true_random=False))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def shown(expression: str, zone: str, day: str, days: int = 1) -> list[str]:
    """The fires of some days, as a clock in the zone shows them, with its distance to UTC."""
    start = at(day).replace(tzinfo=ZoneInfo(zone))
    found = fires(expression, zone, start - timedelta(seconds=1), start + timedelta(days=days, seconds=-1))
    return [f"{fire.astimezone(ZoneInfo(zone)):%m-%d %H:%M %z}" for fire in found]


@pytest.mark.parametrize("zone", CHANGES)
@settings(max_examples=25, deadline=None)
@given(schedule=TAKEN, minutes=st.integers(-3000, 1500))
def test_a_schedule_fires_whenever_a_clock_on_the_wall_shows_its_time(
    zone: str, schedule: Written, minutes: int
) -> None:
    start = at(CHANGES[zone]).replace(tzinfo=UTC) + timedelta(minutes=minutes)
    span = [start + timedelta(minutes=minute) for minute in range(1, 24 * 60 + 1)]
    expected = [time for time in span if schedule.means(time.astimezone(ZoneInfo(zone)))]

    assert list(fires(schedule.text, zone, start, span[-1])) == expected


@pytest.mark.parametrize(
    ("expression", "day", "expected"),
    [
        pytest.param("30 2 * * *", "2026-03-08", [], id="a time that is left out does not come"),
        pytest.param("30 3 * * *", "2026-03-08", ["03-08 03:30 -0400"], id="the hour after it comes once"),
        pytest.param("30 1 * * *", "2026-11-01", ["11-01 01:30 -0400", "11-01 01:30 -0500"], id="one comes twice"),
        pytest.param("0 9 1 11 *", "2026-11-01", ["11-01 09:00 -0500"], id="9 o'clock is 9 o'clock"),
    ],
)
def test_the_clocks_of_new_york_change(expression: str, day: str, expected: list[str]) -> None:
    assert shown(expression, "America/New_York", day) == expected


def test_in_the_first_of_two_equal_hours_the_second_is_still_to_come() -> None:
    now = at("2026-11-01T05:45Z")  # 1:45 in New York, for the first time

    assert next_fire("30 1 * * *", "America/New_York", now) == at("2026-11-01T06:30Z")


def test_29_february_comes_in_leap_years_also_around_2100() -> None:
    found = fires("0 6 29 2 *", "UTC", at("2027-01-01T00:00Z"), at("2033-01-01T00:00Z"))

    assert [fire.date().isoformat() for fire in found] == ["2028-02-29", "2032-02-29"]
    assert next_fire("0 6 29 2 *", "UTC", at("2096-02-29T06:00Z")) == at("2104-02-29T06:00Z")


def test_a_fire_is_not_after_itself() -> None:
    fire = at("2026-12-01T00:00Z")  # 9:00 in Seoul

    assert next_fire("0 9 1 * *", "Asia/Seoul", fire) == at("2027-01-01T00:00Z")
    assert next_fire("0 9 1 * *", "Asia/Seoul", fire - timedelta(microseconds=1)) == fire


@pytest.mark.parametrize("expression", ["0 6 * * *", "0 9 1 * *", "0 9 1 1,4,7,10 *", "0 9 1 1,7 *", " 0  6 * *  * "])
def test_the_defaults_are_taken(expression: str) -> None:
    assert schedule_problem(expression) == ""


@given(TAKEN)
def test_every_form_that_is_taken_is_taken(schedule: Written) -> None:
    assert schedule_problem(schedule.text) == ""


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        pytest.param("@monthly", "5 fields", id="a word for a schedule"),
        pytest.param("", "5 fields", id="nothing"),
        pytest.param("TZ=UTC 0 6 * * *", "schedule.timeZone", id="a time zone"),
        pytest.param("CRON_TZ=UTC 0 6 * * *", "schedule.timeZone", id="another time zone"),
        pytest.param("0 0 6 * * *", "5 fields", id="seconds"),
        pytest.param("0 6 1 * mon", "a day of the month and a weekday", id="two kinds of days"),
        pytest.param("0 6 */2 * mon", "a day of the month and a weekday", id="each second day and a weekday"),
        pytest.param("0 6 31 2 *", "never comes", id="31 February"),
        pytest.param("0 6 31 2,4-4,jun *", "never comes", id="the 31st of short months"),
        pytest.param("0 6 * * 8", "'8'", id="a number of a weekday that nobody knows"),
        pytest.param("0 6 * * */2", "'*/2'", id="each second weekday"),
        pytest.param("0 6 * * mon-fri/2", "'mon-fri/2'", id="a step of weekdays"),
        pytest.param("0 6 * jan/2 *", "'jan/2'", id="a step from a month"),
        pytest.param("0 6 * jan-3 *", "'jan-3'", id="a name and a number"),
        pytest.param("0 6 * * MON", "'MON'", id="upper case"),
        pytest.param("0 6 * JAN *", "'JAN'", id="a month in upper case"),
        pytest.param("0 6 L * *", "'L'", id="the last day"),
        pytest.param("0 6 last * *", "'last'", id="the last day as APScheduler has it"),
        pytest.param("0 6 15W * *", "'15W'", id="the nearest workday"),
        pytest.param("0 6 * * mon#1", "'mon#1'", id="the first Monday"),
        pytest.param("0 6 ? * *", "'?'", id="a question mark"),
        pytest.param("0 6 *,5 * *", "'*'", id="all and one more"),
        pytest.param("0,,5 6 * * *", "''", id="nothing in a list"),
        pytest.param("0 24 * * *", "0 to 23", id="an hour that is too late"),
        pytest.param("60 6 * * *", "0 to 59", id="a minute that is too late"),
        pytest.param("0 6 0 * *", "1 to 31", id="a day that is too early"),
        pytest.param("0 6 * 13 *", "1 to 12", id="a month too many"),
        pytest.param("-5 6 * * *", "'-5'", id="below nothing"),
        pytest.param("+5 6 * * *", "'+5'", id="a sign"),
        pytest.param("005 6 * * *", "'005'", id="three digits"),
        pytest.param("٣ 6 * * *", "'٣'", id="digits of another script"),
        pytest.param("*/0 6 * * *", "from 1 to 59", id="a step of nothing"),
        pytest.param("*/60 6 * * *", "from 1 to 59", id="a step over the end"),
        pytest.param("0 9-12/4 * * *", "from 1 to 3", id="a step over the end of a range"),
        pytest.param("50/15 6 * * *", "from 1 to 9", id="a step over the end without a range"),
        pytest.param("59/1 6 * * *", "from 1 to 0", id="a step from the end"),
        pytest.param("0 6 * * *\n", r"\n", id="a line break"),
        pytest.param("0\t6 * * *", "5 fields", id="a tab"),
        pytest.param("0 6 * * *\u2003", "'*\\u2003'", id="a wide space"),
        pytest.param("1/2/3 6 * * *", "'1/2/3'", id="two steps"),
        pytest.param("1-2-3 6 * * *", "'1-2-3'", id="two hyphens"),
    ],
)
def test_what_is_not_read_alike_is_refused_with_the_reason(expression: str, reason: str) -> None:
    assert reason in schedule_problem(expression)


@pytest.mark.parametrize(
    ("field", "position", "written_instead"),
    [
        pytest.param("0", 4, "sun", id="0 is Sunday in cron, and Monday in APScheduler"),
        pytest.param("7", 4, "sun", id="7"),
        pytest.param("1", 4, "mon", id="1"),
        pytest.param("1-5", 4, "mon,tue,wed,thu,fri", id="a range of numbers"),
        pytest.param("5-7", 4, "fri,sat,sun", id="a range to 7"),
        pytest.param("0-6", 4, "sun,mon,tue,wed,thu,fri,sat", id="all numbers"),
        pytest.param("sun-tue", 4, "sun,mon,tue", id="from Sunday, which only Kubernetes knows"),
        pytest.param("sat-sun", 4, "sat,sun", id="to Sunday, which only APScheduler knows"),
        pytest.param("fri-mon", 4, "fri,sat,sun,mon", id="over the weekend"),
        pytest.param("22-2", 1, "22,23,0,1,2", id="over midnight"),
        pytest.param("nov-feb", 3, "nov,dec,jan,feb", id="over the year"),
        pytest.param("5/15", 0, "5-59/15", id="a step without a range"),
        pytest.param("2/7", 2, "2-31/7", id="a step of days without a range"),
    ],
)
def test_a_refusal_says_what_to_write_and_that_is_taken(field: str, position: int, written_instead: str) -> None:
    fields = ["0", "6", "*", "*", "*"]
    problem = schedule_problem(" ".join([*fields[:position], field, *fields[position + 1 :]]))

    assert f"{field!r}" in problem
    assert problem.endswith(f"write {written_instead}")
    assert schedule_problem(" ".join([*fields[:position], written_instead, *fields[position + 1 :]])) == ""


@given(st.text("0123456789*/-, ?LW#@+monsujaTZ=\t\n", max_size=20) | st.text(max_size=12))
def test_what_is_refused_has_a_reason_in_one_line(expression: str) -> None:
    problem = schedule_problem(expression)

    assert not problem or re.fullmatch(r"(it|the) .*", problem)


@given(
    schedule=TAKEN,
    places=st.lists(st.tuples(st.integers(0, 40), st.sampled_from(list("0159*/-, ?Lmonsu"))), max_size=3),
)
def test_whatever_is_taken_fires(schedule: Written, places: list[tuple[int, str]]) -> None:
    text = schedule.text
    for place, character in places:
        text = text[: place % (len(text) + 1)] + character + text[place % (len(text) + 1) :]

    assert schedule_problem(text) or next_fire(text, "Asia/Seoul", at("2026-11-30T00:00Z"))


def test_a_random_schedule_has_all_forms() -> None:
    texts = {written(Random(seed)).text for seed in range(300)}

    assert all(any(form in text for text in texts) for form in ("*/", "-", ",", "/", "mon", "jan", "02"))
