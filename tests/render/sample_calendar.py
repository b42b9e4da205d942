"""A calendar of a few days over the end of a month: 2026-10-30 is a Friday."""

from datetime import date, timedelta

from maintainer.model.message import message
from maintainer.model.sections import Calendar, CalendarDay, Tone
from tests.render.sample_report import text

LABELS: tuple[tuple[str, Tone | None], ...] = (("Agreed", "ok"), ("Differed", "error"), ("Not yet", None))


def calendar() -> Calendar:
    hours = message("month/day.silent", time=message("month/hours", count=5))
    first = date(2026, 10, 30)
    days = (
        CalendarDay(first + timedelta(days=number), text(label), tone, hours if tone == "error" else None)
        for number, (label, tone) in enumerate(LABELS)
    )
    return Calendar(
        text("Days"), (text("Two days."),), (*days, CalendarDay(first + timedelta(days=3), text("Not yet")))
    )
