"""Queries of rules and dashboards in few words, and what is concluded when Prometheus answers them honestly or not."""

from collections.abc import Mapping, Sequence

from maintainer.analyse.accuracy.brackets import Comparison, judge_brackets
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.queries.audit import QueryAudit, planned_audit, with_results
from maintainer.analyse.queries.panel_query import PanelQuery, by_state
from maintainer.analyse.queries.query_plan import PlannedQuery
from maintainer.model.facts import Bracket, FleetObservation, Rollout, Target, labels
from maintainer.model.loaded_queries import Dashboard, Group, LoadedQueries, QueryResults
from maintainer.model.pipeline import PipelineFacts, PrometheusConfig, StoredHistograms
from maintainer.model.queries import Asks, LoadedRule, Place, Query
from maintainer.model.source_text import FoundQueries
from tests.analyse.builders import A, bracket, compared, rollout

CURRENT = (1, 9, 2)
FLEET = (rollout("cart"), rollout("pay"), rollout("login", "identity"))
STILL = (bracket(*FLEET), bracket(*FLEET))


def panel(text: str, name: str = "Argo Rollouts Monitoring / Rollouts", *, asks: Asks = "panel") -> Query:
    """A query of a dashboard."""
    return Query(text, asks, name, Place("monitoring/dashboards/argo.json"))


def alert(text: str, name: str = "RolloutFailed", *, error: str = "", **own: str) -> LoadedRule:
    """An alert that Prometheus has loaded."""
    query = Query(text, "alert", name, Place("/etc/prometheus/rules.yml"))
    return LoadedRule(query, "argo", "/etc/prometheus/rules.yml", labels(own), "err" if error else "ok", error)


def loaded(*queries: Query | LoadedRule) -> LoadedQueries:
    """Rules as they are, everything else in one dashboard."""
    rules = tuple(one for one in queries if isinstance(one, LoadedRule))
    rest = tuple(one for one in queries if isinstance(one, Query))
    return LoadedQueries(rules, (Dashboard("monitoring/dashboards/argo.json", FoundQueries(rest)),))


def seen(
    brackets: Sequence[Bracket] = STILL,
    queries: LoadedQueries | None = None,
    *,
    histograms: StoredHistograms | None = None,
) -> ComparedFleet:
    """A fleet that was compared in some brackets, with Prometheus' external labels known.

    ``histograms`` is how the job of its target stores them, ``None`` if that is not known.
    """
    known = {"argo-rollouts": histograms} if histograms else {}
    facts = PipelineFacts(config=PrometheusConfig(external={"cluster": "a"}, histograms=known))
    target = Target(
        labels=A,
        discovered={},
        pool="argo-rollouts",
        url="",
        healthy=True,
        down=False,
        error="",
        last_scrape=0.0,
        interval=15.0,
        timeout=10.0,
    )
    watched = FleetObservation(tuple(brackets), controllers={A: "v1.9.2"}, targets=(target,))
    return compared(judge_brackets(brackets, ""), watched, facts=facts, loaded=queries or LoadedQueries())


def planned(queries: LoadedQueries, brackets: Sequence[Bracket] = STILL) -> QueryAudit:
    """What is known of queries before Prometheus is asked."""
    return planned_audit(seen(brackets, queries))


def audited(
    queries: LoadedQueries, results: QueryResults | None = None, *, brackets: Sequence[Bracket] = STILL
) -> QueryAudit:
    """What is known when Prometheus answered."""
    return with_results(planned(queries, brackets), results or QueryResults())


def honest(count: PanelQuery, rollouts: Sequence[Rollout]) -> Mapping[Group, float]:
    """What an honest Prometheus answers to an aggregation."""
    return dict(zip(*count.shares(by_state(rollouts)), strict=True))


def one_question(text: str, *, brackets: Sequence[Bracket] = STILL, asks: Asks = "panel") -> PlannedQuery:
    """The question that a query raises."""
    (planned_query,) = planned(loaded(panel(text, asks=asks)), brackets).planned
    return planned_query


def comparison(brackets: Sequence[Bracket]) -> Comparison:
    """What is judged of these."""
    return judge_brackets(brackets, "")
