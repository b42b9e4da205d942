"""What recording rules make of the controller's metrics: which values of which labels can come through."""

import re
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.contract_series import ContractSeries, exposed
from maintainer.analyse.promql.parsed_query import ParsedQuery, parse_query, query_range
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.promql.tokens import Selector
from maintainer.model.contract import Label, Release
from maintainer.model.queries import Query

_NAME = re.compile(r"[A-Za-z_:][\w:]*", re.ASCII)

# Functions that neither add nor change a label.
_KEEPING = re.compile(
    r"rate|irate|increase|i?delta|deriv|changes|resets|sort|sort_desc|abs|ceil|floor|round|clamp|clamp_min|clamp_max"
    r"|(?:avg|min|max|sum|count|last|present)_over_time"
)


def known_series(queries: Sequence[Query], version: Release | None) -> KnownSeries:
    """The series that the recording rules among the queries make of the controller's metrics, by name.

    A rule may add labels of its own, of which the query says nothing: so only a label that is neither selected by nor
    aggregated away is held to keep its values, and everything else is open.
    """
    rules: dict[str, list[str]] = {}
    for query in queries:
        if query.asks == "record":
            rules.setdefault(query.name, []).append(query.text)
    recorded: dict[str, ContractSeries] = {}
    for name in _in_order(rules):
        made = [_made(name, text, KnownSeries(recorded, version)) for text in rules[name]]
        series = [one for one in made if one is not None]
        if series and len(series) == len(made):
            recorded[name] = _together(series, name in exposed(version))
    return KnownSeries(recorded, version)


def _in_order(rules: Mapping[str, Sequence[str]]) -> list[str]:
    """The recorded names, each after those that it is made of."""
    reads = {
        name: [one for text in texts for one in _NAME.findall(text) if one in rules] for name, texts in rules.items()
    }
    order: dict[str, None] = {}
    seen: set[str] = set()
    stack = list(reversed(list(rules)))
    while stack:
        name = stack.pop()
        waiting = [] if name in seen else [one for one in reads[name] if one not in seen]
        seen.add(name)
        if waiting:
            stack += name, *waiting
        else:
            order[name] = None
    return list(order)


def _made(name: str, text: str, known: KnownSeries) -> ContractSeries | None:
    """What one rule records; ``None`` if it has nothing to do with the controller, or nobody can tell."""
    parsed = parse_query(text, known)
    if parsed is None or parsed.tree is None:
        return None
    try:
        result, _ = query_range(parsed, known)
    except (IndexError, RecursionError):
        return None
    return ContractSeries(name, None, _labels(parsed, known), (result.low, result.high), never=result.never)


def _together(series: Sequence[ContractSeries], taken: bool) -> ContractSeries:  # noqa: FBT001
    """What several rules of one name record; anything if the controller has the name too."""
    first = series[0]
    if taken:
        return ContractSeries(first.name, None, {})
    labels = {
        label: _union([one.labels[label] for one in series])
        for label in first.labels
        if all(label in one.labels for one in series)
    }
    alive = [one for one in series if not one.never]
    low = min((one.values[0] for one in alive), default=-inf)
    high = max((one.values[1] for one in alive), default=inf)
    return ContractSeries(first.name, None, labels, (low, high), never=not alive)


def _union(labels: Sequence[Label]) -> Label:
    values = dict.fromkeys(value for label in labels for value in label.values or ())
    return Label(tuple(values), any(label.optional for label in labels))


def _labels(parsed: ParsedQuery, known: KnownSeries) -> Mapping[str, Label]:
    """The labels that come through with all their values, for a plain aggregation over one selector."""
    selectors = parsed.scan.selectors
    if len(selectors) != 1 or len(selectors[0].names) != 1:
        return {}
    series = known.series(selectors[0].names[0])
    return _through(parsed.tree, _unselected(selectors[0], series)) if series else {}


def _unselected(selector: Selector, series: ContractSeries) -> Mapping[str, Label]:
    selected = {matcher.label for group in selector.alternatives for matcher in group}
    return {label: what for label, what in series.labels.items() if what.values and label not in selected}


def _through(expression: Any, labels: Mapping[str, Label]) -> Mapping[str, Label]:
    kind = type(expression)
    if kind in {parser.VectorSelector, parser.MatrixSelector}:
        return labels
    if kind is parser.AggregateExpr:
        return _grouped(expression, _through(expression.expr, labels))
    if kind in {parser.ParenExpr, parser.SubqueryExpr, parser.UnaryExpr}:
        return _through(expression.expr, labels)
    if kind is parser.Call and _KEEPING.fullmatch(expression.func.name):
        return _through(expression.args[0], labels)
    if kind is parser.BinaryExpr and isinstance(expression.rhs, parser.NumberLiteral):
        return _through(expression.lhs, labels)
    return {}


def _grouped(expression: Any, labels: Mapping[str, Label]) -> Mapping[str, Label]:
    modifier, kind = expression.modifier, str(expression.op)
    if kind in {"topk", "bottomk", "limitk", "limit_ratio"}:
        return labels
    if modifier is None or kind == "count_values":
        return {}
    by = modifier.type == parser.AggModifierType.By
    return {label: what for label, what in labels.items() if (label in modifier.labels) is by}
