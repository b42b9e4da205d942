"""An axis of time below a chart: where a time lies on it, and its marks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from maintainer.model.message import message
from maintainer.render.document import Say

WEEKS = timedelta(days=100)
"""An axis that is not longer has marks for weeks, too."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark at ``x`` percent of the axis. ``strong``: a month begins."""

    x: float
    label: str
    strong: bool


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """From ``start`` to ``end``, in the zone of the report."""

    start: datetime
    end: datetime

    def at(self, time: str) -> float:
        """Where a time of a document lies, in percent of the axis; what lies outside is at its edge."""
        span = (self.end - self.start).total_seconds()
        share = (local(time) - self.start).total_seconds() / span if span > 0 else 0.0
        return round(100 * min(max(share, 0.0), 1.0), 3)

    def stretch(self, start: str, end: str) -> tuple[float, float]:
        """Where a stretch begins, and its width, in percent."""
        return self.at(start), round(self.at(end) - self.at(start), 3)

    def marks(self, in_words: Say) -> tuple[Mark, ...]:
        """A mark for each month, and on a short axis for each Monday that is not too close to one."""
        months = tuple(self._months(in_words))
        if self.end - self.start > WEEKS:
            return months
        apart = 500 / max((self.end - self.start).days, 1)
        weeks = (mark for mark in self._mondays() if all(abs(mark.x - month.x) > apart for month in months))
        return tuple(sorted((*months, *weeks), key=lambda mark: mark.x))

    def _months(self, in_words: Say) -> Iterator[Mark]:
        first = self.start.replace(day=1, hour=0, minute=0, second=0)
        while first < self.end:
            if first >= self.start:
                yield Mark(
                    self.at(first.isoformat()), in_words(message(f"picture/month.{first.month:02}")), strong=True
                )
            first = (first + timedelta(days=32)).replace(day=1)

    def _mondays(self) -> Iterator[Mark]:
        day = self.start.replace(hour=0, minute=0, second=0) + timedelta(days=7 - self.start.weekday())
        while day < self.end:
            yield Mark(self.at(day.isoformat()), str(day.day), strong=False)
            day += timedelta(days=7)


def time_axis(start: str, end: str) -> TimeAxis:
    """The axis between two times of a document."""
    return TimeAxis(local(start), local(end))


def local(time: str) -> datetime:
    """A time of a document as its clock showed it."""
    return datetime.fromisoformat(time[:19])
