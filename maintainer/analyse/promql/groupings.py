"""Faults of groupings: labels that no series has, such as ``by (rollout)`` where the label is ``name``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.contract_series import ContractSeries
from maintainer.analyse.promql.faults import Fault
from maintainer.analyse.promql.lexical import BLANK, COMMENT, LITERAL
from maintainer.analyse.promql.matcher_faults import why_no_label
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.promql.suggestions import MISTAKEN_LABELS
from maintainer.analyse.promql.tokens import Grouping, Scan, grouping

_MISTAKEN = re.compile(rf"\b(?:{'|'.join(MISTAKEN_LABELS)})\b", re.ASCII)
_TOKEN = re.compile(
    rf"""
    {COMMENT} | {LITERAL} | \[[^\[\]]*+\]
  | (?P<kind>(?i:by|without)){BLANK}\((?P<labels>(?:[^()\#]++|{COMMENT})*+)\)
  | (?P<matching>(?i:on|ignoring|group_left|group_right)){BLANK}\((?:[^()\#]++|{COMMENT})*+\)
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
    """A walk over a tree in the order of its text. Counts selectors and aggregations, and collects faults.

    ``aggregations`` has the grouping of each aggregation, ``series`` the series of each selector, ``made`` the labels
    that functions within the query add.
    """

    aggregations: Sequence[Grouping | None]
    matchings: Iterator[Grouping]
    series: Sequence[ContractSeries | None]
    known: KnownSeries
    faults: list[Fault] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    selector: int = 0
    aggregation: int = 0


def grouping_faults(expression: Any, text: str, scanned: Scan, known: KnownSeries) -> tuple[Fault, ...]:
    """The faults of labels in ``by``, ``without`` and ``on`` that no series there can have."""
    if not any(_MISTAKEN.search(text, *place.labels_at) for place in scanned.groupings):
        return ()
    matchings = (place for place in scanned.groupings if place.kind in {"on", "ignoring"})
    series = [known.series(selector.names[0]) if len(selector.names) == 1 else None for selector in scanned.selectors]
    walk = _Walk(_aggregation_groupings(text), matchings, series, known)
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
        _check_labels(walk, place, [walk.series[first : walk.selector]])


def _binary(walk: _Walk, expression: Any) -> None:
    first, modifier = walk.selector, expression.modifier
    _visit(walk, expression.lhs)
    place = next(walk.matchings, None) if modifier is not None and modifier.matching is not None else None
    middle = walk.selector
    _visit(walk, expression.rhs)
    if modifier is not None and modifier.group_labels:
        walk.made.update(modifier.group_labels)
    if place and place.kind == "on":
        _check_labels(walk, place, [walk.series[first:middle], walk.series[middle : walk.selector]])


def _check_labels(walk: _Walk, place: Grouping, sides: Sequence[Sequence[ContractSeries | None]]) -> None:
    """Note the labels of a grouping that one of its sides can never have, with a correction if no side has them."""
    for label, at in place.labels:
        intended = [_intended(walk, label, side) for side in sides] if label not in walk.made else []
        known = [right for right in intended if right is not None]
        if known:
            right = known[0] if len(set(intended)) == 1 and known[0] not in dict(place.labels) else ""
            metric = next(
                series.name
                for side, own in zip(sides, intended, strict=True)
                if own is not None
                for series in side
                if series
            )
            walk.faults.append(
                Fault("query/unknown-label", at, why_no_label(metric, label, known[0]), "grouping", at, right)
            )


def _intended(walk: _Walk, label: str, side: Sequence[ContractSeries | None]) -> str | None:
    """The label that is meant by one that no series of this side has, "" for none; ``None`` if a series may have it."""
    intended = [None if series is None else walk.known.intended(label, series) for series in side]
    rights = {right for right in intended if right is not None}
    if not intended or None in intended:
        return None
    return rights.pop() if len(rights) == 1 else ""


def _aggregation_groupings(text: str) -> list[Grouping | None]:
    """The grouping of each aggregation, in the order in which these begin."""
    groupings: list[Grouping | None] = []
    stack: list[int | None] = []
    pending: int | None = None
    closed: int | None = None
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "aggregation":
            known = _AGGREGATIONS.fullmatch(token["aggregation"]) is not None
            pending = len(groupings) if known else None
            groupings += [None] if known else []
        elif kind == "labels":
            owner = closed if pending is None else pending
            if owner is not None:
                groupings[owner] = grouping(token)
        elif kind == "open":
            stack.append(pending)
            pending = None
        elif kind == "close":
            closed = stack.pop() if stack else None
    return groupings
