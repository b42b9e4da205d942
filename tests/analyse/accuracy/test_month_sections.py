"""What the report says of the days before it."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from maintainer.analyse.accuracy.month import month
from maintainer.analyse.accuracy.month_sections import month_figures, month_sections, unread_month
from maintainer.analyse.accuracy.samples import Sample
from maintainer.model.facts import Unavailable
from maintainer.model.message import Message, message
from maintainer.model.sections import Calendar, Section, Table, Text
from maintainer.render.words import load, say
from tests.analyse.accuracy.sampled import at, sample

ENGLISH, SEOUL = load("en"), ZoneInfo("Asia/Seoul")
CART = "Rollout/checkout/cart"


def made(*samples: Sample) -> Sequence[Section]:
    return tuple(month_sections(month(samples, SEOUL, since=at(1, 0), now=at(6)), SEOUL))


def words(cells: Sequence[object]) -> list[str]:
    return [say(ENGLISH, cell) for cell in cells if isinstance(cell, Message)]


def good(*days: int) -> list[Sample]:
    return [sample(at(day)) for day in days]


def test_a_good_month_is_a_calendar_alone() -> None:
    (calendar,) = made(*good(1, 2, 3, 4, 5, 6))

    assert isinstance(calendar, Calendar)
    assert words(calendar.lead) == ["On 6 of 6 days, everything that was compared agreed."]
    assert {day.tone for day in calendar.days} == {"ok"}


def test_what_came_and_went_is_told_with_its_times_in_the_zone_of_the_settings() -> None:
    _, table = made(*good(1), sample(at(2), CART), sample(at(3), silent=[(at(2, 1), at(2, 6))]))

    assert isinstance(table, Table)
    assert [words(row) for row in table.rows] == [
        [
            "Wrong phase",
            "checkout/cart",
            "between 2026-10-01 15:00 and 2026-10-02 15:00",
            "between 2026-10-02 15:00 and 2026-10-03 15:00",
        ],
        ["No scrapes", "the controller, for 5 h", "2026-10-02 10:00", "2026-10-02 15:00"],
    ]


def test_a_difference_without_a_sample_before_and_after_says_so() -> None:
    _, table = made(sample(at(2), CART))
    assert isinstance(table, Table)
    assert words(table.rows[0])[2:] == [
        "at 2026-10-02 15:00 or before: no earlier sample",
        "still there in the last sample, at 2026-10-02 15:00",
    ]


def test_the_lead_counts_the_days_that_are_not_good() -> None:
    calendar, _ = made(
        sample(at(2), CART), sample(at(3), not_checked=["accuracy/phase"]), sample(at(6), silent=[(at(4, 0), at(4, 1))])
    )
    assert isinstance(calendar, Calendar)
    assert {day.date.day: words([day.note]) for day in calendar.days if day.note} == {
        3: ["metrics not read"],
        4: ["1 h"],
    }
    assert words(calendar.lead) == [
        "On 1 of 6 days, everything that was compared agreed.",
        "On one day something differed.",
        "One day could not be compared in full. It does not count as agreeing.",
        "One day has no sample, so nothing is known of it.",
        "One day is before the first sample.",
        "For 1 h, the controller was not scraped: graphs have a gap there, and alerts about Rollouts could not fire.",
    ]


def test_time_in_which_nobody_looked_for_scrapes_is_told() -> None:
    (calendar,) = made(replace(sample(at(1)), looked=None), replace(sample(at(6, 0)), looked=None))
    assert isinstance(calendar, Calendar)
    assert words(calendar.lead)[-1].startswith("For 120 h, it is not known whether anything was scraped: ")


def test_many_subjects_are_counted() -> None:
    _, table = made(*good(1), sample(at(2), *(f"Rollout/a/{number}" for number in range(5))), *good(3))
    assert isinstance(table, Table)
    assert words(table.rows[0])[1] == "a/0, a/1, a/2 and 2 more"


def test_only_what_is_over_is_counted_in_the_summary() -> None:
    over = month([*good(1), sample(at(2), CART), *good(3), sample(at(4), CART)], SEOUL, since=at(1, 0), now=at(6))
    assert month_figures(over) == {"days.differences-over": 1, "days.hours-without-scrapes": 0.0}


def test_an_archive_that_cannot_be_read_is_told_in_place_of_the_days() -> None:
    (section,) = unread_month((Unavailable("archive", message("gap/no-rollouts")),))
    assert isinstance(section, Text)
    assert words(section.paragraphs)[0].startswith("The samples of the days could not be read from the store: ")
