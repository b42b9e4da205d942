"""What an expression can return: whether it has samples, and from which lowest to which highest value.

Only what is certain counts: where an operator may do anything, the result is :data:`ANYTHING`.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf, isnan
from typing import NamedTuple


class ValueRange(NamedTuple):
    """What an expression can return: ``never`` a sample, or ``always`` one, with values from ``low`` to ``high``.

    The other fields are selectors, by their number in the text. ``dead`` are those because of which it never returns a
    sample. ``states`` select families with a series of 0 or 1 for each phase, and their zeros come through. ``bare``
    are those of them whose values are unchanged, so that a comparison can still leave only the ones; ``switched`` are
    those of which a comparison has left only the ones. ``explained``: a fault says already that the value is constant.
    """

    never: bool = False
    always: bool = False
    low: float = -inf
    high: float = inf
    dead: tuple[int, ...] = ()
    states: tuple[int, ...] = ()
    bare: tuple[int, ...] = ()
    switched: tuple[int, ...] = ()
    explained: bool = False


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
    ``dated``: its value is taken for a time. ``constant``: its value never changes, and it stands in the function that
    is named, which is about changes.
    """

    compared: list[ComparisonFault] = field(default_factory=list)
    inverted: set[int] = field(default_factory=set)
    present: set[int] = field(default_factory=set)
    listed: set[int] = field(default_factory=set)
    switched: set[int] = field(default_factory=set)
    dated: set[int] = field(default_factory=set)
    constant: dict[int, str] = field(default_factory=dict)


ANYTHING = ValueRange()

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
BEGINNING = 1.4e9
"""A time before the first release of Argo Rollouts, in seconds since the epoch: the least value of ``time()``."""
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
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


def joined(left: ValueRange, right: ValueRange, kind: str, *, scalar: bool, matched: bool) -> ValueRange:
    """The result of arithmetic with a scalar, or of an operator between two vectors."""
    if left.never or right.never:
        return ValueRange(never=True, dead=(*left.dead, *right.dead))
    low, high = calculated(kind, (left.low, left.high), (right.low, right.high))
    states = () if kind in COMPARISONS else (*left.states, *right.states)
    switched = (*left.switched, *right.switched) if matched else ()
    return ValueRange(
        always=scalar and (left.always or right.always),
        low=low,
        high=high,
        states=states,
        switched=switched,
        explained=left.explained or right.explained,
    )


def calculated(kind: str, left: tuple[float, float], right: tuple[float, float]) -> tuple[float, float]:
    """The lowest and highest result of an operator over two ranges; anything where that is not certain."""
    calculate = _ARITHMETIC.get(kind)
    if calculate is None or (kind == "/" and right[0] <= 0 <= right[1]):
        return -inf, inf
    ends = [calculate(one, other) for one in left for other in right]
    return (-inf, inf) if any(isnan(end) for end in ends) else (min(ends), max(ends))


def compared(comparison: BoundComparison, value: ValueRange, trace: Trace, *, as_bool: bool) -> ValueRange:
    """The result of a comparison with a number. Notes in the trace that it is never or always true."""
    if value.never:
        return nothing(value)
    if as_bool:
        return ValueRange(always=value.always, low=0.0, high=1.0, states=value.states)
    truth = comparison.truth(value.low, value.high)
    if truth is False:
        if value.explained:
            return ValueRange(never=True)
        trace.compared.append(ComparisonFault(comparison.number, value.low, value.high, never=True))
        return ValueRange(never=True)
    if truth is True:
        # A comparison with 0 or 1 that excludes 0 is a check that there is a sample, and no mistake.
        presence = abs(comparison.bound.low) <= 1.0 and not comparison.truth(min(value.low, 0.0), max(value.high, 0.0))
        if not (presence or value.explained):
            trace.compared.append(ComparisonFault(comparison.number, value.low, value.high, never=False))
        return value._replace(states=(), bare=())
    switches = comparison.truth(1.0, 1.0) is True and comparison.truth(0.0, 0.0) is False
    switched = (*value.switched, *(value.bare if switches else ()))
    return ValueRange(low=value.low, high=value.high, switched=switched, explained=value.explained)


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


def nothing_together(left: ValueRange, right: ValueRange) -> ValueRange:
    """The result of two vectors that never have a pair: none, because of what is dead already or of their labels."""
    return ValueRange(never=True, dead=(*left.dead, *right.dead))


SETS: Mapping[str, Callable[[ValueRange, ValueRange, bool, Trace], ValueRange]] = {
    "or": _or,
    "and": _and,
    "unless": _unless,
}
