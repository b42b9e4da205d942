"""When a growing size reaches a limit."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from maintainer.analyse.storage.trend import SURE, Trend

HORIZON = 3 * 365.0
"""So many days ahead is looked."""

STEP = 0.25

HEAD = 3 / 24
"""So many days after the end of a block it is written: the head holds the samples of three hours."""

Path = Callable[[float, float], float]
"""The size on a day, and so many standard errors above it."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """The day on which a limit is reached, and the days between which that lies with 95 %.

    ``None`` is not within the horizon.
    """

    expected: float | None
    earliest: float | None
    latest: float | None


@dataclass(frozen=True, slots=True)
class Compacted:
    """What is compacted: the lengths of the blocks in days, and the bytes that a day of samples takes in them."""

    lengths: tuple[float, ...] = ()
    a_day: float = 0.0


def stored_size(size: Trend, ingest: Trend | None = None, *, full_on: float | None = None) -> Path:
    """The size of what is stored.

    It grows with each day that is added until the retention begins to delete, on the day ``full_on``; from then on only
    as the ingest rate does. ``full_on`` is ``None`` if no time is set. The history of ``size`` must end before that
    day, or begin after it.
    """

    def path(day: float, sureness: float) -> float:
        if full_on is None or day <= full_on or size.middle >= full_on:
            return size.expected(day, sureness)
        full = size.expected(full_on, sureness)
        rate = ingest.level + ingest.slope * (full_on - ingest.middle) if ingest else 0.0
        if ingest is None or rate <= 0:
            return full
        return full * (1 + (ingest.slope + sureness * ingest.slope_error) * (day - full_on) / rate)

    return path


def crossing(path: Path, limit: float, *, today: float, horizon: float = HORIZON) -> Crossing:
    """When the size first reaches the limit, from today on."""

    def first(sureness: float) -> float | None:
        return first_day(lambda day: path(day, sureness), limit, (today, today + horizon))

    return Crossing(first(0.0), first(SURE), first(-SURE))


def deletion(path: Path, limit: float, *, today: float, compacted: Compacted, horizon: float = HORIZON) -> Crossing:
    """When a size limit begins to delete, from today on.

    A new block and those that it is made of count at once, so the limit may be reached when one is compacted, before
    the size itself reaches it. Only the latest day is the one without.
    """

    def reached(sureness: float, length: float) -> float | None:
        def size(day: float) -> float:
            stored = path(day, sureness)
            return stored + min(stored, length * compacted.a_day)

        return first_day(size, limit, (today, today + horizon))

    def first(sureness: float) -> float | None:
        found = [reached(sureness, 0.0)]
        for length in compacted.lengths:
            day = reached(sureness, length)
            found.append(None if day is None else next_end(day, length))
        return min((day for day in found if day is not None), default=None)

    return Crossing(first(0.0), first(SURE), crossing(path, limit, today=today, horizon=horizon).latest)


def next_end(day: float, length: float) -> float:
    """When the next block of this length is compacted: it ends at a multiple of it, and the head is written later."""
    return math.ceil((day - HEAD) / length) * length + HEAD


def first_day(path: Callable[[float], float], limit: float, span: tuple[float, float]) -> float | None:
    """The first day of the span on which the path reaches the limit; between its steps it is a straight line."""
    day, end = span
    value = path(day)
    if value >= limit:
        return day
    while day < end:
        following = path(day + STEP)
        if following >= limit:
            return day + STEP * (limit - value) / (following - value)
        day, value = day + STEP, following
    return None
