"""The plan of what to ask of Prometheus to check the queries of rules and dashboards."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from maintainer.analyse.promql.contract_series import ContractSeries, certain_test
from maintainer.analyse.promql.lexical import VARIABLE, label_values_label, quoted
from maintainer.analyse.promql.parsed_query import ParsedQuery, parse_query
from maintainer.analyse.promql.recorded import with_recorded
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.promql.tokens import Matcher, Selector
from maintainer.analyse.queries.baseline import Baseline
from maintainer.analyse.queries.panel_query import PanelQuery, panel_query
from maintainer.analyse.queries.reading import readings
from maintainer.model.contract import GAUGES, INFO
from maintainer.model.loaded_queries import QueryPlan, Reading
from maintainer.model.message import Message, message
from maintainer.model.queries import Asks, Query, Remark
from maintainer.model.source_text import Edit, spliced

MOST_QUERIES = 200
"""The most queries of a kind in a plan, to spare Prometheus; no known cluster has as many about Rollouts."""

MOST_UNCOUNTED = 1_000.0
"""Samples of a series, about 4 hours. Before a query reads more, its series are counted."""
_OF_ROLLOUTS = frozenset((INFO, *GAUGES, "rollout_phase"))
_KEY_INDEX: Mapping[str, int] = {"namespace": 0, "name": 1}


@dataclass(frozen=True, slots=True)
class PlannedQuery:
    """A query about the controller's metrics, and what to ask of Prometheus to check it.

    ``selectors`` should match something now. ``run`` is the query with values for its variables, "" where it is not to
    be run; ``why_not`` is the reason if that is a gap. ``count`` is its number as an aggregation over Rollouts.
    ``heavy`` is what it reads of a long time. ``pushed`` are the controllers' namespaces to which its label
    ``namespace`` is limited (``label/namespace``).
    """

    query: Query
    selectors: tuple[str, ...] = ()
    run: str = ""
    why_not: Message | None = None
    count: PanelQuery | None = None
    pushed: tuple[str, ...] = ()
    heavy: tuple[Reading, ...] = ()


def planned_queries(
    queries: Sequence[Query], baseline: Baseline, remarks: Sequence[Remark]
) -> tuple[PlannedQuery, ...]:
    """The planned queries: those that read the controller's metrics.

    Nothing is asked for a query that never returns anything. One with another error is only run.
    """
    known = with_recorded(KnownSeries({}, baseline.version, baseline.added, baseline.histograms), queries)
    dead = {remark.query for remark in remarks if remark.means.id.startswith("query/means.never")}
    wrong = {remark.query for remark in remarks if remark.severity == "error"}
    by_text: dict[tuple[str, Asks], PlannedQuery | None] = {}
    for query in queries:
        text = query.text, query.asks
        if text not in by_text:
            parsed = parse_query(query.text, known)
            plan = parsed and (
                PlannedQuery(query) if query in dead else _planned(query, parsed, known, baseline=baseline)
            )
            by_text[text] = replace(plan, selectors=(), count=None) if plan and query in wrong else plan
    plans = [(query, by_text[query.text, query.asks]) for query in queries]
    return tuple(replace(plan, query=query) for query, plan in plans if plan)


def query_plan(planned: Sequence[PlannedQuery], baseline: Baseline) -> QueryPlan:
    """What to ask for these queries, without repetitions, and at most :data:`MOST_QUERIES` of each kind."""
    selectors = tuple(dict.fromkeys(selector for query in planned for selector in query.selectors))
    runs = tuple(dict.fromkeys(query.run for query in planned if query.run))
    counts = tuple(dict.fromkeys(query.count.grouped for query in planned if query.count))
    dropped = sum(max(0, len(kind) - MOST_QUERIES) for kind in (selectors, runs, counts))
    heavy = {query.run: query.heavy for query in planned if query.heavy}
    kinds = selectors[:MOST_QUERIES], runs[:MOST_QUERIES], counts[:MOST_QUERIES]
    return QueryPlan(baseline.at, *kinds, dropped, heavy)


def _planned(query: Query, parsed: ParsedQuery, known: KnownSeries, *, baseline: Baseline) -> PlannedQuery:
    if parsed.tree is None or not baseline.at:
        return PlannedQuery(query)
    if pushed := tuple(namespace for namespace in baseline.pushed if _limited_to(parsed, known, namespace)):
        return PlannedQuery(query, pushed=pushed)
    selectors = tuple(_should_match(parsed, known, baseline))
    if query.asks not in {"panel", "annotation"}:
        return PlannedQuery(query, selectors)
    run, why_not = _filled(parsed, baseline.example)
    try:
        read = readings(parsed.tree, parsed.scan.selectors)
    except (IndexError, RecursionError):
        return PlannedQuery(query, selectors, why_not=message("query/not-checked.unreadable"))
    if run and any(not reading.selector and reading.samples > 1 for reading in read):
        run, why_not = "", message("query/not-checked.all-metrics")
    count = panel_query(parsed, baseline) if query.asks == "panel" else None
    heavy = tuple(reading for reading in read if reading.samples > MOST_UNCOUNTED)
    return PlannedQuery(query, selectors, run, why_not, count, heavy=heavy)


def _limited_to(parsed: ParsedQuery, known: KnownSeries, namespace: str) -> bool:
    """Whether the query selects or groups by the label ``namespace``, taking it for the Rollout's.

    ``namespace`` is the only value that the label has: the controller's.
    """
    argument = label_values_label(parsed.text)
    if argument and argument[0] == "namespace" and _live_selectors(parsed):
        return True
    for selector in _live_selectors(parsed):
        series = _series(selector, known)
        for matcher in selector.alternatives[0] if series and "namespace" in series.labels else ():
            passes = certain_test(matcher) if matcher.label == "namespace" else None
            if matcher.label == "namespace" and (matcher.variable or (passes and not passes(namespace))):
                return True
    grouped = any(label == "namespace" for grouping in parsed.scan.groupings for label, _ in grouping.labels)
    return grouped and any(
        (series := _series(selector, known)) and "namespace" in series.labels for selector in _live_selectors(parsed)
    )


def _surely_passes(matcher: Matcher, value: str) -> bool:
    passes = certain_test(matcher)
    return passes is not None and passes(value)


def _should_match(parsed: ParsedQuery, known: KnownSeries, baseline: Baseline) -> Iterator[str]:
    """The selectors, reduced to matchers that should match now: on labels of the target, on namespace and name.

    Matchers on the controller's other labels are left out: there need not be a Rollout in a given state. A selector is
    left out if no Rollout that was compared has its namespace and name, and so are families without series until
    something happens.
    """
    for selector in _live_selectors(parsed):
        series = _series(selector, known)
        if series is None or series.family is None or series.family.name not in _OF_ROLLOUTS:
            continue
        if len(selector.alternatives) > 1:
            continue
        kept, identity = _kept(selector, series, baseline)
        if kept and any(
            all(_surely_passes(matcher, key[index]) for matcher, index in identity) for key in baseline.keys
        ):
            yield f"{series.name}{{{','.join(parsed.text[slice(*matcher.at)] for matcher in kept)}}}"


def _kept(
    selector: Selector, series: ContractSeries, baseline: Baseline
) -> tuple[list[Matcher], list[tuple[Matcher, int]]]:
    """The matchers on labels of the target, on namespace and name; the last two also with their index in a key."""
    kept: list[Matcher] = []
    identity: list[tuple[Matcher, int]] = []
    for matcher in selector.alternatives[0]:
        index = _KEY_INDEX.get("namespace" if baseline.holds_namespace(matcher.label) else matcher.label)
        own = matcher.label.removeprefix("exported_") in series.labels
        if matcher.variable or (index is None and (own or baseline.elsewhere(matcher.label))):
            continue
        kept.append(matcher)
        if index is not None:
            identity.append((matcher, index))
    return kept, identity


def _filled(parsed: ParsedQuery, example: Mapping[str, str]) -> tuple[str, Message | None]:
    """The query with the labels of a Rollout for its variables, or "" and why that is not possible."""
    edits: list[Edit] = []
    inside: set[int] = set()
    for selector in parsed.scan.selectors:
        for matcher in (matcher for group in selector.alternatives for matcher in group if matcher.variable):
            start, end = matcher.value_at
            inside.update(range(start, end))
            value = "" if matcher.negative else example.get(matcher.label)
            if value is None:
                return "", _no_value(parsed.text[start:end])
            edits.append(Edit(start, end, quoted(value, '"')))
    for variable in VARIABLE.finditer(parsed.text):
        if variable.start() not in inside and parsed.replaced[variable.start()] == "v":
            return "", _no_value(variable[0])
    return spliced(parsed.replaced, edits), None


def _no_value(variable: str) -> Message:
    return message("query/not-checked.variable", variable=variable.strip("\"'`"))


def _live_selectors(parsed: ParsedQuery) -> list[Selector]:
    """The selectors of the controller's metrics that can match."""
    return [
        selector
        for selector, faults in zip(parsed.scan.selectors, parsed.faults, strict=True)
        if faults is not None and all(fault.effect != "never" for fault in faults)
    ]


def _series(selector: Selector, known: KnownSeries) -> ContractSeries | None:
    return known.series(selector.names[0]) if len(selector.names) == 1 else None
