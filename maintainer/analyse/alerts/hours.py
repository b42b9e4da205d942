"""The hours of the people on call: night, work, and all others. Each minute belongs to exactly one of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo

HourKind = Literal["night", "work", "off"]
KINDS: tuple[HourKind, ...] = get_args(HourKind)

MINUTE = 60_000
"""In milliseconds, as all times of alerts."""

_WORKDAYS = range(5)
_DAY = 24 * 60
_QUARTER = 15
"""Minutes. Zones put their clocks forward or back at quarters of an hour, and no more than once a day."""


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
        return self.kind_of_wall(local.weekday(), local.hour * 60 + local.minute)

    def minutes(self, start: int, end: int) -> Mapping[HourKind, int]:
        """How many minutes of each kind begin from ``start`` to before ``end``."""
        counts: Counter[HourKind] = Counter(dict.fromkeys(KINDS, 0))
        minute, last = -(-start // MINUTE), -(-end // MINUTE)
        while minute < last:
            until = min(last, (minute // _DAY + 1) * _DAY)
            if self._offset(minute) != self._offset(until):
                until = min(last, (minute // _QUARTER + 1) * _QUARTER)
            first = datetime.fromtimestamp(minute * 60, self.zone)
            counts.update(_of_wall(self, first.weekday(), first.hour * 60 + first.minute, until - minute))
            minute = until
        return dict(counts)

    def _offset(self, minute: int) -> timedelta | None:
        return datetime.fromtimestamp(minute * 60, self.zone).utcoffset()

    def kind_of_wall(self, weekday: int, minute: int) -> HourKind:
        """The kind of a minute of the day, counted from midnight, on a weekday, counted from Monday as 0."""
        if self.night.holds(minute):
            return "night"
        return "work" if weekday in _WORKDAYS and self.work.holds(minute) else "off"


@lru_cache(maxsize=4096)
def _of_wall(hours: Hours, weekday: int, begin: int, length: int) -> Mapping[HourKind, int]:
    """The kinds of ``length`` minutes on a clock on the wall that is not put forward or back meanwhile."""
    minutes = (divmod(begin + number, _DAY) for number in range(length))
    return Counter(hours.kind_of_wall((weekday + days) % 7, minute) for days, minute in minutes)
