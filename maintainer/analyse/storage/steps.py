"""Finds the times at which a history jumped to another level, such as when retention was shortened."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median

from maintainer.analyse.storage.least_squares import Vector, dot, orthonormal, without

MOST = 3
"""The most steps of a history."""

SETTLED = 3.0
"""So many days on each side of a step must have been measured: else it may be an outlier, or the weekend."""

SURE = 6.0
"""A step counts if it is so many times its own standard error."""

_ROUNDING = 1e-12


def steps(times: Sequence[float], values: Sequence[float], regressors: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The times of the first samples after a step, in order; ``times`` are days and sorted.

    ``regressors`` are what explains the values besides steps: columns such as a constant, the time, and the weekdays.
    Each step is the one that least squares gains most from, as in forward selection (Frisch-Waugh-Lovell).
    """
    basis = orthonormal(regressors)
    left = without(list(values), basis)
    found: list[float] = []
    for _ in range(MOST):
        best, gain = None, 0.0
        for time in times[1:]:
            if not _is_apart(time, times, found):
                continue
            column = without([float(moment >= time) for moment in times], basis)
            size = dot(column, column)
            if size > 1e-9 and (gained := dot(column, left) ** 2 / size) > gain:
                best, gain = time, gained
        noise = (dot(left, left) - gain) / max(1, len(times) - len(basis) - 1)
        if (
            best is None
            or gain <= _ROUNDING * dot(values, values)
            or gain <= SURE**2 * noise * _inflation(left, times, best, basis)
        ):
            break
        found.append(best)
        basis += orthonormal([[float(moment >= best) for moment in times]], basis)
        left = without(list(values), basis)
    return tuple(sorted(found))


def inflation(residuals: Sequence[float]) -> float:
    """By how much the variance of a mean grows because neighbouring samples resemble each other, 1 at least.

    The factor of a first-order autoregression, (1 + r) / (1 - r), with r estimated robustly: with the sign of products.
    """
    middle = median(residuals)
    centred = [value - middle for value in residuals]
    spread = median(abs(value) for value in centred) * 4
    clipped = [max(-spread, min(spread, value)) for value in centred]
    power = fmean(value * value for value in clipped)
    if power == 0:
        return 1.0
    together = fmean(first * second for first, second in pairwise(clipped)) / power
    correlation = max(0.0, min(0.95, together))
    return (1 + correlation) / (1 - correlation)


def _inflation(left: Vector, times: Sequence[float], best: float, basis: Sequence[Vector]) -> float:
    column = without([float(moment >= best) for moment in times], basis)
    share = dot(column, left) / dot(column, column)
    return inflation([value - share * step for value, step in zip(left, column, strict=True)])


def _is_apart(time: float, times: Sequence[float], found: Sequence[float]) -> bool:
    edges = (times[0], *found, times[-1])
    return all(abs(time - edge) >= SETTLED for edge in edges)
