"""What is known of the past of a storage, and what follows for the time to come."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maintainer.analyse.storage.arithmetic import DAY
from maintainer.analyse.storage.crossing import Compacted, Crossing, Path, crossing, deletion, stored_size
from maintainer.analyse.storage.trend import Trend, trend
from maintainer.model.ledger import ArchiveLine
from maintainer.model.storage import Course, StorageGrowth, StorageMetrics

KIND = "storage"
"""The kind of the archive's lines that hold the storage as it was on a day."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How the size will grow, and when it reaches what: days since the epoch.

    ``course`` is what the trend is made of, ``ingest`` the trend of the samples a second; ``None`` if it is not known.
    ``full`` is of the volume, ``cap`` of the size limit; ``None`` where there is no such limit, or the size limit
    deletes before the volume is full.
    """

    course: Course
    size: Trend
    path: Path
    today: float
    full: Crossing | None = None
    cap: Crossing | None = None
    ingest: Trend | None = None


AHEAD = 184.0
"""So many days ahead is told: until the next review of half a year."""


def is_near(crossing_: Crossing | None, today: float) -> bool:
    """Whether the limit is reached before the next review."""
    return crossing_ is not None and crossing_.expected is not None and crossing_.expected - today <= AHEAD


def as_data(metrics: StorageMetrics, ingest: float | None) -> Mapping[str, float]:
    """A day of the storage, as the archive keeps it; what is not known is left out."""
    known = {
        "size": None if metrics.blocks is None else metrics.blocks + (metrics.head or 0.0),
        "ingest": ingest,
        "window": None if metrics.oldest is None else metrics.now - metrics.oldest,
    }
    return {name: round(value, 3) for name, value in known.items() if value is not None}


def joined(growth: StorageGrowth | None, lines: Iterable[ArchiveLine]) -> StorageGrowth:
    """The growth that Prometheus still knows, and before it what the archive has of each day."""
    growth, kept = growth or StorageGrowth(), sorted(lines, key=lambda line: line.at)

    def before(known: Course, name: str) -> Course:
        first = known[0][0] if known else float("inf")
        values = ((line.at.timestamp(), line.data.get(name)) for line in kept)
        archived = ((at, float(value)) for at, value in values if isinstance(value, int | float) and at < first)
        return (*archived, *known)

    return StorageGrowth(
        before(growth.sizes, "size"), before(growth.ingest, "ingest"), before(growth.windows, "window")
    )


@dataclass(frozen=True, slots=True)
class Room:
    """What may be filled, in bytes: ``volume`` by Prometheus, and its size limit ``cap``; ``None`` if there is none."""

    volume: float | None = None
    cap: float | None = None


def outlook(
    growth: StorageGrowth, now: float, *, kept: tuple[float, float] | None, room: Room, compacted: Compacted
) -> Outlook | None:
    """What the past tells of the future; ``None`` if less than a week is known.

    ``kept`` are the seconds of the retention time and of the longest block, ``None`` without a time.
    """
    today = now / DAY
    full_on = _full_on(growth.windows, *kept) if kept else None
    since = full_on if full_on is not None and full_on <= today else None
    course = tuple(sample for sample in growth.sizes if since is None or sample[0] / DAY >= since)
    size = trend(_in_days(course))
    if size is None:
        return None
    ingest = trend(_in_days(growth.ingest))
    path = stored_size(size, ingest, full_on=full_on)
    volume, cap = room.volume, room.cap
    capped = cap is not None and (volume is None or cap < volume)
    return Outlook(
        course,
        size,
        path,
        today,
        full=crossing(path, volume, today=today) if volume and not capped else None,
        cap=deletion(path, cap, today=today, compacted=compacted) if cap and capped else None,
        ingest=ingest,
    )


def _full_on(windows: Course, time: float, block: float) -> float | None:
    """The day on which the first block is deleted for its age, to come or in the past.

    ``None`` if that was before all that is known, or if nothing is known.
    """
    short = [(at, window) for at, window in windows if window < time]
    if not short:
        return None
    at, window = short[-1]
    return (at + time + block - window) / DAY


def _in_days(course: Course) -> Iterable[tuple[float, float]]:
    return ((at / DAY, value) for at, value in course)
