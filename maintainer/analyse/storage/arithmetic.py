"""How much space Prometheus needs for what it keeps, and for how long a space lasts.

Prometheus compacts blocks of two hours into blocks that are three, nine, … times as long, up to a limit that it sets
when it starts. It deletes whole blocks only, so it keeps up to one of the longest more than it was told to. It writes
the longest block before it deletes those that it is made of: space for one more must be free.
"""

import math

from maintainer.model.storage import NO_GROWTH, Growth, Retention, Usage

HOUR, DAY = 3600.0, 86400.0
BLOCK = 2 * HOUR
"""The length of the blocks that the head is written to."""
LONGEST = 31 * DAY

DEFAULT_TIME = 15 * DAY
"""What Prometheus keeps where nothing limits it."""


def in_force(retention: Retention) -> Retention:
    """The limits with which Prometheus starts: where none is set, it is that of the time."""
    return retention if retention.time or retention.size else Retention(DEFAULT_TIME)


def block_limit(time: float | None) -> float:
    """The default of ``--storage.tsdb.max-block-duration`` in seconds, for a retention time."""
    return min(LONGEST, max(BLOCK, time / 10)) if time else LONGEST


def block_lengths(limit: float) -> tuple[float, ...]:
    """The seconds of the blocks that are compacted below a limit: six hours, eighteen, …"""
    found = [BLOCK]
    while found[-1] * 3 <= limit:
        found.append(found[-1] * 3)
    return tuple(found[1:])


def longest_block(limit: float) -> float:
    """The seconds of the longest block that is made below a limit: two hours, six, eighteen, …"""
    return max(block_lengths(limit), default=BLOCK)


def growth_factor(growth: Growth, kept: float) -> float:
    """How much larger a window of ``kept`` seconds is at the end of the growth than it would be without any.

    It is the mean ingest of the window by that of today: a window that ends in half a year is of the ingest of that
    half year.
    """
    log = math.log1p(growth.rate)
    over = log * kept / growth.period
    mean = math.expm1(over) / over if over else 1.0
    return math.exp(log * growth.ahead / growth.period - over) * mean


def block_bytes(usage: Usage, kept: float, growth: Growth = NO_GROWTH) -> float:
    """The bytes of blocks with the samples of ``kept`` seconds."""
    return usage.sample * usage.ingest * kept * growth_factor(growth, kept)


def space(usage: Usage, kept: float, growth: Growth = NO_GROWTH) -> float:
    """The bytes of all that is stored of ``kept`` seconds: blocks, write-ahead log and head."""
    return block_bytes(usage, kept, growth) + usage.head * _grown(growth)


def window_within(usage: Usage, size: float, *, spare: float) -> float:
    """The seconds that a limit of ``size`` bytes surely keeps, where ``spare`` seconds are compacted into one block.

    While that is done, its parents and itself count at once. Never below 0.
    """
    a_second = usage.ingest * usage.sample
    return max(0.0, (size - usage.head) / a_second - spare) if a_second else math.inf


def grown(usage: Usage, growth: Growth) -> Usage:
    """The usage at the end of the growth."""
    factor = _grown(growth)
    return Usage(usage.ingest * factor, usage.sample, usage.head * factor)


def _grown(growth: Growth) -> float:
    return float((1 + growth.rate) ** (growth.ahead / growth.period))
