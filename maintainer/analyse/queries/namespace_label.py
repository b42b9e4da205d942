"""The check which label has the Rollout's namespace."""

from collections.abc import Iterator, Sequence

from maintainer.analyse.queries.audit import QueryAudit
from maintainer.analyse.queries.query_plan import PlannedQuery
from maintainer.analyse.reproduce import Access
from maintainer.model.contract import INFO
from maintainer.model.facts import target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject


def label_namespace(audit: QueryAudit) -> Iterator[Finding]:
    """Prometheus renamed the Rollout's label ``namespace`` to ``exported_namespace``, as the target has such a label.

    Queries that select, group or join by ``namespace`` then only see the controller's namespace.
    """
    access = audit.access
    yield from _queries([planned for planned in audit.planned if planned.pushed], access)
    for scrape in audit.fleet.comparison.scrapes:
        if not scrape.renamed:
            continue
        name = target_name(dict(scrape.target))
        yield Finding(
            check="label/namespace",
            severity="warning",
            subjects=(Subject("Target", "", name),),
            cause="exported",
            summary=message(
                "label/namespace/exported.summary",
                count=len(scrape.series),
                target=name,
                namespace=scrape.namespace_label or '""',
            ),
            action=message("label/namespace/exported.action"),
            evidence={"target": dict(scrape.target), "namespace": scrape.namespace_label},
            reproduce=access.ask("query", query=f"count by (namespace, exported_namespace) ({access.selector(INFO)})"),
        )


def _queries(planned: Sequence[PlannedQuery], access: Access) -> Iterator[Finding]:
    """A finding about the queries that use ``namespace``, if there are any."""
    if not planned:
        return
    subjects = tuple(dict.fromkeys(Subject(misled.query.asks, "", misled.query.name) for misled in planned))
    yield Finding(
        check="label/namespace",
        severity="error",
        subjects=subjects,
        cause="queries",
        summary=message(
            "label/namespace/queries.summary",
            count=len(subjects),
            name=planned[0].query.name,
            namespace=planned[0].pushed[0] or '""',
        ),
        action=message("label/namespace/exported.action"),
        evidence={"queries": [{"name": misled.query.name, "query": str(misled.query.text)} for misled in planned]},
        reproduce=access.ask("query", query=f"count by (namespace) ({access.selector(INFO)})"),
    )
