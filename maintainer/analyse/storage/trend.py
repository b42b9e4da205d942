"""The trend of a history of sizes or rates, robust against outliers, steps and weekends."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from statistics import NormalDist, fmean, median

from maintainer.analyse.storage.season import SLOTS_A_DAY, fitted_season, season_at, slot, waves
from maintainer.analyse.storage.steps import inflation, steps

Sample = tuple[float, float]
"""A day, counted from any origin, and a value."""

LEAST_DAYS = 7.0
"""Nothing is said of a history that is shorter: it may be one busy week."""

SEASONAL_DAYS = 21.0
"""From so many days on, a time is compared with the same time of other weeks only."""

SURE = NormalDist().inv_cdf(0.975)
"""Half the width of an interval of 95 %, in standard errors."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A line with a weekly pattern: ``level`` at the day ``middle``, from which it grows by ``slope`` a day.

    The errors are standard errors, as of a normal distribution. ``season`` are the cosine and sine of the waves of a
    week, a half and a third of it, around the line; it is empty if the history is too short. ``steps`` are the days on
    which the history jumped; the line is the one after the last. ``days`` is how long the history is.
    """

    middle: float
    level: float
    slope: float
    level_error: float
    slope_error: float
    season: tuple[float, ...]
    steps: tuple[float, ...]
    days: float

    def expected(self, day: float, sureness: float = 0.0) -> float:
        """The value of a day, or so many standard errors above it, or below if ``sureness`` is negative."""
        return self.on_line(day, sureness) + season_at(self.season, day)

    def on_line(self, day: float, sureness: float = 0.0) -> float:
        """The same without the weekly pattern."""
        ahead = day - self.middle
        error = sqrt(self.level_error**2 + (self.slope_error * ahead) ** 2)
        return self.level + self.slope * ahead + sureness * error


def trend(history: Iterable[Sample]) -> Trend | None:
    """The trend of samples in any order; ``None`` if they cover less than a week, or too little between two steps."""
    samples = thinned(history)
    if not samples or samples[-1][0] - samples[0][0] < LEAST_DAYS:
        return None
    days = [day for day, _ in samples]
    seasonal = days[-1] - days[0] >= SEASONAL_DAYS
    jumps = steps(days, [value for _, value in samples], _regressors(days, seasonal=seasonal))
    found = (_slope(_groups(samples, jumps, seasonal=True)) if seasonal else None) or _slope(_groups(samples, jumps))
    if found is None:
        return None
    slope, slope_error = found
    rests = _rests(samples, slope, jumps)
    season = fitted_season(days, rests) if seasonal else ()
    noise = [rest - season_at(season, day) for day, rest in zip(days, rests, strict=True)]
    last = [place for place, day in enumerate(days) if _segment(day, jumps) == len(jumps)]
    middle = fmean(days[place] for place in last)
    level = median(samples[place][1] - slope * days[place] - season_at(season, days[place]) for place in last)
    alike = inflation(noise)
    wide = _student(len(days) / alike - 2 - len(season) - len(jumps))
    return Trend(
        middle=middle,
        level=level + slope * middle,
        slope=slope,
        level_error=wide * _median_error(noise, len(last) / alike, fitted=len(season)),
        slope_error=wide * slope_error * sqrt(alike),
        season=season,
        steps=jumps,
        days=days[-1] - days[0],
    )


def thinned(history: Iterable[Sample]) -> tuple[Sample, ...]:
    """The median of each quarter of a day, at the mean of its times."""
    quarters: dict[int, list[Sample]] = defaultdict(list)
    for day, value in history:
        quarters[int(day * SLOTS_A_DAY // 1)].append((day, value))
    return tuple(
        (fmean(day for day, _ in near), median(value for _, value in near)) for _, near in sorted(quarters.items())
    )


def _segment(day: float, jumps: Sequence[float]) -> int:
    return sum(day >= jump for jump in jumps)


def _regressors(days: Sequence[float], *, seasonal: bool) -> list[list[float]]:
    waves_of_days = list(zip(*map(waves, days), strict=True)) if seasonal else []
    return [[1.0] * len(days), list(days), *map(list, waves_of_days)]


def _groups(samples: Iterable[Sample], jumps: Sequence[float], *, seasonal: bool = False) -> list[list[Sample]]:
    """The samples between two steps, in a long history those of the same slot of the week."""
    groups: dict[tuple[int, int], list[Sample]] = defaultdict(list)
    for day, value in samples:
        groups[_segment(day, jumps), slot(day) if seasonal else 0].append((day, value))
    return list(groups.values())


def _slope(groups: Iterable[Sequence[Sample]]) -> tuple[float, float] | None:
    """The median of the slopes of all pairs of a group, and its standard error; ``None`` if there are too few pairs.

    Theil 1950 and Sen 1968; in groups of the same slot of the week, a weekly pattern does not bend it (Hirsch, Slack
    and Smith 1982). The error is that of Kendall's statistic.
    """
    slopes: list[float] = []
    variance = 0.0
    for group in groups:
        size = len(group)
        variance += size * (size - 1) * (2 * size + 5) / 18
        slopes += [(second[1] - first[1]) / (second[0] - first[0]) for first, second in combinations(group, 2)]
    if len(slopes) < 3:
        return None
    slopes.sort()
    middle, half = len(slopes) / 2, SURE * sqrt(variance) / 2
    low = slopes[max(0, round(middle - half) - 1)]
    high = slopes[min(len(slopes) - 1, round(middle + half))]
    return median(slopes), (high - low) / (2 * SURE)


def _rests(samples: Sequence[Sample], slope: float, jumps: Sequence[float]) -> list[float]:
    """What is left of the values without the slope and the steps."""
    flat = [(_segment(day, jumps), value - slope * day) for day, value in samples]
    levels = {segment: median(value for its, value in flat if its == segment) for segment in {its for its, _ in flat}}
    return [value - levels[segment] for segment, value in flat]


def _median_error(noise: Sequence[float], samples: float, *, fitted: int) -> float:
    """The standard error of a median of so many independent samples, and of the waves that were fitted to all."""
    middle = median(noise)
    spread = 1.4826 * median(abs(rest - middle) for rest in noise) / sqrt(max(0.2, 1 - fitted / len(noise)))
    return 1.2533 * spread * sqrt(1 / samples + fitted / len(noise))


def _student(freedom: float) -> float:
    """By how much an interval is wider than that of a normal distribution (Cornish and Fisher 1938)."""
    freedom = max(2.0, freedom)
    return 1 + (SURE**2 + 1) / (4 * freedom) + (5 * SURE**4 + 16 * SURE**2 + 3) / (96 * freedom**2)
