"""The checks of queries: what a query of a rule or dashboard can never answer, and what it did not answer."""

from collections.abc import Iterator, Sequence

from maintainer.analyse.queries.audit import QueryAudit
from maintainer.analyse.queries.lint import SEVERITY
from maintainer.model.message import Message, message
from maintainer.model.queries import Query, Remark
from maintainer.model.report import Finding, Json, Subject

SHOWN = 160
"""Letters of Prometheus' own words that a sentence can bear; all of them are in the evidence."""


def query_dead_selector(audit: QueryAudit) -> Iterator[Finding]:
    """A selector that nothing can ever match."""
    return _remarked("query/dead-selector", audit)


def query_always_true(audit: QueryAudit) -> Iterator[Finding]:
    """A condition that holds whatever happens."""
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
    """A selector that no series has, although the Rollouts that it asks for are there."""
    planned, matched = audit.planned, audit.results.matched
    silent = dict.fromkeys(
        one for planned_query in planned for one in planned_query.selectors if matched.get(one) is False
    )
    for selector in silent:
        queries = [one.query for one in planned if selector in one.selectors]
        yield Finding(
            check="query/no-data",
            severity="warning",
            subjects=_subjects(queries),
            cause=selector,
            summary=message("query/no-data/silent.summary", selector=selector, **_places(queries)),
            action=message("query/no-data/silent.action"),
            evidence={"selector": selector, "queries": _rows(queries)},
            reproduce=audit.access.ask("query", query=f"count({selector})"),
        )


def query_error(audit: QueryAudit) -> Iterator[Finding]:
    """A query that Prometheus refuses, or that failed when it was evaluated last."""
    ours, errors = {planned_query.query for planned_query in audit.planned}, audit.results.errors
    failed = [
        (one.query, str(one.query.text), one.error)
        for one in audit.loaded.rules or ()
        if one.health == "err" and one.query in ours
    ]
    failed += [(one.query, one.run, errors[one.run]) for one in audit.planned if one.run in errors]
    for said in dict.fromkeys(error for _, _, error in failed):
        queries = [query for query, _, error in failed if error == said]
        text = next(text for _, text, error in failed if error == said)
        yield Finding(
            check="query/error",
            severity="error",
            subjects=_subjects(queries),
            cause="refused",
            summary=message("query/error/refused.summary", said=_short(said), **_places(queries)),
            action=message("query/error/refused.action"),
            evidence={"error": said, "queries": _rows(queries)},
            reproduce=audit.access.ask("query", query=text),
        )


def _remarked(check: str, audit: QueryAudit) -> Iterator[Finding]:
    """One finding for all queries of which the same is to be said."""
    alike: dict[tuple[Message, Message], list[Remark]] = {}
    for remark in audit.remarks:
        if remark.check == check:
            alike.setdefault((remark.why, remark.means), []).append(remark)
    for (why, means), found in alike.items():
        queries = [remark.query for remark in found]
        yield Finding(
            check=check,
            severity=SEVERITY[check],
            subjects=_subjects(queries),
            cause=f"{found[0].about} {means.id}",
            summary=message("query/remarked.summary", why=why, means=means, **_places(queries)),
            action=message(f"{check}/remarked.action"),
            evidence={"queries": [_row(one.query) | {"corrected": one.corrected or "-"} for one in found]},
            reproduce=audit.access.ask("query", query=_shows(why, queries[0])),
        )


def _shows(why: Message, query: Query) -> str:
    """A query that shows what there is instead: the values of the label, or the metric."""
    named = why.named
    if "metric" in named and "label" in named:
        return f"count by ({named['label']}) ({named['metric']})"
    return f"count({named['metric']})" if "metric" in named else str(query.text)


def _short(said: str) -> str:
    return said if len(said) <= SHOWN else f"{said[:SHOWN]} …"


def _subjects(queries: Sequence[Query]) -> tuple[Subject, ...]:
    return tuple(dict.fromkeys(Subject(one.asks, "", one.name) for one in queries))


def _places(queries: Sequence[Query]) -> dict[str, int | str]:
    return {"count": len(_subjects(queries)), "name": queries[0].name}


def _rows(queries: Sequence[Query]) -> list[Json]:
    return [_row(one) for one in queries]


def _row(query: Query) -> dict[str, Json]:
    return {"name": query.name, "where": query.place.file, "query": str(query.text)}
