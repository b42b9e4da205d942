"""All that is known of the queries about Rollouts, from what is asked to what was answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from maintainer.analyse.accuracy.brackets import Comparison
from maintainer.analyse.queries.baseline import Baseline
from maintainer.analyse.queries.lint import remarks
from maintainer.analyse.queries.panel_value import PanelValue, panel_values
from maintainer.analyse.queries.query_plan import PlannedQuery, planned_queries, query_plan
from maintainer.model.facts import Bracket
from maintainer.model.loaded_queries import LoadedQueries, QueryPlan, QueryResults
from maintainer.model.queries import Remark


@dataclass(frozen=True, slots=True)
class QueryAudit:
    """The queries of rules and dashboards: what is to be remarked, what was asked for them, what was answered.

    ``stale``: a target gave no new scrape, so panels' numbers could not be held against the API.
    """

    loaded: LoadedQueries
    remarks: tuple[Remark, ...] = ()
    planned: tuple[PlannedQuery, ...] = ()
    plan: QueryPlan = field(default_factory=QueryPlan)
    results: QueryResults = field(default_factory=QueryResults)
    numbers: tuple[PanelValue, ...] = ()
    stale: bool = False


def planned_audit(loaded: LoadedQueries, baseline: Baseline) -> QueryAudit:
    """What is wrong with the queries by themselves, and what to ask about the others."""
    found = remarks(loaded.queries, version=baseline.version)
    ours = planned_queries(loaded.queries, baseline, found)
    return QueryAudit(loaded, found, ours, query_plan(ours, baseline))


def with_results(
    audit: QueryAudit, results: QueryResults, brackets: Sequence[Bracket], comparison: Comparison
) -> QueryAudit:
    """The same with what was answered, and the numbers of panels beside the API's."""
    stale = bool(audit.plan.counts and comparison.scrapes and any(one.stale for one in brackets[-1:]))
    found = () if stale else panel_values(audit.planned, results, brackets, comparison)
    return replace(audit, results=results, numbers=found, stale=stale)
