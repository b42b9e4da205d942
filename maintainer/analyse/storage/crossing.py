"""When a growing size reaches a limit."""

from collections.abc import Callable
from dataclasses import dataclass

from maintainer.analyse.storage.trend import SURE, Trend

HORIZON = 3 * 365.0
"""So many days ahead is looked."""

STEP = 0.25

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
