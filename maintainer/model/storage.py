"""What Prometheus was told to keep, what it keeps, and on how much space."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retention:
    """The limits of what is kept: ``time`` in seconds, ``size`` in bytes; ``None`` is no limit of that kind."""

    time: float | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What fills the storage: ``ingest`` in samples a second, and ``sample``, the bytes that a sample takes in blocks.

    ``head`` are the bytes of the write-ahead log and of the head's chunks at their largest.
    """

    ingest: float
    sample: float
    head: float


@dataclass(frozen=True, slots=True)
class Growth:
    """How the ingest grows: by ``rate`` (0.1 is 10 %) in each ``period`` (seconds), and so for ``ahead`` seconds."""

    rate: float = 0.0
    period: float = 30 * 86400.0
    ahead: float = 0.0


NO_GROWTH = Growth()
