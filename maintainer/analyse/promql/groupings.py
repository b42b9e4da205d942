"""Labels that a grouping names and no series has: ``by (rollout)`` where the label is ``name``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.contract_series import ContractSeries
from maintainer.analyse.promql.lexical import BLANK, STRING
from maintainer.analyse.promql.selector_faults import Fault, KnownSeries, no_label
from maintainer.analyse.promql.suggestions import MISTAKEN_LABELS, intended_label
from maintainer.analyse.promql.tokens import Grouping, Scan, grouping

_NAMED = re.compile(rf"\b(?:{'|'.join(MISTAKEN_LABELS)})\b", re.ASCII)
_TOKEN = re.compile(
    rf"""
    \#[^\n]* | {STRING} | \[[^\]]*\]
  | (?P<kind>(?i:by|without)){BLANK}\((?P<labels>(?:[^()\#]|\#[^\n]*)*)\)
  | (?P<matching>(?i:on|ignoring|group_left|group_right)){BLANK}\((?:[^()\#]|\#[^\n]*)*\)
  | (?P<aggregation>[A-Za-z_:][\w:]*)(?={BLANK}(?:\(|(?i:by|without)\b))
  | [A-Za-z_:][\w:]*
  | (?P<open>\()
  | (?P<close>\))
    """,
    re.VERBOSE | re.ASCII,
)
_AGGREGATIONS = re.compile(
    "(?i:sum|avg|count|min|max|group|stddev|stdvar|topk|bottomk|quantile|count_values|limitk|limit_ratio)"
)


@dataclass(slots=True)
class _Walk:
    """A walk over a tree beside its text: the places of the groupings, and the labels that were made on the way."""

    aggregations: Sequence[Grouping | None]
    matchings: Iterator[Grouping]
    series: Sequence[ContractSeries | None]
    version: Any
    faults: list[Fault] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    selector: int = 0
    aggregation: int = 0


def misplaced(expression: Any, text: str, found: Scan, known: KnownSeries) -> tuple[Fault, ...]:
    """The labels of ``by``, ``without`` and ``on`` that no series within can have."""
    if not any(_NAMED.search(text, *one.labels_at) for one in found.groupings):
        return ()
    matchings = (one for one in found.groupings if one.kind in {"on", "ignoring"})
    series = [known.series(one.names[0]) if len(one.names) == 1 else None for one in found.selectors]
    walk = _Walk(_of_aggregations(text), matchings, series, known.version)
    _visit(walk, expression)
    return tuple(walk.faults)


def _visit(walk: _Walk, expression: Any) -> None:
    kind = type(expression)
    if kind in {parser.VectorSelector, parser.MatrixSelector}:
        walk.selector += 1
    elif kind is parser.AggregateExpr:
        _aggregate(walk, expression)
    elif kind is parser.BinaryExpr:
        _binary(walk, expression)
    elif kind is parser.Call:
        for argument in expression.args:
            _visit(walk, argument)
        if expression.func.name in {"label_replace", "label_join"}:
            walk.made.add(str(expression.args[1].val))
    elif hasattr(expression, "expr"):
        _visit(walk, expression.expr)


def _aggregate(walk: _Walk, expression: Any) -> None:
    place = walk.aggregations[walk.aggregation]
    walk.aggregation += 1
    if expression.param is not None:
        _visit(walk, expression.param)
        walk.made.add(str(getattr(expression.param, "val", "")))
    first = walk.selector
    _visit(walk, expression.expr)
    if place:
        _accuse(walk, place, [walk.series[first : walk.selector]])


def _binary(walk: _Walk, expression: Any) -> None:
    first, modifier = walk.selector, expression.modifier
    _visit(walk, expression.lhs)
    place = next(walk.matchings, None) if modifier is not None and modifier.matching is not None else None
    middle = walk.selector
    _visit(walk, expression.rhs)
    if modifier is not None and modifier.group_labels:
        walk.made.update(modifier.group_labels)
    if place and place.kind == "on":
        _accuse(walk, place, [walk.series[first:middle], walk.series[middle : walk.selector]])


def _accuse(walk: _Walk, place: Grouping, sides: Sequence[Sequence[ContractSeries | None]]) -> None:
    """Accuse the labels of a grouping that one of its sides can never have; correct them if no side has them."""
    for label, at in place.labels:
        meant = [_meant(walk, label, side) for side in sides] if label not in walk.made else []
        known = [right for right in meant if right is not None]
        if known:
            right = known[0] if len(set(meant)) == 1 and known[0] not in dict(place.labels) else ""
            metric = next(
                one.name for side, right_ in zip(sides, meant, strict=True) if right_ is not None for one in side if one
            )
            walk.faults.append(
                Fault("query/unknown-label", at, no_label(metric, label, known[0]), "grouping", at, right)
            )


def _meant(walk: _Walk, label: str, side: Sequence[ContractSeries | None]) -> str | None:
    """The own label that is meant by one that nothing on this side has; ``None`` if something may have it."""
    meant = [None if one is None else intended_label(label, one, walk.version) for one in side]
    rights = {right for right in meant if right is not None}
    if not meant or None in meant:
        return None
    return rights.pop() if len(rights) == 1 else ""


def _of_aggregations(text: str) -> list[Grouping | None]:
    """The grouping of each aggregation, in the order in which these begin."""
    found: list[Grouping | None] = []
    stack: list[int | None] = []
    pending: int | None = None
    closed: int | None = None
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "aggregation":
            known = _AGGREGATIONS.fullmatch(token["aggregation"]) is not None
            pending = len(found) if known else None
            found += [None] if known else []
        elif kind == "labels":
            owner = closed if pending is None else pending
            if owner is not None:
                found[owner] = grouping(token)
        elif kind == "open":
            stack.append(pending)
            pending = None
        elif kind == "close":
            closed = stack.pop() if stack else None
    return found
