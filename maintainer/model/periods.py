"""The periods of the calendar in a time zone: days, months, quarters and half years."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from maintainer.model.report import Period

Span = Literal["day", "month", "quarter", "half"]

_MONTHS: Mapping[Span, int] = {"month": 1, "quarter": 3, "half": 6}


def period_of(span: Span, at: datetime, time_zone: str) -> Period:
    """The period that this time is in, from its first midnight to before its end.

    Its label is ``2026-10-31``, ``2026-10``, ``2026-Q4`` or ``2026-H2``: of two periods of the same length, the label
    of the later one is the greater string.
    """
    return _period(span, at.astimezone(ZoneInfo(time_zone)).date(), time_zone)


def period_before(span: Span, at: datetime, time_zone: str) -> Period:
    """The last period that is complete at this time."""
    start = period_of(span, at, time_zone).start.date()
    return _period(span, start - timedelta(days=1), time_zone)


def period_named(span: Span, label: str, time_zone: str) -> Period | None:
    """The period of this label; ``None`` if it is no label of such a period."""
    match = re.fullmatch(r"(\d{4})-(?:Q([1-4])|H([12])|(\d\d)(?:-(\d\d))?)", label)
    if match is None:
        return None
    year, quarter, half, month, day = match.groups()
    first = 3 * int(quarter) - 2 if quarter else 6 * int(half) - 5 if half else int(month)
    try:
        period = _period(span, date(int(year), first, int(day or 1)), time_zone)
    except (ValueError, OverflowError):
        return None
    return period if period.label == label else None


def is_day(label: str) -> bool:
    """Whether this is the label of a day."""
    return label.count("-") == 2


def _period(span: Span, day: date, time_zone: str) -> Period:
    zone = ZoneInfo(time_zone)
    if span == "day":
        first, end, label = day, day + timedelta(days=1), day.isoformat()
    else:
        length = _MONTHS[span]
        number = (day.month - 1) // length
        first, end = _first_of(day.year, number * length), _first_of(day.year, (number + 1) * length)
        name = {"month": f"{day.month:02}", "quarter": f"Q{number + 1}", "half": f"H{number + 1}"}[span]
        label = f"{day.year:04}-{name}"
    start, end_of_it = (datetime(moment.year, moment.month, moment.day, tzinfo=zone) for moment in (first, end))
    return Period(label, start, end_of_it, time_zone)


def _first_of(year: int, month: int) -> date:
    """The first day of a month, counted from 0, also beyond the year."""
    return date(year + month // 12, month % 12 + 1, 1)
