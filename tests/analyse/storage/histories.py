"""Histories of sizes with a known truth, and how narrow the interval of an observer is who knows the model."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from typing import Literal

from maintainer.analyse.storage.crossing import HORIZON, first_day
from maintainer.analyse.storage.trend import SURE

Kind = Literal["linear", "step", "weekly", "noisy"]
KINDS: tuple[Kind, ...] = ("linear", "step", "weekly", "noisy")


@dataclass(frozen=True)
class History:
    """Samples of a size that grows by ``slope`` a day, with the limit that it reaches on the day ``full``."""

    samples: tuple[tuple[float, float], ...]
    today: float
    limit: float
    full: float
    best: tuple[float, float]


def history(kind: Kind, chance: random.Random) -> History:
    days = chance.choice([21, 30, 60] if kind == "step" else [10, 14, 21, 30, 60])
    a_day = chance.choice([1, 4, 24])
    slope = 10 ** chance.uniform(-1, 1)
    noise = slope * (chance.uniform(3, 15) if kind == "noisy" else 10 ** chance.uniform(-0.7, 0.7))
    weekly = slope * chance.uniform(0.5, 5) if kind == "weekly" else 0.0
    jump = chance.choice([-1, 1]) * noise * chance.uniform(4, 30) if kind == "step" else 0.0
    jumped, likeness = chance.uniform(5, days - 5), chance.choice([0, 0, 0.5]) if kind == "noisy" else 0.0
    peak = chance.uniform(0, 7)

    def regressors(day: float) -> list[float]:
        waves = [sin(2 * pi * (day - peak) / 7), cos(2 * pi * (day - peak) / 7)] if weekly else []
        return [1.0, day, *waves, *([float(day >= jumped)] if jump else [])]

    def truth(day: float) -> float:
        return 100 + slope * day + weekly * sin(2 * pi * (day - peak) / 7) + (jump if day >= jumped else 0)

    times = [step / a_day for step in range(days * a_day)]
    limit = truth(days) + slope * chance.uniform(10, 180)
    full = first_day(truth, limit, (days, days + HORIZON))
    assert full is not None
    errors = covariance([regressors(day) for day in times], noise**2 * (1 + likeness) / (1 - likeness))
    band = _bounds(truth, regressors, errors, limit, days)
    return History(_measured(times, truth, noise, likeness, chance), days, limit, full, band)


def covariance(rows: Sequence[Sequence[float]], variance: float) -> list[list[float]]:
    """Of the coefficients of least squares: the variance of a sample times the inverse of the normal matrix."""
    width = range(len(rows[0]))
    matrix = [[sum(row[i] * row[j] for row in rows) for j in width] + [float(i == j) for j in width] for i in width]
    for i in width:
        pivot = max(width[i:], key=lambda row: abs(matrix[row][i]))
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        matrix[i] = [value / matrix[i][i] for value in matrix[i]]
        for other in width:
            if other != i:
                share = matrix[other][i]
                matrix[other] = [value - share * mine for value, mine in zip(matrix[other], matrix[i], strict=True)]
    return [[variance * value for value in row[len(width) :]] for row in matrix]


def _measured(
    times: Sequence[float], truth: Callable[[float], float], noise: float, likeness: float, chance: random.Random
) -> tuple[tuple[float, float], ...]:
    error, samples = 0.0, []
    for day in times:
        error = likeness * error + chance.gauss(0, noise) * sqrt(1 - likeness**2)
        outlier = chance.choice([-15, 15]) * noise if likeness and chance.random() < 0.03 else 0.0
        samples.append((day, truth(day) + error + outlier))
    return tuple(samples)


def _bounds(
    truth: Callable[[float], float],
    regressors: Callable[[float], list[float]],
    errors: list[list[float]],
    limit: float,
    today: float,
) -> tuple[float, float]:
    """The interval of 95 % of least squares with the true model."""

    def path(sureness: float) -> Callable[[float], float]:
        def at(day: float) -> float:
            row = regressors(day)
            variance = sum(
                x * value * y for x, line in zip(row, errors, strict=True) for value, y in zip(line, row, strict=True)
            )
            return truth(day) + sureness * sqrt(variance)

        return at

    first = first_day(path(SURE), limit, (today, today + HORIZON))
    last = first_day(path(-SURE), limit, (today, today + HORIZON))
    return first or today, last or today + HORIZON
