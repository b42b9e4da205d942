"""What Prometheus was told to keep, what it keeps, and on how much space."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from maintainer.model.drift import DesiredObject
from maintainer.model.facts import Unavailable


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


@dataclass(frozen=True, slots=True)
class Block:
    """A block: from ``start`` to before ``end`` (epoch seconds), its samples, and how often it was compacted."""

    start: float
    end: float
    samples: int
    level: int


@dataclass(frozen=True, slots=True)
class FileRetention:
    """``storage.tsdb.retention`` of the loaded configuration, from Prometheus 3.8 on; ``percentage`` from 3.11 on.

    ``None`` is what the file does not set; 0 is set, and no limit.
    """

    time: float | None = None
    size: int | None = None
    percentage: float | None = None


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the server says of its limits: ``started`` with these flags, ``runtime`` as ``storageRetention`` shows it.

    ``version`` "" is one that was built without. ``blocks_up_to`` is the limit of a block's length in seconds, as it
    was when the server started; 0 if it is not known.
    """

    started: Retention
    runtime: str = ""
    version: str = ""
    blocks_up_to: float = 0.0


@dataclass(frozen=True, slots=True)
class StorageMetrics:
    """The server's own metrics of its storage as they are now; ``None`` for one that this version does not have.

    Sizes are in bytes, ``oldest`` and ``started`` in epoch seconds. ``oldest`` is ``None`` while there is no block.
    ``limit_seconds`` and ``limit_bytes`` are the limits in force, 0 for none. ``size_deletions`` is how often blocks
    were deleted for the size since the start, ``appended`` how many samples arrived since then.
    """

    now: float
    blocks: float | None = None
    wal: float | None = None
    head_chunks: float | None = None
    oldest: float | None = None
    limit_bytes: float | None = None
    limit_seconds: float | None = None
    size_deletions: float = 0.0
    series: float | None = None
    started: float | None = None
    appended: float | None = None

    @property
    def head(self) -> float | None:
        """The write-ahead log and the head's chunks; ``None`` if neither is known."""
        return None if self.wal is None and self.head_chunks is None else (self.wal or 0.0) + (self.head_chunks or 0.0)


@dataclass(frozen=True, slots=True)
class StorageHistory:
    """What the series of the server's own metrics tell: its mean ``ingest`` (samples a second) over ``window`` seconds.

    ``head_peak`` are the most bytes of write-ahead log and head's chunks of a week, ``chunk_sample`` the bytes of a
    sample in the chunks that were written in a week, without index; ``None`` if there is none yet.
    """

    ingest: float | None = None
    window: float = 0.0
    head_peak: float | None = None
    chunk_sample: float | None = None


Course = tuple[tuple[float, float], ...]
"""Values over time: epoch seconds and the value, the oldest first."""


@dataclass(frozen=True, slots=True)
class StorageGrowth:
    """How the storage was in the past: the bytes of all that was stored, the samples a second, the seconds kept."""

    sizes: Course = ()
    ingest: Course = ()
    windows: Course = ()


@dataclass(frozen=True, slots=True)
class Volume:
    """The volume of the storage: its bytes, where that was read, and whether its class lets it grow, if known.

    ``capacity`` and ``used`` are the bytes of its file system as the kubelet says, ``None`` if it does not. ``claim``
    is namespace/name, "" if it is not known.
    """

    size: int
    source: Literal["settings", "claim"]
    capacity: float | None = None
    used: float | None = None
    claim: str = ""
    storage_class: str = ""
    expandable: bool | None = None

    @property
    def room(self) -> float:
        """The bytes that can be written."""
        return self.size if self.capacity is None else self.capacity


@dataclass(frozen=True, slots=True)
class StorageFacts:
    """All that could be read about the storage of one server, and why the rest could not.

    ``blocks`` is ``None`` where the server does not list them. ``self_scraped`` is ``None`` where that is not known.
    ``growth`` is the past, ``None`` where it could not be read. ``deployed`` are the objects that give it its
    retention, as they were deployed.
    """

    server: ServerSettings | None = None
    file: FileRetention | None = None
    metrics: StorageMetrics | None = None
    history: StorageHistory | None = None
    self_scraped: bool | None = None
    blocks: Sequence[Block] | None = None
    volume: Volume | None = None
    growth: StorageGrowth | None = None
    deployed: Sequence[DesiredObject] = ()
    unavailable: tuple[Unavailable, ...] = ()
