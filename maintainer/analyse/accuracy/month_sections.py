"""The sections and figures of a report about the days before it: a calendar, and what came and went."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from maintainer.analyse.accuracy.month import NOTHING, Day, Month, PastDifference, State
from maintainer.analyse.accuracy.samples import Stretch
from maintainer.model.facts import Unavailable
from maintainer.model.message import Message, message
from maintainer.model.sections import Calendar, CalendarDay, Section, Table, Text, Tone

NAMED = 3
"""The subjects of a difference that a row names."""

LACKING: Mapping[str, Message] = {
    "cluster": message("month/lacking.cluster"),
    "prometheus": message("month/lacking.prometheus"),
    "comparison": message("month/lacking.comparison"),
}

OVERLOOKED = timedelta(hours=1)
"""So long may be between the time up to which a sample looked and the next one, without being told."""

TONES: Mapping[State, Tone | None] = {
    "agreed": "ok",
    "differed": "error",
    "silent": "warning",
    "unknown": "neutral",
    "none": "neutral",
    "before": None,
}


def month_figures(month: Month) -> Mapping[str, int | float]:
    """The figures of the days: how many differences are over, and for how many hours nothing was scraped."""
    return {
        "days.differences-over": sum(
            len(found.subjects) + found.more for found in month.differences if found.spell.after
        ),
        "days.hours-without-scrapes": _hours(_silent(month)),
    }


def month_sections(month: Month, zone: ZoneInfo) -> Iterator[Section]:
    """The calendar, and a table of what differed and when nothing was scraped, if there was any."""
    yield Calendar(
        title=message("month/title", first=str(month.days[0].date), last=str(month.days[-1].date)),
        lead=tuple(_lead(month)),
        days=tuple(map(_day, month.days)),
    )
    rows = (
        *(_difference(found, zone) for found in month.differences),
        *(_stretch(stretch, zone) for stretch in month.silent),
    )
    if rows:
        yield Table(
            title=message("month/events"),
            columns=tuple(message(f"month/column.{name}") for name in ("what", "where", "began", "ended")),
            rows=rows,
            lead=message("month/events.lead"),
        )


def unread_month(why: tuple[Unavailable, ...]) -> Iterator[Section]:
    """In place of the calendar: why the samples of the days could not be read."""
    yield Text(message("month/unread"), tuple(message("month/unread.why", why=fact.reason) for fact in why))


def _lead(month: Month) -> Iterator[Message]:
    states = [day.state for day in month.days]
    yield message("month/lead.agreed", count=states.count("agreed"), days=len(states))
    for state in ("differed", "unknown", "none", "before"):
        if state in states:
            yield message(f"month/lead.{state}", count=states.count(state))
    if silent := _silent(month):
        yield message("month/lead.silent", time=_length(silent))
    if month.unknown >= OVERLOOKED:
        yield message("month/lead.unlooked", time=_length(month.unknown))


def _silent(month: Month) -> timedelta:
    return sum((stretch.end - stretch.start for stretch in month.silent), NOTHING)


def _day(day: Day) -> CalendarDay:
    length = _length(day.silent) if day.silent else None
    note = LACKING.get(day.lacking)
    if length:
        note = length if day.state == "silent" else message("month/day.silent", time=length)
    return CalendarDay(day.date, message(f"month/state.{day.state}"), TONES[day.state], note)


def _difference(found: PastDifference, zone: ZoneInfo) -> tuple[Message, Message, Message, Message]:
    spell = found.spell
    began = (
        message("month/between", first=_moment(spell.before, zone), last=_moment(spell.first, zone))
        if spell.before
        else message("month/before", at=_moment(spell.first, zone))
    )
    ended = (
        message("month/between", first=_moment(spell.last, zone), last=_moment(spell.after, zone))
        if spell.after
        else message("month/still", at=_moment(spell.last, zone))
    )
    return message(f"month/check.{found.check}"), _subjects(found), began, ended


def _subjects(found: PastDifference) -> Message:
    names = ", ".join(subject.removeprefix("Rollout/") for subject in found.subjects[:NAMED])
    others = len(found.subjects) + found.more - NAMED
    return (
        message("month/subjects.more", names=names, count=others)
        if others > 0
        else message("month/subjects", names=names)
    )


def _stretch(stretch: Stretch, zone: ZoneInfo) -> tuple[Message, Message, Message, Message]:
    return (
        message("month/silent"),
        message("month/silent.where", time=_length(stretch.end - stretch.start)),
        message("month/at", at=_moment(stretch.start, zone)),
        message("month/at", at=_moment(stretch.end, zone)),
    )


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _hours(length: timedelta) -> float:
    return round(length.total_seconds() / 3600, 1)


def _length(length: timedelta) -> Message:
    """A length in hours, or in minutes where it is less than an hour."""
    if length < timedelta(hours=1):
        return message("month/minutes", count=max(1, round(length.total_seconds() / 60)))
    return message("month/hours", count=_hours(length))
