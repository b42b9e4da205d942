"""The times at which a schedule fires, such as ``0 9 1 1,7 *`` in Asia/Seoul.

The same schedule is read by two engines: by Kubernetes in a CronJob (robfig/cron), and here by APScheduler. They do not
agree on everything, so a schedule may only have the forms that both read alike: see :func:`schedule_problem`.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from heapq import merge
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a schedule: its name, the lowest and the highest value, and how values are written."""

    name: str
    first: int
    last: int
    forms: str
    names: tuple[str, ...] = ()
    has_numbers: bool = True


_FIELDS = {
    "minute": _Field("minute", 0, 59, "*, 0 to 59, a range (0-30) and a step (*/15, 0-30/15)"),
    "hour": _Field("hour", 0, 23, "*, 0 to 23, a range (9-17) and a step (*/6, 9-17/4)"),
    "day": _Field("day of the month", 1, 31, "*, 1 to 31, a range (1-7) and a step (*/7, 1-15/7)"),
    "month": _Field("month", 1, 12, "*, 1 to 12, jan to dec, a range (1-6, jan-jun) and a step (*/3, 1-12/3)", _MONTHS),
    "day_of_week": _Field("weekday", 0, 6, "*, mon to sun and a range (mon-fri)", _WEEK, has_numbers=False),
}
"""The fields in their order, by their names in APScheduler."""
_NUMBERS = re.compile(r"(?:\*|(?P<low>\d{1,2})(?:-(?P<high>\d{1,2}))?)(?:/(?P<step>\d{1,2}))?", re.ASCII)
_NAMES = re.compile(r"(?P<low>[a-z]{3})(?:-(?P<high>[a-z]{3}))?")


def schedule_problem(expression: str) -> str:
    """Why a schedule is refused, and what to write; "" for one that Kubernetes and APScheduler read alike."""
    try:
        _check(expression)
    except ValueError as error:
        return str(error)
    return ""


@lru_cache(maxsize=4096)
def next_fire(expression: str, zone: str, after: datetime) -> datetime | None:
    """The first fire after a time, in UTC; ``None`` after the year 9999. The schedule has no :func:`schedule_problem`.

    It is that of robfig/cron, also when the clocks change. APScheduler fires once in an hour that the clocks repeat,
    and at a wrong time in one that they leave out. So it is only asked which times of a clock on the wall the schedule
    means. A time that the clock shows twice fires twice, and one that it never shows does not fire. Where a day begins
    at 1:00 or clocks change by half an hour (Cairo, Lord Howe Island), robfig/cron leaves out some times of that day,
    or all, which the clock does show: here they fire.
    """
    local = after.astimezone(ZoneInfo(zone))
    # What the clock shows now, it may show for the first of two times: then the second times are still to come.
    first, second = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    start = local.replace(tzinfo=UTC) - (second - first)
    shown = merge(*(_shown(expression, ZoneInfo(zone), start, fold) for fold in (0, 1)))
    return next((fire for fire in shown if fire > after), None)


def _shown(expression: str, zone: ZoneInfo, start: datetime, fold: int) -> Iterator[datetime]:
    """When a clock in the zone shows each time of the schedule, from ``start`` on, which is what it shows first.

    ``fold`` is 0 for the first and 1 for the second of two times at which it shows the same.
    """
    trigger = CronTrigger(**dict(zip(_FIELDS, expression.split(), strict=True)), second=0, timezone=UTC)
    while time := trigger.get_next_fire_time(None, start):
        wall = time.replace(tzinfo=zone, fold=fold)
        fire = wall.astimezone(UTC)
        if fire.astimezone(zone).replace(fold=fold) == wall:
            yield fire
        start = time + timedelta(microseconds=1)


def _check(expression: str) -> None:
    """Raises :class:`ValueError` with the reason for which a schedule is refused."""
    fields = [text for text in expression.split(" ") if text]
    if len(fields) != len(_FIELDS):
        raise ValueError(
            "it needs 5 fields with spaces between them: minute, hour, day of the month, month and weekday, such as "
            "0 9 1 * * for the first of each month at 9:00; the time zone stands in schedule.timeZone"
        )
    values = [_values(field, text) for field, text in zip(_FIELDS.values(), fields, strict=True)]
    _, _, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise ValueError(
            "it has a day of the month and a weekday: Kubernetes fires on the days that are one of them, and others "
            "on those that are both; write * for one of them"
        )
    longest = max(monthrange(2028, number)[1] for number in values[3])  # 2028 has a 29 February
    if min(values[2]) > longest:
        raise ValueError(f"the day of the month {day} never comes in the month {month}")


def _values(field: _Field, text: str) -> set[int]:
    """The values of a field."""
    if text == "*":
        return set(range(field.first, field.last + 1))
    return {value for item in text.split(",") for value in _item_values(field, item)}


def _item_values(field: _Field, item: str) -> range:
    """The values of an item in the list of a field. Raises :class:`ValueError` for what is not read alike."""
    names, numbers = _NAMES.fullmatch(item), _NUMBERS.fullmatch(item)
    if names and {names["low"], names["high"] or names["low"]} <= {*field.names}:
        low, high, step = names["low"], names["high"], None
        first, last = (field.first + field.names.index(name) for name in (low, high or low))
    elif numbers and item != "*" and field.has_numbers:
        low, high, step = numbers.groups()
        first, last = (int(low), int(high or low)) if low else (field.first, field.last)
    else:
        raise ValueError(_not_read(field, item))
    if not (field.first <= first <= field.last and field.first <= last <= field.last):
        raise ValueError(_not_read(field, item))
    if first > last or high == "sun":  # Sunday is the first day to Kubernetes, and the last one to APScheduler.
        days = _around(field, first, last, named=bool(names))
        raise ValueError(f"the {field.name} {item!r} runs over the end of its range; write {days}")
    end = field.last if low and not high else last
    if step and not 1 <= int(step) <= end - first:
        raise ValueError(f"the step of the {field.name} {item!r} is not from 1 to {end - first}")
    if step and end != last:
        raise ValueError(f"the {field.name} {item!r} is a step without a range; write {low}-{end}/{step}")
    return range(first, last + 1, int(step or 1))


def _around(field: _Field, first: int, last: int, *, named: bool) -> str:
    """The list of the values from the first to the last, over the end of the field where it comes before the last."""
    size = field.last - field.first + 1
    values = [field.first + (first - field.first + more) % size for more in range((last - first) % size + 1)]
    return ",".join(field.names[value - field.first] if named else str(value) for value in values)


def _not_read(field: _Field, item: str) -> str:
    """Why a form is refused: it is a number of a weekday, or none of the forms that are read alike."""
    if not field.has_numbers and (days := re.fullmatch("([0-7])(?:-([0-7]))?", item)):
        low, high = int(days[1]), int(days[2] or days[1])
        names = dict.fromkeys(_WEEK[(number - 1) % 7] for number in range(low, high + 1))
        written = ",".join(names) or "the names of the days"
        return f"the weekday {item!r} is a number, which some count from Sunday and others from Monday; write {written}"
    return f"the {field.name} {item!r} is none of these: {field.forms}, and lists of them"
