"""What an expression can return: nothing ever, always something, values in which range.

Only what is certain is said; whatever a function or an operator might do counts as anything.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple


class ValueRange(NamedTuple):
    """What an expression can return: ``never`` a sample, ``always`` one, with values from ``low`` to ``high``.

    ``dead`` are the selectors, by their number in the text, by which it is never anything. ``states`` are those of
    0/1 families whose zeros come through, ``bare`` those of them that a comparison can still turn into yes or no,
    and ``switched`` those that one did turn.
    """

    never: bool = False
    always: bool = False
    low: float = -inf
    high: float = inf
    dead: tuple[int, ...] = ()
    states: tuple[int, ...] = ()
    bare: tuple[int, ...] = ()
    switched: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparisonFault:
    """A comparison, by its number in the text, that is ``never`` or else always true for values in this range."""

    number: int
    low: float
    high: float
    never: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """What was met on the way; selectors are given by their number in the text.

    ``inverted``: never anything, and so ``absent`` of it is always 1. ``present``: of a 0/1 family, and only whether
    there is a sample matters, not its value; ``listed`` as well, but by other labels than the phase. ``switched``:
    might as well be of the family that has a series only for what the other has as 1, since labels that only one of
    the two has do not matter here.
    """

    compared: list[ComparisonFault] = field(default_factory=list)
    inverted: set[int] = field(default_factory=set)
    present: set[int] = field(default_factory=set)
    listed: set[int] = field(default_factory=set)
    switched: set[int] = field(default_factory=set)


ANYTHING = ValueRange()

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


@dataclass(frozen=True, slots=True)
class BoundComparison:
    """A comparison with a number that stands on its right, or was turned round so that it does."""

    number: int
    kind: str
    bound: ValueRange

    def truth(self, low: float, high: float) -> bool | None:
        """Whether it is true of everything in a range; ``None`` if of some, or if nobody knows."""
        compare, bound = COMPARISONS[self.kind], self.bound.low
        if bound != self.bound.high or (low == -inf and high == inf):
            return None
        if self.kind in {"==", "!="} and low < high:
            return None if low <= bound <= high else self.kind == "!="
        return compare(low, bound) if compare(low, bound) is compare(high, bound) else None


def joined(left: ValueRange, right: ValueRange, *, scalar: bool, matched: bool, filters: bool) -> ValueRange:
    """What arithmetic with a scalar, or an operator between two vectors, returns."""
    if left.never or right.never:
        return ValueRange(never=True, dead=(*left.dead, *right.dead))
    states = () if filters else (*left.states, *right.states)
    switched = (*left.switched, *right.switched) if matched else ()
    return ValueRange(always=scalar and (left.always or right.always), states=states, switched=switched)


def compared(comparison: BoundComparison, value: ValueRange, trace: Trace, *, as_bool: bool) -> ValueRange:
    """What a comparison with a number returns; that it is never or always true is noted."""
    if value.never:
        return nothing(value)
    if as_bool:
        return ValueRange(always=value.always, low=0.0, high=1.0, states=value.states)
    truth = comparison.truth(value.low, value.high)
    if truth is False:
        trace.compared.append(ComparisonFault(comparison.number, value.low, value.high, never=True))
        return ValueRange(never=True)
    if truth is True:
        # One that excludes 0 asks whether something is there, and is no mistake.
        if comparison.truth(min(value.low, 0.0), max(value.high, 0.0)):
            trace.compared.append(ComparisonFault(comparison.number, value.low, value.high, never=False))
        return value._replace(states=(), bare=())
    switches = comparison.truth(1.0, 1.0) is True and comparison.truth(0.0, 0.0) is False
    return ValueRange(low=value.low, high=value.high, switched=(*value.switched, *(value.bare if switches else ())))


def _or(left: ValueRange, right: ValueRange, _on: bool, _trace: Trace) -> ValueRange:  # noqa: FBT001
    if left.never and right.never:
        return ValueRange(never=True, dead=(*left.dead, *right.dead))
    if left.never or right.never:
        return (right if left.never else left)._replace(dead=(), bare=())
    return ValueRange(
        always=left.always or right.always,
        low=min(left.low, right.low),
        high=max(left.high, right.high),
        states=left.states + right.states,
        switched=left.switched + right.switched,
    )


def _and(left: ValueRange, right: ValueRange, on: bool, trace: Trace) -> ValueRange:  # noqa: FBT001
    if left.never or right.never:
        return ValueRange(never=True, dead=(*left.dead, *right.dead))
    return _restricted(left, right, on, trace)


def _unless(left: ValueRange, right: ValueRange, on: bool, trace: Trace) -> ValueRange:  # noqa: FBT001
    return nothing(left) if left.never else _restricted(left, right, on, trace)


def _restricted(left: ValueRange, right: ValueRange, on: bool, trace: Trace) -> ValueRange:  # noqa: FBT001
    trace.present.update(right.states)
    if on:
        trace.switched.update(right.bare, right.switched)
    return left._replace(always=False, bare=left.bare if on else (), switched=left.switched if on else ())


def nothing(inner: ValueRange) -> ValueRange:
    """What is made of something that never is: nothing, by the same selectors."""
    return ValueRange(never=True, dead=inner.dead)


SETS: Mapping[str, Callable[[ValueRange, ValueRange, bool, Trace], ValueRange]] = {
    "or": _or,
    "and": _and,
    "unless": _unless,
}
