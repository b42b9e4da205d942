"""What is kept of the left side of a rule's comparison: its values where they come near the threshold."""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from maintainer.analyse.alerts.replay_types import Presence
from maintainer.analyse.alerts.runs import united
from maintainer.analyse.alerts.thresholds import Threshold
from maintainer.model.alerts import DAY, AlertRule, LeftSide, RawSeries, Run

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_NEAR_ZERO = 10.0
"""How far from a threshold of 0, of which half and twice are the same, the values are kept."""


def near(found: Threshold) -> tuple[float, float]:
    """The lowest and the highest threshold for which the values are kept: half and twice the present one."""
    if found.value == 0:
        return (0.0, _NEAR_ZERO) if found.operator in {">", ">="} else (-_NEAR_ZERO, 0.0)
    low, high = sorted((found.value / 2, found.value * 2))
    return low, high


def left_side(rule: AlertRule, found: Threshold, series: RawSeries, *, most: int) -> LeftSide:
    """What is kept of a series of the left side, with a sample at each evaluation at which it had a value.

    Where a day, UTC, has more than ``most`` runs of equal values, only its highest (for ``<`` its lowest) is kept.
    """
    low, high = near(found)
    upwards = found.operator in {">", ">="}
    kept, clamped = (low, high) if upwards else (high, low)
    compare, clamp, extreme = _COMPARE[found.operator], min if upwards else max, max if upwards else min
    samples = (
        (time, clamp(value, clamped))
        for time, value in zip(series.times, series.values, strict=True)
        if compare(value, kept)
    )
    values: list[tuple[int, int, float]] = []
    maxima: list[tuple[int, float]] = []
    for day, runs in groupby(_equal(samples, rule.interval), key=lambda run: run[0] // DAY):
        of_day = list(runs)
        if len(of_day) > most:
            maxima.append((day * DAY, extreme(value for _, _, value in of_day)))
        else:
            values += of_day
    return LeftSide(rule.version, series.labels, rule.interval, found.operator, low, high, tuple(values), tuple(maxima))


def _equal(samples: Iterable[tuple[int, float]], interval: int) -> Iterator[tuple[int, int, float]]:
    """Runs of equal values without a hole, and within a day."""
    run: tuple[int, int, float] | None = None
    for time, value in samples:
        if run and run[2] == value and 2 * (time - run[1]) <= 3 * interval and time // DAY == run[0] // DAY:
            run = run[0], time, value
        else:
            if run:
                yield run
            run = time, time, value
    if run:
        yield run


def answers_for(side: LeftSide, threshold: float) -> bool:
    """Whether the values that were kept say when the comparison with this threshold was true."""
    if side.maxima:
        return False
    if side.operator in {">", ">="}:
        return side.low <= threshold < side.high or (side.operator == ">=" and threshold == side.high)
    return side.low < threshold <= side.high or (side.operator == "<=" and threshold == side.low)


def left_side_presences(left_sides: Sequence[LeftSide], threshold: float) -> tuple[Presence, ...]:
    """Where a comparison of the left sides with another threshold is true; several of an identity are of several reads.

    Raises ValueError for a threshold that the values that were kept do not answer for, see :class:`LeftSide`.
    """
    found: dict[tuple[tuple[str, str], ...], list[Run]] = {}
    for side in left_sides:
        if not answers_for(side, threshold):
            raise ValueError(f"nothing says when {side.operator} {threshold:g} was true")
        compare = _COMPARE[side.operator]
        true = (Run(first, last) for first, last, value in side.values if compare(value, threshold))
        found.setdefault(side.labels, []).extend(true)
    interval = left_sides[0].interval if left_sides else 0
    return tuple(Presence(labels, united(runs, interval)) for labels, runs in sorted(found.items()) if runs)
