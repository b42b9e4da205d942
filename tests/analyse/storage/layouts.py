"""The blocks of a server that compacts as Prometheus does, and those that it deletes."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from maintainer.analyse.storage.arithmetic import BLOCK

Range = tuple[int, int]
"""A block from one time to before another, in epoch seconds."""


def written(start: int, end: int) -> tuple[Range, ...]:
    """The blocks as the head writes them."""
    step = int(BLOCK)
    return tuple((at, at + step) for at in range(start, end, step))


def compacted(blocks: Sequence[Range], longest: float) -> tuple[Range, ...]:
    """The blocks when nothing is left to compact."""
    span = 3 * int(BLOCK)
    while span <= longest:
        blocks = tuple(_compacted_to(span, blocks))
        span *= 3
    return tuple(blocks)


def _compacted_to(span: int, blocks: Sequence[Range]) -> Iterator[Range]:
    """The blocks of each range become one, if the newest block is after it."""
    for number, group in groupby(blocks, lambda block: block[0] // span):
        members = list(group)
        if (number + 1) * span <= blocks[-1][0]:
            yield members[0][0], members[-1][1]
        else:
            yield from members


def kept(blocks: Sequence[Range], time: float) -> tuple[Range, ...]:
    """The blocks that a retention time does not delete."""
    return tuple(block for block in blocks if blocks[-1][1] - block[1] < time)
