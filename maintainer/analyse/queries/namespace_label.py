"""The check which label has the Rollout's namespace."""

from collections.abc import Iterator, Sequence
from functools import partial

from maintainer.analyse.queries.audit import QueryAudit
from maintainer.analyse.queries.query_plan import PlannedQuery
from maintainer.analyse.reproduce import Access
from maintainer.model.contract import INFO
from maintainer.model.facts import Scrape, target_name
from maintainer.model.matchers import matcher
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject, divisible


def label_namespace(audit: QueryAudit) -> Iterator[Finding]:
    """The Rollout's namespace is not in the label ``namespace``.

    Prometheus renames it to ``exported_namespace`` if the target has a label of that name, and relabelling may give it
    any name. Queries that select, group or join by ``namespace`` then do not see the Rollout's namespace.
    """
    renamed = [scrape for scrape in audit.fleet.comparison.scrapes if scrape.renamed]
    misled = [planned for planned in audit.planned if planned.pushed]
    if misled:
        yield divisible(misled, partial(_queries, renamed=renamed, access=audit.access))
    for scrape in renamed:
        yield _renamed(scrape, audit.access)


def _renamed(scrape: Scrape, access: Access) -> Finding:
    name, label = target_name(dict(scrape.target)), scrape.namespace_label
    cause = "exported" if label == "exported_namespace" else "renamed"
    namespace = scrape.controller_namespace
    selector = access.selector(INFO, [matcher(*pair) for pair in scrape.target])
    return Finding(
        check="label/namespace",
        severity="warning",
        subjects=(Subject("Target", "", name),),
        cause=cause,
        summary=message(
            f"label/namespace/{cause}.summary",
            count=len(scrape.series),
            target=name,
            namespace=namespace or '""',
            label=label,
        ),
        action=message(f"label/namespace/{cause}.action", label=label),
        evidence={"target": dict(scrape.target), "namespace": namespace, "namespaceLabel": label},
        reproduce=access.ask("query", query=f"count by (namespace, {label}) ({selector})"),
    )


def _queries(planned: Sequence[PlannedQuery], *, renamed: Sequence[Scrape], access: Access) -> Finding:
    """The finding about the queries that use ``namespace``."""
    subjects = tuple(dict.fromkeys(Subject(misled.query.asks, "", misled.query.name) for misled in planned))
    namespace = planned[0].pushed[0]
    label = next(scrape.namespace_label for scrape in renamed if scrape.controller_namespace == namespace)
    kind = "queries" if namespace else "queries-absent"
    cause = "exported" if label == "exported_namespace" else "renamed"
    return Finding(
        check="label/namespace",
        severity="error",
        subjects=subjects,
        cause="queries",
        summary=message(
            f"label/namespace/{kind}.summary",
            count=len(subjects),
            name=planned[0].query.name,
            namespace=namespace,
            label=label,
        ),
        action=message(f"label/namespace/{cause}.action", label=label),
        evidence={"queries": [{"name": misled.query.name, "query": str(misled.query.text)} for misled in planned]},
        reproduce=access.ask("query", query=f"count by (namespace, {label}) ({access.selector(INFO)})"),
    )
