"""Which days a harvest has to read."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from maintainer.model.alert_archive import HarvestedDay, complete

MOST_DAYS = 92
"""How far back is looked: a quarter."""

SETTLED = timedelta(minutes=10)
"""So long after its end a day is read: what arrives later is read with the next day."""


def wanted_days(known: Iterable[HarvestedDay], now: datetime, zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """The start and the end of each day of the time zone that is over and not in the archive, the oldest first.

    ``now`` is the time of Prometheus' clock. What was before the first day in the archive is left alone; without any, a
    quarter is looked back.
    """
    found = tuple(known)
    kept = {day.start for day in found if complete(day)}
    first = min((day.start for day in found), default=0)
    today = (now - SETTLED).astimezone(zone).date()
    days = [today - timedelta(days=ago) for ago in range(MOST_DAYS, 0, -1)]
    starts = [_midnight(day.year, day.month, day.day, zone) for day in (*days, today)]
    return tuple((start, end) for start, end in pairwise(starts) if start not in kept and start >= first)


def _midnight(year: int, month: int, day: int, zone: ZoneInfo) -> int:
    return round(datetime(year, month, day, tzinfo=zone).timestamp()) * 1000
