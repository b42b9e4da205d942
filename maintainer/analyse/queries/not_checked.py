"""The check that makes a gap of each query about Rollouts that could not be checked."""

from collections.abc import Iterator

from maintainer.analyse.queries.audit import QueryAudit
from maintainer.model.message import Message, message
from maintainer.model.report import Finding, Gap

NOT_CHECKED = "query/not-checked"


def query_not_checked(_audit: QueryAudit) -> tuple[Finding, ...]:
    """No findings: in a report, a query that could not be checked is a gap."""
    return ()


def query_not_checked_gaps(audit: QueryAudit) -> Iterator[Gap]:
    """Queries about Rollouts that could not be parsed, run, or read from their file, and those beyond the limit."""
    for query, why in audit.odd.items():
        yield Gap(NOT_CHECKED, "passing", message("gap/of-object", object=query.name or str(query.place), why=why))
    for remark in audit.remarks:
        if remark.check == NOT_CHECKED:
            yield _gap(remark.query.name, remark.why)
    for planned in audit.planned:
        if planned.why_not:
            yield _gap(planned.query.name, planned.why_not)
        if planned.run in audit.results.spared:
            samples = audit.results.spared[planned.run]
            yield _gap(planned.query.name, message("query/not-checked.samples", samples=samples))
    about_rollouts = {planned.query for planned in audit.planned}
    for dashboard in audit.loaded.dashboards or ():
        for unchecked in dashboard.found.unchecked if not about_rollouts.isdisjoint(dashboard.found.queries) else ():
            yield _gap(unchecked.name or dashboard.source, unchecked.reason)
    if audit.plan.dropped:
        yield Gap(NOT_CHECKED, "permanent", message("gap/too-many-queries", count=audit.plan.dropped))


def _gap(name: str, why: Message) -> Gap:
    return Gap(NOT_CHECKED, "permanent", message("gap/not-checked", name=name, why=why))
