"""The hours of the people on call: night, work, and all others. Each minute belongs to exactly one of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

HourKind = Literal["night", "work", "off"]
KINDS: tuple[HourKind, ...] = get_args(HourKind)

MINUTE = 60_000
"""In milliseconds, as all times of alerts."""

_WORKDAYS = range(5)
_STEP = 15
"""In so many minutes from a full hour no clock is put forward or back: zones change at quarters of an hour."""


@dataclass(frozen=True, slots=True)
class DaySpan:
    """A span of the day, from the minute ``start`` to before ``end``; of equal minutes it is empty.

    One that ends before it starts has midnight in it.
    """

    start: int
    end: int

    def holds(self, minute: int) -> bool:
        """Whether it has this minute of the day, counted from midnight."""
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


@dataclass(frozen=True, slots=True)
class Hours:
    """Which hours are ``night``, on every day, and which are ``work``, from Monday to Friday, in a time zone.

    Night comes before work where both would hold, and what is neither is ``off``.
    """

    night: DaySpan
    work: DaySpan
    zone: ZoneInfo

    def kind(self, at: int) -> HourKind:
        """What the clock on the wall says at a time in milliseconds."""
        local = datetime.fromtimestamp(at / 1000, self.zone)
        return self._kind(local.weekday(), local.hour * 60 + local.minute)

    def minutes(self, start: int, end: int) -> Mapping[HourKind, int]:
        """How many minutes of each kind begin from ``start`` to before ``end``."""
        counts: Counter[HourKind] = Counter(dict.fromkeys(KINDS, 0))
        minute, last = -(-start // MINUTE), -(-end // MINUTE)
        while minute < last:
            until = min(last, (minute // _STEP + 1) * _STEP)
            # The offset of a zone does not change in between, so the clock on the wall goes on by minutes.
            first = datetime.fromtimestamp(minute * 60, self.zone).replace(tzinfo=None)
            for number in range(until - minute):
                wall = first + timedelta(minutes=number)
                counts[self._kind(wall.weekday(), wall.hour * 60 + wall.minute)] += 1
            minute = until
        return dict(counts)

    def _kind(self, weekday: int, minute: int) -> HourKind:
        if self.night.holds(minute):
            return "night"
        return "work" if weekday in _WORKDAYS and self.work.holds(minute) else "off"
