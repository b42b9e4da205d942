"""What a choice of limits keeps and costs: the space, the limit that deletes first, the volume, the values to set."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from maintainer.analyse.storage.arithmetic import (
    DAY,
    block_bytes,
    block_limit,
    grown,
    in_force,
    longest_block,
    space,
    window_within,
)
from maintainer.model.byte_size import GIB, quantity_text, round_size, size_text
from maintainer.model.storage import NO_GROWTH, Growth, Retention, Usage

Bites = Literal["time", "size"]

FULL = 0.9
"""The part of a volume that should be used at most: what watches it must fire before it is full."""


@dataclass(frozen=True, slots=True)
class Option:
    """What limits lead to, in bytes and seconds.

    ``window`` is what is surely kept, by the limit that ``bites`` first. ``stored`` is all that is stored at most,
    ``block`` the longest block in seconds, and ``spare`` what is needed besides while it is written. ``volume`` is the
    size of the volume that is needed, rounded up; with a size limit, that for all that this allows.
    """

    limits: Retention
    bites: Bites
    window: float
    stored: float
    block: float
    spare: float
    volume: int

    def fits(self, disk: float) -> bool:
        """Whether a volume of so many bytes is large enough. A file system takes up to two percent of it."""
        return _needed(self.limits.size or self.stored, self.spare) * 0.98 <= disk


def option(limits: Retention, usage: Usage, growth: Growth = NO_GROWTH) -> Option:
    """What these limits lead to, at the end of the growth."""
    limits = in_force(limits)
    then = grown(usage, growth)
    block = longest_block(block_limit(limits.time))
    if limits.size and not math.isinf(whole := window_within(then, limits.size, spare=0)):
        # A block cannot be longer than all that is kept.
        block = min(block, longest_block(whole))
    spare = block_bytes(then, block)
    of_time = space(usage, limits.time + block, growth) if limits.time else math.inf
    of_size = limits.size or math.inf
    # Near the limit a compaction deletes more than it must: its block and its parents count at once.
    bites: Bites = "size" if of_size < of_time + spare else "time"
    window = window_within(then, of_size, spare=block) if bites == "size" else limits.time or 0.0
    stored = min(of_time, of_size)
    volume = round_size(_needed(limits.size or stored, spare))
    return Option(limits, bites, min(window, limits.time or math.inf), stored, block, spare, volume)


def _needed(stored: float, spare: float) -> float:
    return max(stored / FULL, stored + spare)


def time_in_full(time: float, usage: Usage) -> Option:
    """The option that keeps a whole time, with a size limit that never deletes before it."""
    alone = option(Retention(time), usage)
    return option(Retention(time, round_size(alone.stored + alone.spare)), usage)


def monthly_cost(volume: int, price: float) -> float:
    """The cost of a volume in a month; ``price`` is that of a GiB."""
    return volume / GIB * price


def chart_values(limits: Retention, volume: int | None = None) -> str:
    """The lines for the chart's ``values.yaml``; ``volume`` in bytes is left out if ``None``."""
    lines = ["prometheus:", "  retention:", f"    time: {days_text(limits.time) if limits.time else '0s'}"]
    lines.append(f"    size: {size_text(limits.size)}" if limits.size else '    size: ""')
    if volume:
        lines += ["  persistence:", f"    size: {quantity_text(volume)}"]
    return "\n".join(lines)


def days_text(time: float) -> str:
    """A duration as Prometheus writes it, in days, in hours if it is no number of days, and else in seconds."""
    for unit, length in (("d", DAY), ("h", DAY / 24)):
        if time >= length and time % length == 0:
            return f"{time / length:.0f}{unit}"
    return f"{time:.0f}s"


def limits_text(limits: Retention) -> str:
    """Limits as Prometheus writes them, such as ``90d, 45GB``."""
    time = days_text(limits.time) if limits.time else ""
    return ", ".join(part for part in (time, size_text(limits.size) if limits.size else "") if part)


def side_by_side(choices: Iterable[Retention], usage: Usage, growth: Growth = NO_GROWTH) -> tuple[Option, ...]:
    """The options for these choices, each once."""
    return tuple(option(choice, usage, growth) for choice in dict.fromkeys(map(in_force, choices)))
