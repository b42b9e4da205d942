"""The series of recording rules over the controller's metrics: their labels and the range of their values."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Any

import promql_parser as parser

from maintainer.analyse.promql.contract_series import ContractSeries, exposed
from maintainer.analyse.promql.parsed_query import ParsedQuery, parse_query, query_range
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.promql.tokens import Selector
from maintainer.model.contract import Label
from maintainer.model.queries import Query

_NAME = re.compile(r"[A-Za-z_:][\w:]*", re.ASCII)

# Functions that add and change no label.
_KEEPS_LABELS = re.compile(
    r"rate|irate|increase|i?delta|deriv|changes|resets|sort|sort_desc|abs|ceil|floor|round|clamp|clamp_min|clamp_max"
    r"|(?:avg|min|max|sum|count|last|present)_over_time"
)


def with_recorded(controller: KnownSeries, queries: Sequence[Query]) -> KnownSeries:
    """The series of the ``controller``, and those of the recording rules among ``queries``.

    A rule may add labels that its query does not show. So only a label that is neither selected by nor aggregated away
    is known to keep its values, and any other label may be there.
    """
    rules: dict[str, list[str]] = {}
    for query in queries:
        if query.asks == "record":
            rules.setdefault(query.name, []).append(query.text)
    recorded: dict[str, ContractSeries] = {}
    known = replace(controller, recorded=recorded)
    for name in _in_order(rules):
        by_rule = [_recorded_series(name, text, known) for text in rules[name]]
        series = [rule for rule in by_rule if rule is not None]
        if series and len(series) == len(by_rule):
            recorded[name] = _merged(series, taken=name in exposed(controller.version))
    return known


def _in_order(rules: Mapping[str, Sequence[str]]) -> list[str]:
    """The recorded names, each after those that its rules read."""
    reads = {
        name: [word for text in texts for word in _NAME.findall(text) if word in rules] for name, texts in rules.items()
    }
    order: dict[str, None] = {}
    seen: set[str] = set()
    stack = list(reversed(list(rules)))
    while stack:
        name = stack.pop()
        waiting = [] if name in seen else [source for source in reads[name] if source not in seen]
        seen.add(name)
        if waiting:
            stack += name, *waiting
        else:
            order[name] = None
    return list(order)


def _recorded_series(name: str, text: str, known: KnownSeries) -> ContractSeries | None:
    """The series of a recording rule; ``None`` if it reads no metric of the controller, or if that is not known."""
    parsed = parse_query(text, known)
    if parsed is None or parsed.tree is None:
        return None
    try:
        result, _ = query_range(parsed, known)
    except (IndexError, RecursionError):
        return None
    return ContractSeries(name, None, _labels(parsed, known), (result.low, result.high), never=result.never)


def _merged(series: Sequence[ContractSeries], *, taken: bool) -> ContractSeries:
    """The series of several rules with the same name; anything if that is ``taken``: the controller has it too."""
    first = series[0]
    if taken:
        return ContractSeries(first.name, None, {})
    labels = {
        label: _union([rule.labels[label] for rule in series])
        for label in first.labels
        if all(label in rule.labels for rule in series)
    }
    alive = [rule for rule in series if not rule.never]
    low = min((rule.values[0] for rule in alive), default=-inf)
    high = max((rule.values[1] for rule in alive), default=inf)
    return ContractSeries(first.name, None, labels, (low, high), never=not alive)


def _union(labels: Sequence[Label]) -> Label:
    values = dict.fromkeys(value for label in labels for value in label.values or ())
    return Label(tuple(values), any(label.optional for label in labels))


def _labels(parsed: ParsedQuery, known: KnownSeries) -> Mapping[str, Label]:
    """The labels that a query over a single selector returns with all their values."""
    selectors = parsed.scan.selectors
    if len(selectors) != 1 or len(selectors[0].names) != 1:
        return {}
    series = known.series(selectors[0].names[0])
    return _returned(parsed.tree, _unselected(selectors[0], series)) if series else {}


def _unselected(selector: Selector, series: ContractSeries) -> Mapping[str, Label]:
    """The labels with known values that the selector has no matcher on."""
    selected = {matcher.label for group in selector.alternatives for matcher in group}
    return {name: label for name, label in series.labels.items() if label.values and name not in selected}


def _returned(expression: Any, labels: Mapping[str, Label]) -> Mapping[str, Label]:
    """Those of a selector's labels that an expression over it returns unchanged."""
    kind = type(expression)
    if kind in {parser.VectorSelector, parser.MatrixSelector}:
        return labels
    if kind is parser.AggregateExpr:
        return _grouped(expression, _returned(expression.expr, labels))
    if kind in {parser.ParenExpr, parser.SubqueryExpr, parser.UnaryExpr}:
        return _returned(expression.expr, labels)
    if kind is parser.Call and _KEEPS_LABELS.fullmatch(expression.func.name):
        return _returned(expression.args[0], labels)
    if kind is parser.BinaryExpr and isinstance(expression.rhs, parser.NumberLiteral):
        return _returned(expression.lhs, labels)
    return {}


def _grouped(expression: Any, labels: Mapping[str, Label]) -> Mapping[str, Label]:
    modifier, kind = expression.modifier, str(expression.op)
    if kind in {"topk", "bottomk", "limitk", "limit_ratio"}:
        return labels
    if modifier is None or kind == "count_values":
        return {}
    by = modifier.type == parser.AggModifierType.By
    return {name: label for name, label in labels.items() if (name in modifier.labels) is by}
