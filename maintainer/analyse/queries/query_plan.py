"""What has to be asked of Prometheus to know whether the queries of rules and dashboards are answered, and rightly."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from maintainer.analyse.promql.contract_series import ContractSeries, certain_test
from maintainer.analyse.promql.lexical import VARIABLE, label_values_label, quoted
from maintainer.analyse.promql.parsed_query import ParsedQuery, parse_query
from maintainer.analyse.promql.recorded import known_series
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.promql.tokens import Matcher, Selector
from maintainer.analyse.queries.baseline import Baseline
from maintainer.analyse.queries.lint import SEVERITY
from maintainer.analyse.queries.panel_query import PanelQuery, panel_query
from maintainer.model.contract import GAUGES, INFO
from maintainer.model.loaded_queries import QueryPlan
from maintainer.model.message import Message, message
from maintainer.model.queries import Query, Remark
from maintainer.model.source_text import Edit, spliced

MOST_QUERIES = 200
"""Queries that one run asks of a kind; nobody has as many about Rollouts, and Prometheus is not to be hurt."""

_OF_ROLLOUTS = frozenset((INFO, *GAUGES, "rollout_phase"))
_IDENTITY: Mapping[str, int] = {"namespace": 0, "name": 1}


@dataclass(frozen=True, slots=True)
class PlannedQuery:
    """A query about the controller's metrics, and what has to be asked to judge it.

    ``selectors`` are those that should match something now. ``run`` is the query with its variables filled in; "" where
    it is not run, ``why_not`` says why if somebody should know. ``count`` is what its number is made of. ``pushed`` are
    the namespaces of controllers that are all that it sees (``label/namespace``).
    """

    query: Query
    selectors: tuple[str, ...] = ()
    run: str = ""
    why_not: Message | None = None
    count: PanelQuery | None = None
    pushed: tuple[str, ...] = ()


def planned_queries(
    queries: Sequence[Query], baseline: Baseline, remarks: Sequence[Remark]
) -> tuple[PlannedQuery, ...]:
    """A question for each query that is our business.

    One that can never match is not asked at all, and nothing is expected of one with which something else is wrong.
    """
    known = known_series(queries, baseline.version)
    dead = {remark.query for remark in remarks if remark.means.id.startswith("query/means.never")}
    wrong = {remark.query for remark in remarks if SEVERITY[remark.check] == "error"}
    read_before: dict[str, ParsedQuery | None] = {}
    found: list[PlannedQuery] = []
    for query in queries:
        if query.text not in read_before:
            read_before[query.text] = parse_query(query.text, known)
        if parsed := read_before[query.text]:
            planned_query = (
                _planned(query, parsed, known, baseline=baseline) if query not in dead else PlannedQuery(query)
            )
            found.append(replace(planned_query, selectors=(), count=None) if query in wrong else planned_query)
    return tuple(found)


def query_plan(planned: Sequence[PlannedQuery], baseline: Baseline) -> QueryPlan:
    """What to ask, each thing once, and no more of a kind than :data:`MOST`."""
    selectors = tuple(dict.fromkeys(selector for one in planned for selector in one.selectors))
    runs = tuple(dict.fromkeys(one.run for one in planned if one.run))
    counts = tuple(dict.fromkeys(one.count.grouped for one in planned if one.count))
    dropped = sum(max(0, len(each) - MOST_QUERIES) for each in (selectors, runs, counts))
    return QueryPlan(baseline.at, selectors[:MOST_QUERIES], runs[:MOST_QUERIES], counts[:MOST_QUERIES], dropped)


def _planned(query: Query, parsed: ParsedQuery, known: KnownSeries, *, baseline: Baseline) -> PlannedQuery:
    if parsed.tree is None or not baseline.at:
        return PlannedQuery(query)
    if pushed := tuple(namespace for namespace in baseline.pushed if _sees_only(parsed, known, namespace)):
        return PlannedQuery(query, pushed=pushed)
    selectors = tuple(_should_match(parsed, known, baseline))
    if query.asks not in {"panel", "annotation"}:
        return PlannedQuery(query, selectors)
    run, why_not = _filled(parsed, baseline.example)
    count = panel_query(parsed, baseline) if query.asks == "panel" else None
    return PlannedQuery(query, selectors, run, why_not, count)


def _sees_only(parsed: ParsedQuery, known: KnownSeries, namespace: str) -> bool:
    """Whether the query tells Rollouts apart by ``namespace`` where that is only ever the controller's."""
    planned = label_values_label(parsed.text)
    if planned and planned[0] == "namespace" and _ours(parsed):
        return True
    for selector in _ours(parsed):
        series = _series(selector, known)
        for matcher in selector.alternatives[0] if series and "namespace" in series.labels else ():
            passes = certain_test(matcher) if matcher.label == "namespace" else None
            if matcher.label == "namespace" and (matcher.variable or (passes and not passes(namespace))):
                return True
    grouped = any(label == "namespace" for one in parsed.scan.groupings for label, _ in one.labels)
    return grouped and any((one := _series(each, known)) and "namespace" in one.labels for each in _ours(parsed))


def _lets(matcher: Matcher, value: str) -> bool:
    passes = certain_test(matcher)
    return passes is not None and passes(value)


def _should_match(parsed: ParsedQuery, known: KnownSeries, baseline: Baseline) -> Iterator[str]:
    """The selectors that match something now unless they ask for what the targets do not have.

    Whether there is a Rollout in some state nobody can expect, so matchers on the controller's own labels are left out;
    those on namespace and name stay where a Rollout that was compared fits them. A family that is absent until
    something happens is never expected.
    """
    for selector in _ours(parsed):
        series = _series(selector, known)
        if series is None or series.family is None or series.family.name not in _OF_ROLLOUTS:
            continue
        if len(selector.alternatives) > 1:
            continue
        kept, identity = _kept(selector, series, baseline)
        if kept and any(all(_lets(one, key[part]) for one, part in identity) for key in baseline.keys):
            yield f"{series.name}{{{','.join(parsed.text[slice(*one.at)] for one in kept)}}}"


def _kept(
    selector: Selector, series: ContractSeries, baseline: Baseline
) -> tuple[list[Matcher], list[tuple[Matcher, int]]]:
    """The matchers that say which target or which Rollout, and of the latter which part of its key they look at."""
    kept: list[Matcher] = []
    identity: list[tuple[Matcher, int]] = []
    for one in selector.alternatives[0]:
        part = _IDENTITY.get("namespace" if one.label == baseline.namespace_label else one.label)
        own = one.label.removeprefix("exported_") in series.labels
        if one.variable or (part is None and (own or baseline.elsewhere(one.label))):
            continue
        kept.append(one)
        if part is not None:
            identity.append((one, part))
    return kept, identity


def _filled(parsed: ParsedQuery, example: Mapping[str, str]) -> tuple[str, Message | None]:
    """The query with its variables filled in by one Rollout's labels, so that it asks what a reader may choose."""
    edits: list[Edit] = []
    inside: set[int] = set()
    for selector in parsed.scan.selectors:
        for one in (each for group in selector.alternatives for each in group if each.variable):
            start, end = one.value_at
            inside.update(range(start, end))
            value = "" if one.negative else example.get(one.label)
            if value is None:
                return "", _no_value(parsed.text[start:end])
            edits.append(Edit(start, end, quoted(value, '"')))
    for variable in VARIABLE.finditer(parsed.text):
        if variable.start() not in inside and parsed.replaced[variable.start()] == "v":
            return "", _no_value(variable[0])
    return spliced(parsed.replaced, edits), None


def _no_value(variable: str) -> Message:
    return message("query/not-checked.variable", variable=variable.strip("\"'`"))


def _ours(parsed: ParsedQuery) -> list[Selector]:
    """The selectors of the controller's metrics that can match."""
    pairs = zip(parsed.scan.selectors, parsed.faults, strict=True)
    return [one for one, wrong in pairs if wrong is not None and all(fault.effect != "never" for fault in wrong)]


def _series(selector: Selector, known: KnownSeries) -> ContractSeries | None:
    return known.series(selector.names[0]) if len(selector.names) == 1 else None
