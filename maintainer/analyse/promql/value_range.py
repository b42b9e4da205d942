"""What an expression can return: whether it has samples, and from which lowest to which highest value.

Only what is certain counts: where an operator may do anything, the result is :data:`ANYTHING`.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple


class ValueRange(NamedTuple):
    """What an expression can return: ``never`` a sample, or ``always`` one, with values from ``low`` to ``high``.

    The other fields are selectors, by their number in the text. ``dead`` are those because of which it never returns a
    sample. ``states`` select families with a series of 0 or 1 for each phase, and their zeros come through. ``bare``
    are those of them whose values are unchanged, so that a comparison can still leave only the ones; ``switched`` are
    those of which a comparison has left only the ones.
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
    """A comparison, by its number in the text, that is ``never`` true (else: always) for values from low to high."""

    number: int
    low: float
    high: float
    never: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """What the evaluation noted of comparisons and of selectors; the latter by their number in the text.

    ``inverted``: the selector never matches and stands in ``absent``, which therefore always returns 1. ``present``: it
    is of a family of zeros and ones, and the query only looks whether there is a sample, not at its value. ``listed``:
    the same, but grouped by other labels than the phase. ``switched``: the query would be the same with the family that
    has a series only for the current phase, since no label that only one of the two families has matters.
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
    """A comparison of something with a number; the number is on the right, ``kind`` is turned round if it was not."""

    number: int
    kind: str
    bound: ValueRange

    def truth(self, low: float, high: float) -> bool | None:
        """Whether it is true of all values in a range; ``None`` if only of some, or if that is not known."""
        compare, bound = COMPARISONS[self.kind], self.bound.low
        if bound != self.bound.high or (low == -inf and high == inf):
            return None
        if self.kind in {"==", "!="} and low < high:
            return None if low <= bound <= high else self.kind == "!="
        return compare(low, bound) if compare(low, bound) is compare(high, bound) else None


def joined(left: ValueRange, right: ValueRange, *, scalar: bool, matched: bool, filters: bool) -> ValueRange:
    """The result of arithmetic with a scalar, or of an operator between two vectors."""
    if left.never or right.never:
        return ValueRange(never=True, dead=(*left.dead, *right.dead))
    states = () if filters else (*left.states, *right.states)
    switched = (*left.switched, *right.switched) if matched else ()
    return ValueRange(always=scalar and (left.always or right.always), states=states, switched=switched)


def compared(comparison: BoundComparison, value: ValueRange, trace: Trace, *, as_bool: bool) -> ValueRange:
    """The result of a comparison with a number. Notes in the trace that it is never or always true."""
    if value.never:
        return nothing(value)
    if as_bool:
        return ValueRange(always=value.always, low=0.0, high=1.0, states=value.states)
    truth = comparison.truth(value.low, value.high)
    if truth is False:
        trace.compared.append(ComparisonFault(comparison.number, value.low, value.high, never=True))
        return ValueRange(never=True)
    if truth is True:
        # A comparison that excludes 0 is a check that there is a sample, and no mistake.
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
    """The result of a function of something that never returns a sample: none either, because of the same selectors."""
    return ValueRange(never=True, dead=inner.dead)


SETS: Mapping[str, Callable[[ValueRange, ValueRange, bool, Trace], ValueRange]] = {
    "or": _or,
    "and": _and,
    "unless": _unless,
}
