"""The pattern that repeats each week, such as weekends."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import cos, pi, sin
from statistics import median

from maintainer.analyse.storage.least_squares import coefficients

WEEK = 7.0
SLOTS_A_DAY = 4

WAVES = 3
"""Waves of a week, of a half and of a third of it are enough for a weekend."""


def slot(day: float) -> int:
    """The quarter of a day within its week."""
    return int(day % WEEK * SLOTS_A_DAY)


def waves(day: float) -> tuple[float, ...]:
    """The cosine and sine of each wave on a day."""
    turns = [2 * pi * number * day / WEEK for number in range(1, WAVES + 1)]
    return tuple(wave(turn) for turn in turns for wave in (cos, sin))


def fitted_season(days: Sequence[float], rests: Iterable[float]) -> tuple[float, ...]:
    """The share of each wave in the medians of the slots of the week."""
    slots: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for day, rest in zip(days, rests, strict=True):
        slots[slot(day)].append((day, rest))
    rows = [(1.0, *waves(samples[0][0])) for samples in slots.values()]
    return coefficients(list(zip(*rows, strict=True)), [median(rest for _, rest in near) for near in slots.values()])[
        1:
    ]


def season_at(season: Iterable[float], day: float) -> float:
    """How far the pattern lies above the line on a day."""
    return sum(share * wave for share, wave in zip(season, waves(day), strict=False))
