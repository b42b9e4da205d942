"""Evaluates a query with ranges of values: what its tree can return, given what its selectors can."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.value_range import (
    ANYTHING,
    COMPARISONS,
    SETS,
    TURNED,
    BoundComparison,
    Trace,
    ValueRange,
    compared,
    joined,
    nothing,
)

_UNCHANGING_FUNCTIONS = re.compile(r"sort(?:_by_label)?(?:_desc)?|(?:last|max)_over_time|label_(?:replace|join)")
_AVERAGING_FUNCTIONS = frozenset(("min_over_time", "avg_over_time"))
_COUNTER_FUNCTIONS = frozenset(("rate", "irate", "increase", "changes", "resets"))
_AGGREGATIONS_WITHIN_RANGE = frozenset(("max", "min", "avg", "topk", "bottomk", "limitk", "limit_ratio"))


@dataclass(slots=True)
class _Walk:
    """A walk over a tree from left to right, in the order of the text. Counts selectors and comparisons."""

    outcomes: Sequence[ValueRange]
    numbers: bool
    trace: Trace
    selector: int = 0
    comparison: int = 0

    def evaluated(self, expression: Any) -> ValueRange:
        """What a part of the tree returns."""
        return _EVALUATORS[type(expression)](self, expression)


def evaluate(expression: Any, outcomes: Sequence[ValueRange], *, numbers: bool) -> tuple[ValueRange, Trace]:
    """What a tree of the parser can return, given the ``outcomes`` of its selectors, and notes on its parts.

    ``numbers``: whether the numbers in the tree are known. Raises IndexError if it has another number of selectors.
    """
    walk = _Walk(outcomes, numbers, Trace())
    outcome = walk.evaluated(expression)
    if walk.selector != len(outcomes):
        raise IndexError("the tree has fewer selectors than the text")
    walk.trace.switched.update(outcome.switched)
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
    )


def _call(walk: _Walk, expression: Any) -> ValueRange:
    name, kinds = expression.func.name, expression.func.arg_types
    inner = ANYTHING
    for number, argument in enumerate(expression.args):
        outcome = walk.evaluated(argument)
        if inner is ANYTHING and (name == "vector" or kinds[min(number, len(kinds) - 1)] in _VECTOR_TYPES):
            inner = outcome
    return _called(name, inner, walk.trace)


def _called(name: str, inner: ValueRange, trace: Trace) -> ValueRange:
    if name in {"absent", "absent_over_time"}:
        trace.inverted.update(inner.dead)
        return ValueRange(always=inner.never, low=1.0, high=1.0)
    if name == "vector":
        return ValueRange(always=True, low=inner.low, high=inner.high)
    if name == "scalar":
        return ANYTHING
    if inner.never or _UNCHANGING_FUNCTIONS.fullmatch(name):
        return inner
    if name in _AVERAGING_FUNCTIONS:
        return inner._replace(bare=())
    low = {"count_over_time": 1.0, "present_over_time": 1.0}.get(name, 0.0 if name in _COUNTER_FUNCTIONS else -inf)
    if name == "sum_over_time" and inner.low >= 0:
        low = inner.low
    return ValueRange(low=low, high=1.0 if name == "present_over_time" else inf, switched=inner.switched)


def _unary(walk: _Walk, expression: Any) -> ValueRange:
    inner = walk.evaluated(expression.expr)
    return ValueRange(inner.never, inner.always, -inner.high, -inner.low, inner.dead, inner.states)


def _binary(walk: _Walk, expression: Any) -> ValueRange:
    kind, modifier = str(expression.op), expression.modifier
    left = walk.evaluated(expression.lhs)
    number = walk.comparison
    walk.comparison += kind in COMPARISONS
    right = walk.evaluated(expression.rhs)
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
    return joined(left, right, scalar=scalar, matched=scalar or _matches_on(modifier), filters=kind in COMPARISONS)


def _matches_on(modifier: Any) -> bool:
    matching = modifier and modifier.matching
    return bool(matching) and matching.type == parser.LabelModifierType.Include


def _has_fill_values(values: Any) -> bool:
    return values.lhs is not None or values.rhs is not None


def _is_number(expression: Any) -> bool:
    while isinstance(expression, parser.ParenExpr | parser.UnaryExpr):
        expression = expression.expr
    return isinstance(expression, parser.NumberLiteral)


_VECTOR_TYPES = (parser.ValueType.Vector, parser.ValueType.Matrix)
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
