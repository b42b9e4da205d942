"""What Prometheus says of its own storage, as facts. All functions raise :class:`SourceUnavailable`."""

import msgspec

from maintainer.clients.prometheus import Prometheus
from maintainer.errors import SourceUnavailable
from maintainer.model.storage import Block


class _Stats(msgspec.Struct, rename="camel", gc=False):
    num_samples: int = 0


class _Compaction(msgspec.Struct, gc=False):
    level: int = 1


class _BlockStruct(msgspec.Struct, rename="camel", gc=False):
    min_time: int
    max_time: int
    stats: _Stats = msgspec.field(default_factory=_Stats)
    compaction: _Compaction = msgspec.field(default_factory=_Compaction)


class _BlocksData(msgspec.Struct):
    blocks: list[_BlockStruct] | None = None


def blocks(prometheus: Prometheus) -> tuple[Block, ...] | None:
    """The blocks, the oldest first; ``None`` if the server is older than 3.6 and does not list them."""
    try:
        data = prometheus.status_as("tsdb/blocks", _BlocksData)
    except SourceUnavailable as error:
        if error.params.get("status") == "404":
            return None
        raise
    # The end of a block is a millisecond after its last sample.
    found = (
        Block(each.min_time / 1000, each.max_time / 1000, each.stats.num_samples, each.compaction.level)
        for each in data.blocks or ()
    )
    return tuple(sorted(found, key=lambda block: (block.start, block.end)))
