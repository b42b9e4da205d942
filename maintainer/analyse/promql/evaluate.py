"""Evaluates a query with ranges of values: what its tree can return, given what its selectors can."""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.value_range import (
    ANYTHING,
    BEGINNING,
    COMPARISONS,
    SETS,
    TURNED,
    BoundComparison,
    Trace,
    ValueRange,
    compared,
    joined,
    nothing,
    nothing_together,
)

VECTOR_ARGUMENT: Mapping[str, int] = {"histogram_quantile": 1, "quantile_over_time": 1, "histogram_fraction": 2}
"""Which argument of a function it is about; that of all others is the first."""
_UNCHANGING_FUNCTIONS = re.compile(r"sort(?:_by_label)?(?:_desc)?|(?:last|max)_over_time|label_(?:replace|join)")
_AVERAGING_FUNCTIONS = frozenset(("min_over_time", "avg_over_time"))
_CHANGE_FUNCTIONS = frozenset(("rate", "irate", "increase", "delta", "idelta", "deriv", "changes", "resets"))
_COUNTER_FUNCTIONS = frozenset(("rate", "irate", "increase", "changes", "resets"))
_AGGREGATIONS_WITHIN_RANGE = frozenset(("max", "min", "avg", "topk", "bottomk", "limitk", "limit_ratio"))


@dataclass(slots=True)
class _Walk:
    """A walk over a tree from left to right, in the order of the text.

    Counts selectors and comparisons, and operators and functions in the order in which they end. ``fruitless`` are the
    numbers of those that never give a result, because of the labels of what they are about.
    """

    outcomes: Sequence[ValueRange]
    numbers: bool
    trace: Trace
    fruitless: Container[int]
    stamped: set[int] = field(default_factory=set)
    selector: int = 0
    comparison: int = 0
    ended: int = 0

    def evaluated(self, expression: Any) -> ValueRange:
        """What a part of the tree returns."""
        return _EVALUATORS[type(expression)](self, expression)

    def ends(self) -> bool:
        """Count an operator or a function that ends here; whether it never gives a result."""
        self.ended += 1
        return self.ended - 1 in self.fruitless


def evaluate(
    expression: Any, outcomes: Sequence[ValueRange], *, numbers: bool, fruitless: Container[int] = ()
) -> tuple[ValueRange, Trace]:
    """What a tree of the parser can return, given the ``outcomes`` of its selectors, and notes on its parts.

    ``numbers``: whether the numbers in the tree are known. ``fruitless``: see :func:`label_conflicts`.
    Raises IndexError if it has another number of selectors.
    """
    walk = _Walk(outcomes, numbers, Trace(), fruitless)
    outcome = walk.evaluated(expression)
    if walk.selector != len(outcomes):
        raise IndexError("the tree has fewer selectors than the text")
    walk.trace.switched.update(outcome.switched)
    walk.trace.dated.difference_update(walk.stamped)
    return outcome, walk.trace


def _selector(walk: _Walk, _expression: Any) -> ValueRange:
    walk.selector += 1
    return walk.outcomes[walk.selector - 1]


def _subquery(walk: _Walk, expression: Any) -> ValueRange:
    inner = walk.evaluated(expression.expr)
    return inner._replace(always=False) if inner.always else inner


def _number(walk: _Walk, expression: Any) -> ValueRange:
    value = expression.val
    return ValueRange(low=value, high=value) if walk.numbers else ANYTHING


def _aggregate(walk: _Walk, expression: Any) -> ValueRange:
    if expression.param is not None:
        walk.evaluated(expression.param)
    inner = walk.evaluated(expression.expr)
    if inner.never:
        return nothing(inner)
    kind, modifier = str(expression.op), expression.modifier
    by = modifier is None or modifier.type == parser.AggModifierType.By
    if kind in {"count", "group"} and inner.states:
        listing = modifier is not None and by and "phase" not in modifier.labels
        (walk.trace.listed if listing else walk.trace.present).update(inner.states)
        walk.trace.switched.update(inner.bare if by else ())
    if by and inner.switched:
        walk.trace.switched.update(inner.switched)
        inner = inner._replace(switched=())
    return _aggregated(kind, inner)


def _aggregated(kind: str, inner: ValueRange) -> ValueRange:
    low, high = -inf, inf
    if kind in {"count", "count_values", "group"}:
        low, high = 1.0, 1.0 if kind == "group" else inf
    elif kind == "sum" and inner.low >= 0:
        low, high = inner.low, inf if inner.high else 0.0
    elif kind in _AGGREGATIONS_WITHIN_RANGE:
        low, high = inner.low, inner.high
    through = kind == "sum" or kind in _AGGREGATIONS_WITHIN_RANGE
    return ValueRange(
        always=inner.always and kind in {"sum", "max", "min", "avg", "count", "group"},
        low=low,
        high=high,
        states=inner.states if through else (),
        bare=inner.bare if kind in {"sum", "max"} else (),
        switched=inner.switched,
        explained=inner.explained,
    )


def _call(walk: _Walk, expression: Any) -> ValueRange:
    name, first = expression.func.name, walk.selector
    if name in _SCALARS:
        walk.ends()
        return ValueRange(low=BEGINNING) if name == "time" else ANYTHING
    inner, about = ANYTHING, VECTOR_ARGUMENT.get(name, 0)
    for number, argument in enumerate(expression.args):
        outcome = walk.evaluated(argument)
        inner = outcome if number == about else inner
    if name == "timestamp":
        walk.stamped.update(range(first, walk.selector))
    if walk.ends():
        return ValueRange(never=True)
    if name in _CHANGE_FUNCTIONS and inner.low == inner.high and not inner.never:
        walk.trace.constant.update(dict.fromkeys(range(first, walk.selector), name))
        return ValueRange(low=0.0, high=0.0, explained=True)
    return _called(name, inner, walk.trace)


def _called(name: str, inner: ValueRange, trace: Trace) -> ValueRange:
    if name in {"absent", "absent_over_time"}:
        trace.inverted.update(inner.dead)
        return ValueRange(always=inner.never, low=1.0, high=1.0)
    if name in {"vector", "scalar"}:
        return ValueRange(always=True, low=inner.low, high=inner.high) if name == "vector" else ANYTHING
    if inner.never or _UNCHANGING_FUNCTIONS.fullmatch(name):
        return inner
    if name == "timestamp":
        return ValueRange(low=BEGINNING)
    if name in _AVERAGING_FUNCTIONS:
        return inner._replace(bare=())
    low = {"count_over_time": 1.0, "present_over_time": 1.0}.get(name, 0.0 if name in _COUNTER_FUNCTIONS else -inf)
    if name == "sum_over_time" and inner.low >= 0:
        low = inner.low
    return ValueRange(low=low, high=1.0 if name == "present_over_time" else inf, switched=inner.switched)


def _unary(walk: _Walk, expression: Any) -> ValueRange:
    inner = walk.evaluated(expression.expr)
    return ValueRange(
        inner.never, inner.always, -inner.high, -inner.low, inner.dead, inner.states, explained=inner.explained
    )


def _binary(walk: _Walk, expression: Any) -> ValueRange:
    kind, modifier = str(expression.op), expression.modifier
    first = walk.selector
    left = walk.evaluated(expression.lhs)
    number, middle = walk.comparison, walk.selector
    walk.comparison += kind in COMPARISONS
    right = walk.evaluated(expression.rhs)
    if kind in _DATING:
        _note_times(walk, (first, middle), left=left, right=right)
    if walk.ends():
        return left if kind == "unless" else nothing_together(left, right)
    if modifier is not None and _has_fill_values(modifier.fill_values):
        return ANYTHING
    if kind in SETS:
        return SETS[kind](left, right, _matches_on(modifier), walk.trace)
    as_bool = modifier is not None and modifier.return_bool
    if kind in COMPARISONS and _is_number(expression.rhs):
        return compared(BoundComparison(number, kind, right), left, walk.trace, as_bool=as_bool)
    if kind in COMPARISONS and _is_number(expression.lhs):
        return compared(BoundComparison(number, TURNED.get(kind, kind), left), right, walk.trace, as_bool=as_bool)
    scalar = _is_number(expression.lhs) or _is_number(expression.rhs)
    return joined(left, right, kind, scalar=scalar, matched=scalar or _matches_on(modifier))


def _note_times(walk: _Walk, numbers: tuple[int, int], *, left: ValueRange, right: ValueRange) -> None:
    """Note the selectors whose value is taken for a time: something is compared with, or subtracted from, a time.

    ``numbers`` are those of the first selector on the left and on the right.
    """
    first, middle = numbers
    if first == middle and left.low >= BEGINNING / 2:
        walk.trace.dated.update(range(middle, walk.selector))
    elif middle == walk.selector and right.low >= BEGINNING / 2:
        walk.trace.dated.update(range(first, middle))


def _matches_on(modifier: Any) -> bool:
    matching = modifier and modifier.matching
    return bool(matching) and matching.type == parser.LabelModifierType.Include


def _has_fill_values(values: Any) -> bool:
    return values.lhs is not None or values.rhs is not None


def _is_number(expression: Any) -> bool:
    while isinstance(expression, parser.ParenExpr | parser.UnaryExpr):
        expression = expression.expr
    return isinstance(expression, parser.NumberLiteral)


_SCALARS = frozenset(("time", "pi"))
_DATING = frozenset(("-", *COMPARISONS))
_EVALUATORS: Mapping[type, Callable[[_Walk, Any], ValueRange]] = {
    parser.VectorSelector: _selector,
    parser.MatrixSelector: _selector,
    parser.SubqueryExpr: _subquery,
    parser.ParenExpr: lambda walk, expression: walk.evaluated(expression.expr),
    parser.UnaryExpr: _unary,
    parser.NumberLiteral: _number,
    parser.StringLiteral: lambda _walk, _expression: ANYTHING,
    parser.AggregateExpr: _aggregate,
    parser.Call: _call,
    parser.BinaryExpr: _binary,
}
