"""Which label holds the Rollout's namespace."""

from collections.abc import Iterator, Sequence

from maintainer.analyse.queries.audit import QueryAudit
from maintainer.analyse.queries.query_plan import PlannedQuery
from maintainer.analyse.reproduce import Access
from maintainer.model.contract import INFO
from maintainer.model.facts import target_name
from maintainer.model.message import message
from maintainer.model.report import Finding, Subject


def label_namespace(audit: QueryAudit) -> Iterator[Finding]:
    """A target's own label ``namespace`` has pushed the Rollout's into ``exported_namespace``.

    Whoever selects, groups or joins by ``namespace`` then sees one namespace only, the controller's.
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
    """The queries that are misled by it."""
    if not planned:
        return
    subjects = tuple(dict.fromkeys(Subject(one.query.asks, "", one.query.name) for one in planned))
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
        evidence={"queries": [{"name": one.query.name, "query": str(one.query.text)} for one in planned]},
        reproduce=access.ask("query", query=f"count by (namespace) ({access.selector(INFO)})"),
    )
