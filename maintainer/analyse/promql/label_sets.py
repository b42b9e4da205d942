"""Which labels the parts of a query have, and the operators whose two sides can therefore never agree.

Only labels of the controller count: a scrape adds labels to all series of a target alike.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple

import promql_parser as parser

from maintainer.analyse.promql.contract_series import ContractSeries
from maintainer.analyse.promql.evaluate import VECTOR_ARGUMENT

_KEEPING_AGGREGATIONS = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))
_RELABELLING = frozenset(("label_replace", "label_join"))
_OTHER_LABELS = frozenset(("absent", "absent_over_time", "info"))
_LABELLESS = frozenset(("vector", "time", "scalar", "pi"))
_NONE: frozenset[str] = frozenset()


class LabelSet(NamedTuple):
    """The labels that every series of a part ``has``, and those that each ``lacks``.

    ``only`` are all that may be there, ``None`` where others may be there that are not known.
    """

    has: frozenset[str] = _NONE
    lacks: frozenset[str] = _NONE
    only: frozenset[str] | None = None

    def misses(self, label: str) -> bool:
        """Whether no series has the label."""
        return label in self.lacks or (self.only is not None and label not in self.only)

    def without(self, labels: Iterable[str]) -> "LabelSet":
        """The same after some labels were dropped."""
        dropped = frozenset(labels)
        only = None if self.only is None else self.only - dropped
        return LabelSet(self.has - dropped, self.lacks | dropped, only)

    def only_with(self, labels: Iterable[str]) -> "LabelSet":
        """The same after all labels but these were dropped."""
        kept = frozenset(labels)
        return LabelSet(self.has & kept, self.lacks, kept if self.only is None else self.only & kept)

    def perhaps_with(self, label: str) -> "LabelSet":
        """The same after a label was set, perhaps to nothing."""
        only = None if self.only is None else self.only | {label}
        return LabelSet(self.has - {label}, self.lacks - {label}, only)


UNKNOWN = LabelSet()


@dataclass(frozen=True, slots=True)
class Conflict:
    """An operator or a function that never gives a result; ``number`` counts both in the order in which they end.

    ``labels`` are those that only the side has whose first selector is ``owner``; ``other`` is that of the other side.
    Both are numbers of selectors, -1 where a side has none. The kind ``histogram_quantile`` lacks its label.
    """

    number: int
    kind: str
    labels: tuple[str, ...]
    owner: int
    other: int


@dataclass(slots=True)
class _Walk:
    series: Sequence[ContractSeries | None]
    conflicts: list[Conflict] = field(default_factory=list)
    selector: int = 0
    ended: int = 0

    def labels(self, expression: Any) -> LabelSet:
        return _LABELS.get(type(expression), _inner)(self, expression)


def label_conflicts(expression: Any, series: Sequence[ContractSeries | None]) -> tuple[Conflict, ...]:
    """The operators and functions of a tree that never give a result because of labels.

    ``series`` are those of its selectors, ``None`` where nothing is known of them.
    Raises IndexError if the tree has another number of selectors.
    """
    walk = _Walk(series)
    walk.labels(expression)
    if walk.conflicts and walk.selector != len(series):
        raise IndexError("the tree has fewer selectors than the text")
    return tuple(walk.conflicts)


def _selector(walk: _Walk, _expression: Any) -> LabelSet:
    walk.selector += 1
    series = walk.series[walk.selector - 1]
    if series is None or series.family is None:
        return UNKNOWN
    return LabelSet(*series.always_and_never)


def _inner(walk: _Walk, expression: Any) -> LabelSet:
    return walk.labels(expression.expr) if hasattr(expression, "expr") else LabelSet(only=_NONE)


def _aggregate(walk: _Walk, expression: Any) -> LabelSet:
    kind, modifier = str(expression.op), expression.modifier
    if expression.param is not None:
        walk.labels(expression.param)
    inner = walk.labels(expression.expr)
    if kind in _KEEPING_AGGREGATIONS:
        return inner
    by = modifier is None or modifier.type == parser.AggModifierType.By
    labels = () if modifier is None else modifier.labels
    if _is_variable(labels):
        return UNKNOWN
    grouped = inner.only_with(labels) if by else inner.without(labels)
    return grouped.perhaps_with(str(expression.param.val)) if kind == "count_values" else grouped


def _call(walk: _Walk, expression: Any) -> LabelSet:
    name = expression.func.name
    first = walk.selector
    inside = [walk.labels(argument) for argument in expression.args]
    number, walk.ended = walk.ended, walk.ended + 1
    if name == "histogram_quantile":
        # A native histogram has no label for its buckets; nothing is known of the series of its name.
        if inside[1].misses("le") and all(walk.series[first : walk.selector]):
            walk.conflicts.append(Conflict(number, name, ("le",), first, first))
        return inside[1].without(["le"])
    if name in _RELABELLING:
        return inside[0].perhaps_with(str(expression.args[1].val))
    if name in _LABELLESS:
        return LabelSet(only=_NONE)
    return inside[VECTOR_ARGUMENT.get(name, 0)] if inside and name not in _OTHER_LABELS else UNKNOWN


def _is_variable(labels: Iterable[str]) -> bool:
    """Whether one of the labels is what stands for a variable of Grafana."""
    return any(set(label) == {"v"} for label in labels)


def _binary(walk: _Walk, expression: Any) -> LabelSet:
    kind, modifier, first = str(expression.op), expression.modifier, walk.selector
    left, middle = walk.labels(expression.lhs), walk.selector
    right = walk.labels(expression.rhs)
    number, walk.ended = walk.ended, walk.ended + 1
    if kind == "or":
        return _either(left, right)
    if _is_scalar(expression.lhs) or _is_scalar(expression.rhs):
        return right if _is_scalar(expression.lhs) else left
    sides = _Sides(number, kind, first if middle > first else -1, middle if walk.selector > middle else -1)
    conflict = _conflict(sides, _matched(left, modifier), _matched(right, modifier))
    if conflict is not None and not _fills(modifier):
        walk.conflicts.append(conflict)
    if kind in {"and", "unless"}:
        return left
    return _joined(left, right, modifier)


class _Sides(NamedTuple):
    number: int
    kind: str
    first: int
    second: int


def _conflict(sides: _Sides, left: LabelSet, right: LabelSet) -> Conflict | None:
    """The conflict of two sides that are matched by these labels, if one has labels that the other never has."""
    only_right = tuple(sorted(label for label in right.has if left.misses(label)))
    if only_right:
        return Conflict(sides.number, sides.kind, only_right, sides.second, sides.first)
    only_left = tuple(sorted(label for label in left.has if right.misses(label)))
    if only_left:
        return Conflict(sides.number, sides.kind, only_left, sides.first, sides.second)
    return None


def _matched(labels: LabelSet, modifier: Any) -> LabelSet:
    """The labels by which an operator matches."""
    matching = modifier and modifier.matching
    if not matching:
        return labels
    if _is_variable(matching.labels):
        return UNKNOWN
    included = matching.type == parser.LabelModifierType.Include
    return labels.only_with(matching.labels) if included else labels.without(matching.labels)


def _joined(left: LabelSet, right: LabelSet, modifier: Any) -> LabelSet:
    """The labels of the result of arithmetic or of a comparison between two vectors."""
    if modifier is None or modifier.card == parser.VectorMatchCardinality.OneToOne:
        return _matched(left, modifier)
    many = left if modifier.card == parser.VectorMatchCardinality.ManyToOne else right
    return reduce(LabelSet.perhaps_with, modifier.group_labels or (), many)


def _either(left: LabelSet, right: LabelSet) -> LabelSet:
    only = None if left.only is None or right.only is None else left.only | right.only
    missing = frozenset(label for label in left.lacks | right.lacks if left.misses(label) and right.misses(label))
    return LabelSet(left.has & right.has, missing, only)


def _fills(modifier: Any) -> bool:
    return modifier is not None and not (modifier.fill_values.lhs is None and modifier.fill_values.rhs is None)


def _is_scalar(expression: Any) -> bool:
    kind = type(expression)
    if kind in {parser.ParenExpr, parser.UnaryExpr}:
        return _is_scalar(expression.expr)
    if kind is parser.BinaryExpr:
        return _is_scalar(expression.lhs) and _is_scalar(expression.rhs)
    scalar = kind is parser.Call and expression.func.return_type == parser.ValueType.Scalar
    return scalar or kind is parser.NumberLiteral


_LABELS: Mapping[type, Callable[[_Walk, Any], LabelSet]] = {
    parser.VectorSelector: _selector,
    parser.MatrixSelector: _selector,
    parser.AggregateExpr: _aggregate,
    parser.Call: _call,
    parser.BinaryExpr: _binary,
}
