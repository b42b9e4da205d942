"""The checks of the queries of rules and dashboards: faults of the text, and queries that fail or return nothing."""

from collections.abc import Iterator, Sequence
from functools import partial

from maintainer.analyse.queries.audit import QueryAudit
from maintainer.analyse.reproduce import Access
from maintainer.model.message import Message, message
from maintainer.model.queries import Query, Remark
from maintainer.model.report import Finding, Json, Subject, divisible

SHOWN = 160
"""The number of characters of Prometheus' error in a sentence; the evidence has the whole error."""


def query_dead_selector(audit: QueryAudit) -> Iterator[Finding]:
    """A selector that nothing can ever match."""
    return _remarked("query/dead-selector", audit)


def query_always_true(audit: QueryAudit) -> Iterator[Finding]:
    """A condition that always holds."""
    return _remarked("query/always-true", audit)


def query_unknown_metric(audit: QueryAudit) -> Iterator[Finding]:
    """A metric that no controller of this version exposes."""
    return _remarked("query/unknown-metric", audit)


def query_unknown_label(audit: QueryAudit) -> Iterator[Finding]:
    """A label that the metric does not have."""
    return _remarked("query/unknown-label", audit)


def query_deprecated(audit: QueryAudit) -> Iterator[Finding]:
    """A metric that upstream has deprecated."""
    return _remarked("query/deprecated", audit)


def query_no_data(audit: QueryAudit) -> Iterator[Finding]:
    """A selector that no series matches, although there are Rollouts that it selects."""
    matched = audit.results.matched
    selectors = dict.fromkeys(selector for planned in audit.planned for selector in planned.selectors)
    for selector in (selector for selector in selectors if matched.get(selector) is False):
        queries = [planned.query for planned in audit.planned if selector in planned.selectors]
        yield divisible(queries, partial(_silent, selector, access=audit.access))


def _silent(selector: str, queries: Sequence[Query], *, access: Access) -> Finding:
    return Finding(
        check="query/no-data",
        severity="warning",
        subjects=_subjects(queries),
        cause=selector,
        summary=message("query/no-data/silent.summary", selector=selector, **_places(queries)),
        action=message("query/no-data/silent.action"),
        evidence={"selector": selector, "queries": _rows(queries)},
        reproduce=access.ask("query", query=f"count({selector})"),
    )


def query_error(audit: QueryAudit) -> Iterator[Finding]:
    """A query that Prometheus refuses, or a rule whose last evaluation failed."""
    failed: dict[str, list[tuple[Query, str]]] = {}
    for query, text, error in _failed(audit):
        failed.setdefault(error, []).append((query, text))
    for error, pairs in failed.items():
        yield divisible(pairs, partial(_refused, error, access=audit.access))


def _refused(error: str, pairs: Sequence[tuple[Query, str]], *, access: Access) -> Finding:
    """Queries with the same error, each with the text that Prometheus evaluated."""
    queries = [query for query, _ in pairs]
    return Finding(
        check="query/error",
        severity="error",
        subjects=_subjects(queries),
        cause="refused",
        summary=message("query/error/refused.summary", said=_short(error), **_places(queries)),
        action=message("query/error/refused.action"),
        evidence={"error": error, "queries": _rows(queries)},
        reproduce=access.ask("query", query=pairs[0][1]),
    )


def _failed(audit: QueryAudit) -> Iterator[tuple[Query, str, str]]:
    """Each query that failed, with the text that Prometheus evaluated and the error."""
    about_rollouts, errors = {planned.query for planned in audit.planned}, audit.results.errors
    for rule in audit.loaded.rules or ():
        if rule.health == "err" and rule.query in about_rollouts:
            yield rule.query, str(rule.query.text), rule.error
    for planned in audit.planned:
        if planned.run in errors:
            yield planned.query, planned.run, errors[planned.run]


def _remarked(check: str, audit: QueryAudit) -> Iterator[Finding]:
    """The check's remarks, a finding for all queries with equal words."""
    alike: dict[tuple[Message, Message], list[Remark]] = {}
    for remark in audit.remarks:
        if remark.check == check:
            alike.setdefault((remark.why, remark.means), []).append(remark)
    for remarks in alike.values():
        yield divisible(remarks, partial(_of_remarks, check=check, access=audit.access))


def _of_remarks(remarks: Sequence[Remark], *, check: str, access: Access) -> Finding:
    """The finding of remarks with equal words."""
    queries = [remark.query for remark in remarks]
    first = remarks[0]
    return Finding(
        check=check,
        severity=first.severity,
        subjects=_subjects(queries),
        cause=f"{first.about} {first.means.id}",
        summary=message("query/remarked.summary", why=first.why, means=first.means, **_places(queries)),
        action=message(f"{check}/remarked.action"),
        evidence={"queries": [_row(remark.query) | {"corrected": remark.corrected or "-"} for remark in remarks]},
        reproduce=access.ask("query", query=_alternatives(first.why, queries[0])),
    )


def _alternatives(why: Message, query: Query) -> str:
    """A query that shows what exists: the values of the label, else the metric's series, else the query itself."""
    named = why.named
    if "metric" in named and "label" in named:
        return f"count by ({named['label']}) ({named['metric']})"
    return f"count({named['metric']})" if "metric" in named else str(query.text)


def _short(error: str) -> str:
    return error if len(error) <= SHOWN else f"{error[:SHOWN]} …"


def _subjects(queries: Sequence[Query]) -> tuple[Subject, ...]:
    return tuple(dict.fromkeys(Subject(query.asks, "", query.name) for query in queries))


def _places(queries: Sequence[Query]) -> dict[str, int | str]:
    return {"count": len(_subjects(queries)), "name": queries[0].name}


def _rows(queries: Sequence[Query]) -> list[Json]:
    return [_row(query) for query in queries]


def _row(query: Query) -> dict[str, Json]:
    return {"name": query.name, "where": query.place.file, "query": str(query.text)}
