"""The audit of the queries about Rollouts, from their text to Prometheus' results."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.queries.baseline import baseline
from maintainer.analyse.queries.lint import remarks
from maintainer.analyse.queries.panel_values import PanelValue, panel_values
from maintainer.analyse.queries.query_plan import PlannedQuery, planned_queries, query_plan
from maintainer.analyse.reproduce import Access
from maintainer.model.loaded_queries import LoadedQueries, QueryPlan, QueryResults
from maintainer.model.message import Message
from maintainer.model.queries import Query, Remark


@dataclass(frozen=True, slots=True)
class QueryAudit:
    """The queries of rules and dashboards, with the linter's remarks, the plan to check them, and its results.

    ``odd`` are queries that could not be audited, with the reasons. ``numbers`` are those of panels.
    ``stale``: a target gave no new scrape, so they could not be compared with the API.
    """

    fleet: ComparedFleet
    remarks: tuple[Remark, ...] = ()
    planned: tuple[PlannedQuery, ...] = ()
    plan: QueryPlan = field(default_factory=QueryPlan)
    results: QueryResults = field(default_factory=QueryResults)
    numbers: tuple[PanelValue, ...] = ()
    odd: Mapping[Query, Message] = field(default_factory=dict)
    stale: bool = False

    @property
    def loaded(self) -> LoadedQueries:
        """Everything that rules and dashboards ask, other people's queries included."""
        return self.fleet.pipeline.loaded

    @property
    def access(self) -> Access:
        """How a reader gets at both sides."""
        return self.fleet.access


def planned_audit(fleet: ComparedFleet, left_out: frozenset[Query] = frozenset()) -> QueryAudit:
    """What is wrong with the queries by themselves, and what to ask about the others; some may be left out."""
    queries, reference = fleet.pipeline.loaded.queries, baseline(fleet)
    queries = tuple(query for query in queries if query not in left_out) if left_out else queries
    found = remarks(queries, version=reference.version, added=reference.added, histograms=reference.histograms)
    planned = planned_queries(queries, reference, found)
    return QueryAudit(fleet, found, planned, query_plan(planned, reference))


def with_results(audit: QueryAudit, results: QueryResults) -> QueryAudit:
    """The same with what Prometheus answered, and the values of panels beside the API's."""
    brackets, comparison = audit.fleet.pipeline.observation.brackets, audit.fleet.comparison
    stale = bool(audit.plan.counts and comparison.scrapes and audit.fleet.pipeline.stale)
    found = () if stale else panel_values(audit.planned, results, brackets, comparison)
    return replace(audit, results=results, numbers=found, stale=stale)
