"""Which settings of a rule are tried."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import ceil, floor, log10
from typing import TypeVar

from maintainer.model.alert_advice import Candidate
from maintainer.model.alerts import MINUTE, AlertRule

HOLDS = tuple(minutes * MINUTE for minutes in (0, 1, 2, 3, 5, 7, 10, 12, 15, 20, 30))
"""Usual values of ``for``."""

KEEPS = (5 * MINUTE, 10 * MINUTE)
"""Usual values of ``keep_firing_for``."""

LONGEST_HOLD = 30 * MINUTE
"""Nobody should wait longer for a page."""

MOST_OWN = 8
"""How many values are tried that a rule's own history suggests."""


def longer_holds(rule: AlertRule, lengths: Iterable[int]) -> tuple[Candidate, ...]:
    """Longer values of ``for``: usual ones, and those that just outlast episodes in which the expression was true for
    these lengths, counted from its first to its last evaluation."""
    own = [length + rule.interval for length in lengths if rule.hold <= length]
    values = {*HOLDS, *_spread(sorted(set(own)), MOST_OWN)}
    return tuple(
        Candidate(hold, rule.keep)
        for hold in sorted(values)
        if rule.hold < hold <= max(LONGEST_HOLD, rule.hold) and hold % rule.interval == 0
    )


def shorter_holds(rule: AlertRule) -> tuple[Candidate, ...]:
    """Shorter values of ``for``, the nearest first."""
    return tuple(
        Candidate(hold, rule.keep) for hold in reversed(HOLDS) if hold < rule.hold and hold % rule.interval == 0
    )


def longer_keeps(rule: AlertRule) -> tuple[Candidate, ...]:
    """Longer values of ``keep_firing_for``."""
    return tuple(Candidate(rule.hold, keep) for keep in KEEPS if keep > rule.keep)


def stricter_thresholds(present: Candidate, peaks: Iterable[float], limit: float) -> tuple[Candidate, ...]:
    """Thresholds that the left side has passed in fewer episodes: round numbers just past its ``peaks`` in them.

    ``limit`` is the last value that is known of the left side; it lies beyond the threshold, so that ``>`` has a higher
    one and ``<`` a lower one.
    """
    threshold = present.threshold or 0.0
    above = limit > threshold
    past = sorted({_past(peak, above=above) for peak in peaks})
    inside = [value for value in past if min(threshold, limit) < value < max(threshold, limit)]
    return tuple(replace(present, threshold=value) for value in _spread(inside, MOST_OWN))


def looser_thresholds(present: Candidate, peaks: Iterable[float], limit: float) -> tuple[Candidate, ...]:
    """Thresholds that the left side would have passed: round numbers short of its ``peaks``, where it came near.

    ``limit`` is the last value that is known on this side of the threshold.
    """
    threshold = present.threshold or 0.0
    short = sorted({_short(peak, above=threshold > limit) for peak in peaks})
    inside = [
        value for value in short if min(threshold, limit) <= value <= max(threshold, limit) and value != threshold
    ]
    return tuple(replace(present, threshold=value) for value in _spread(inside, MOST_OWN))


def neighbours(
    chosen: Candidate, present: Candidate, tried: Iterable[Candidate]
) -> tuple[Candidate | None, Candidate | None]:
    """The candidates next to the chosen one: nearer to the present setting, and farther from it."""

    same = (candidate for candidate in tried if _changes(candidate, present) == _changes(chosen, present))
    line = sorted(same, key=lambda candidate: distance(candidate, present))
    at = line.index(chosen)
    bolder = line[at + 1] if at + 1 < len(line) else None
    return (line[at - 1] if at else None), bolder


def distance(candidate: Candidate, present: Candidate) -> tuple[int, float]:
    """How far a setting is from the present one: in time, and by its threshold."""
    time = abs(candidate.hold - present.hold) + abs(candidate.keep - present.keep)
    return time, abs((candidate.threshold or 0.0) - (present.threshold or 0.0))


def _changes(candidate: Candidate, present: Candidate) -> tuple[bool, ...]:
    """Which numbers of a setting are other than at present."""
    return (
        candidate.hold != present.hold,
        candidate.keep != present.keep,
        candidate.threshold != present.threshold,
    )


def _past(value: float, *, above: bool) -> float:
    """The next number with two digits that is not below a value, or not above it."""
    if value == 0:
        return 0.0
    unit = 10.0 ** (floor(log10(abs(value))) - 1)
    rounded = ceil(value / unit - 1e-9) if above else floor(value / unit + 1e-9)
    return float(f"{rounded * unit:.12g}")


def _short(value: float, *, above: bool) -> float:
    """A number with two digits that a value is past: it lies below it, or above it."""
    rounded = _past(value, above=not above)
    unit = 10.0 ** (floor(log10(abs(value))) - 1) if value else 0.0
    return rounded if rounded != value else float(f"{value + (-unit if above else unit):.12g}")


N = TypeVar("N", int, float)


def _spread(values: Sequence[N], most: int) -> list[N]:
    """At most so many of the values, spread over all of them."""
    if len(values) <= most:
        return list(values)
    step = (len(values) - 1) / (most - 1)
    return [values[round(place * step)] for place in range(most)]
