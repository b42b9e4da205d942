"""What the checks of retention and storage examine: the facts, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from maintainer.analyse.reproduce import Access
from maintainer.analyse.storage.arithmetic import DAY, HOUR, block_lengths, block_limit, longest_block
from maintainer.analyse.storage.crossing import Compacted
from maintainer.analyse.storage.growth import Outlook, Room, outlook
from maintainer.analyse.storage.limits import configured, live
from maintainer.analyse.storage.options import Option, option, side_by_side
from maintainer.model.report import Subject
from maintainer.model.storage import Retention, StorageFacts, StorageGrowth, StorageMetrics, Usage

SUBJECT = Subject("Prometheus", "", "storage")
OPTION_TIMES = (60 * DAY, 90 * DAY, 180 * DAY)
IN_LOG = 11.1
"""Bytes of a sample in the write-ahead log, as measured with values that compress badly."""
SEGMENT = 128 * 2**20
"""The bytes of a file of the write-ahead log. Each two hours begin a new one, and two thirds of them go at a time."""
LOG_KEPT, LOG_KEPT_IN_ONE = 4 * HOUR, 8 * HOUR
"""The seconds that the log holds at most, and where two hours are one file."""
_SETTLED = 3
"""A block that was compacted so often holds two days, and is about as small as it gets."""
_INDEX = 1.1
"""A sample in blocks takes so much more than in chunks alone, as measured without churn."""
_LEAST_UPTIME = 600.0

Basis = Literal["blocks", "young", "chunks"]
"""What the bytes of a sample are computed from: blocks; blocks that are mostly still to be compacted; chunks alone."""


@dataclass(frozen=True, slots=True)
class Plans:
    """What the settings choose: size limits to compare, and the price of a GiB of the volume in a month, 0 if none."""

    sizes: tuple[int, ...] = ()
    price: float = 0.0


@dataclass(frozen=True, slots=True)
class StorageReview:
    """The facts of a run. ``looks_back`` are the seconds that jobs look back into Prometheus, by job.

    ``outlook`` is ``None`` if the past is too short to tell the future.
    """

    facts: StorageFacts
    access: Access
    plans: Plans = field(default_factory=Plans)
    looks_back: Mapping[str, float] = field(default_factory=dict)
    outlook: Outlook | None = None

    @property
    def limits(self) -> Retention | None:
        """The limits that are meant to be in force."""
        return configured(self.facts)

    @property
    def in_force(self) -> Retention | None:
        """The limits that delete now; where the metrics cannot be read, those that are meant to."""
        return live(self.facts) or self.limits

    @property
    def window(self) -> float | None:
        """The seconds from the oldest sample in a block until now; ``None`` without a block, or if it is not known."""
        metrics = self.facts.metrics
        return metrics.now - metrics.oldest if metrics and metrics.oldest else None

    @property
    def basis(self) -> Basis | None:
        """What the bytes of a sample are computed from; ``None`` if there is nothing yet."""
        blocks, metrics, history = self.facts.blocks or (), self.facts.metrics, self.facts.history
        samples = sum(block.samples for block in blocks)
        if samples and metrics and metrics.blocks:
            settled = sum(block.samples for block in blocks if block.level >= _SETTLED)
            return "blocks" if settled * 2 > samples else "young"
        return "chunks" if history and history.chunk_sample else None

    @property
    def sample_bytes(self) -> float | None:
        """The bytes that a sample takes on disk, by the ``basis``."""
        metrics, history = self.facts.metrics, self.facts.history
        match self.basis:
            case "blocks" | "young" if metrics and metrics.blocks:
                return metrics.blocks / sum(block.samples for block in self.facts.blocks or ())
            case "chunks" if history and history.chunk_sample:
                return history.chunk_sample * _INDEX
            case _:
                return None

    @property
    def ingest(self) -> float | None:
        """Samples a second: of the last day, else since the server started."""
        history, metrics = self.facts.history, self.facts.metrics
        if history and history.ingest is not None:
            return history.ingest
        if metrics is None or metrics.started is None or metrics.appended is None:
            return None
        up = metrics.now - metrics.started
        return metrics.appended / up if up >= _LEAST_UPTIME else None

    @property
    def head(self) -> float | None:
        """The most bytes of write-ahead log and head's chunks in a week, else those of now; ``None`` if not known."""
        history, metrics = self.facts.history, self.facts.metrics
        peaks = (history.head_peak if history else None, metrics.head if metrics else None)
        return max((peak for peak in peaks if peak is not None), default=None)

    @property
    def usage(self) -> Usage | None:
        """What fills the storage; ``None`` if ingest or bytes of a sample are not known."""
        ingest, sample = self.ingest, self.sample_bytes
        if ingest is None or sample is None:
            return None
        return Usage(ingest, sample, estimated_head(ingest, sample) if self.head is None else self.head)

    @property
    def used(self) -> float | None:
        """The bytes that the volume holds: as the kubelet says, else blocks, write-ahead log and head."""
        if self.facts.volume and self.facts.volume.used is not None:
            return self.facts.volume.used
        metrics = self.facts.metrics
        return metrics.blocks + (metrics.head or 0.0) if metrics and metrics.blocks is not None else None

    @property
    def present(self) -> Option | None:
        """What the present limits lead to; ``None`` if the usage is not known."""
        usage, limits = self.usage, self.limits
        return option(limits, usage) if usage and limits else None

    @property
    def options(self) -> tuple[Option, ...]:
        """The present limits first, then the times alone, and the longest of these with each size of the settings."""
        usage, limits = self.usage, self.limits
        if usage is None or limits is None:
            return ()
        times = (Retention(time) for time in OPTION_TIMES)
        sizes = (Retention(time, size) for size in self.plans.sizes for time in OPTION_TIMES[1:2])
        return side_by_side((limits, *times, *sizes), usage)

    @property
    def longest_block(self) -> float:
        """The seconds of the longest block that this server makes."""
        server, limits = self.facts.server, self.limits
        limit = server.blocks_up_to if server and server.blocks_up_to else block_limit(limits.time if limits else None)
        return longest_block(limit)


def with_outlook(review: StorageReview, growth: StorageGrowth) -> StorageReview:
    """The review with what the past tells of the time to come."""
    limits, metrics, usage = review.in_force, review.facts.metrics, review.usage
    if metrics is None or metrics.blocks is None:
        return review
    compacted = Compacted(
        tuple(length / DAY for length in block_lengths(review.longest_block)),
        usage.ingest * usage.sample * DAY if usage else 0.0,
    )
    kept = (limits.time, review.longest_block) if limits and limits.time else None
    return replace(
        review, outlook=outlook(growth, metrics.now, kept=kept, room=_room(review, metrics), compacted=compacted)
    )


def _room(review: StorageReview, metrics: StorageMetrics) -> Room:
    """What may be filled with what the history shows, which is without the log where no metric has its size."""
    limits, volume, usage = review.in_force, review.facts.volume, review.usage
    unseen = usage.head if usage and metrics.head is None else 0.0
    cap = limits.size - unseen if limits and limits.size else None
    if volume is None:
        return Room(cap=cap)
    if volume.used is None:
        return Room(volume.room - unseen, cap)
    return Room(volume.room - max(0.0, volume.used - (metrics.blocks or 0.0) - (metrics.head or 0.0)), cap)


def estimated_head(ingest: float, sample: float) -> float:
    """The bytes of write-ahead log and head's chunks at their largest, where no metric has them."""
    kept = LOG_KEPT_IN_ONE if ingest * 2 * HOUR * IN_LOG <= SEGMENT else LOG_KEPT
    return ingest * (kept * IN_LOG + 3 * HOUR * sample)
