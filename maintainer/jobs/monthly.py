"""The monthly audit: do metrics, dashboards and alert rules agree with the Rollout API?"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.accuracy.gaps import not_comparable
from maintainer.analyse.accuracy.stale_cache import without_other_causes
from maintainer.analyse.accuracy.tables import coverage_table, fleet_figures, scrapes_table, unjudged_table
from maintainer.analyse.checks import ACCURACY_CHECKS, PIPELINE_CHECKS, QUERY_CHECKS, Check, gaps_of
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.pipeline.place import not_in_its_place
from maintainer.analyse.pipeline.table import pipeline_table
from maintainer.analyse.queries.audit import QueryAudit, planned_audit, with_results
from maintainer.analyse.queries.query_table import query_figures, query_table
from maintainer.analyse.sampling import Examined
from maintainer.collect.pipeline.pipeline import pipeline_facts
from maintainer.collect.queries.loaded import loaded_queries
from maintainer.collect.queries.results import query_results
from maintainer.collect.sources import Sources
from maintainer.jobs import arguments
from maintainer.jobs.context import JobContext
from maintainer.jobs.observing import observed_fleet
from maintainer.jobs.past import Past, past_days
from maintainer.model.loaded_queries import QueryPlan, QueryResults
from maintainer.model.report import Conclusion
from maintainer.settings import Settings

_CHECKS: tuple[Check[Any], ...] = (*PIPELINE_CHECKS, *ACCURACY_CHECKS, *QUERY_CHECKS)


def monthly(settings: Settings, context: JobContext) -> Conclusion:
    """Compare the metrics of all Rollouts with the API, and check the pipeline from the controller to the receivers.

    The controller's state is read at the beginning and at the end, so that a deployment in between is no finding.
    """
    seen = observed_fleet(settings, context, patient=True)
    observer, observation = seen.observer, seen.observation
    facts = pipeline_facts(observer, seen.first, observation=observation, alertmanager_url=settings.alertmanager.url)
    loaded = loaded_queries(observer.sources, arguments.expected_dashboards(settings))

    access = arguments.access(settings, context.sources)
    pipeline = Pipeline(facts, observation, loaded, observer.scope, access, context.now)
    fleet = ComparedFleet(without_other_causes(seen.comparison, facts.pending), pipeline)
    audit = _query_audit(fleet, observer.sources, context)
    return _conclusion(audit, context, past=partial(past_days, settings, context, seen=seen))


def _query_audit(fleet: ComparedFleet, sources: Sources, context: JobContext) -> QueryAudit:
    """The audit of the queries. One that cannot be audited does not cost the others."""
    queries = fleet.pipeline.loaded.queries
    sifted, why = sources.attempt("rules", partial(context.sift, queries, partial(planned_audit, fleet)))
    if sifted is None:
        lost = (*why, *(replace(fact, source="dashboards") for fact in why))
        return QueryAudit(fleet, results=QueryResults(unavailable=lost))
    planned, odd = sifted
    planned = replace(planned, odd=odd)
    results = query_results(sources, planned.plan if _chosen(QUERY_CHECKS, context) else QueryPlan())
    audit, why = sources.attempt("results", partial(with_results, planned, results))
    return audit or replace(planned, results=replace(results, unavailable=results.unavailable + why))


def _conclusion(audit: QueryAudit, context: JobContext, *, past: Callable[..., Past]) -> Conclusion:
    """Run all checks on the facts, and make the figures and tables of the report; ``past`` tells of the days before."""
    fleet, pipeline = audit.fleet, audit.fleet.pipeline
    with_queries = bool(_chosen(QUERY_CHECKS, context))
    examined = (
        context.examine(PIPELINE_CHECKS, pipeline),
        context.examine(ACCURACY_CHECKS, fleet),
        context.examine(QUERY_CHECKS, audit),
    )
    findings = tuple(finding for of_checks, _ in examined for finding in of_checks)
    incomparable = (*not_comparable(fleet), *not_in_its_place(pipeline))
    unavailable = (*pipeline.unavailable, *context.sources.left_out, *audit.results.unavailable, *incomparable)
    gaps = (*gaps_of(unavailable, _CHECKS), *(gap for _, of_checks in examined for gap in of_checks))
    days = past(fleet=fleet, examined=Examined(findings, gaps, unavailable))
    figures = {
        **fleet_figures(fleet, context.sources.spent()),
        **(query_figures(audit, examined[0][0]) if with_queries else {}),
    }
    return Conclusion(
        findings=findings,
        gaps=gaps,
        figures={**figures, **days.figures},
        sections=context.sections(
            lambda: days.sections,
            lambda: query_table(audit) if with_queries else (),
            lambda: (coverage_table(fleet),),
            lambda: unjudged_table(pipeline.observation.brackets, fleet.comparison),
            lambda: (scrapes_table(fleet),),
            lambda: (pipeline_table(pipeline, findings, gaps, chosen=context.chosen),),
        ),
        checks=_chosen(_CHECKS, context),
    )


def _chosen(checks: Sequence[Check[Any]], context: JobContext) -> frozenset[str]:
    """The ids of these checks that are to run."""
    return context.chosen & {check.id for check in checks}
