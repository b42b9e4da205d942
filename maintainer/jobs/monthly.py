"""Every month: do the metrics, the dashboard and the alert rules say what the Rollout API says?"""

from functools import partial

from maintainer.analyse.accuracy.brackets import judge_brackets
from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.accuracy.gaps import not_comparable
from maintainer.analyse.accuracy.tables import coverage_table, fleet_figures, scrapes_table, unjudged_table
from maintainer.analyse.checks import ACCURACY_CHECKS, PIPELINE_CHECKS, QUERY_CHECKS, gaps_of
from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.pipeline.table import pipeline_table
from maintainer.analyse.queries.audit import planned_audit, with_results
from maintainer.analyse.queries.query_table import query_figures, query_table
from maintainer.collect.accuracy.rollouts import Observer, observe
from maintainer.collect.pipeline.cluster_state import controller_state
from maintainer.collect.pipeline.pipeline import pipeline_facts
from maintainer.collect.queries.loaded import loaded_queries
from maintainer.collect.queries.results import query_results
from maintainer.jobs.arguments import access, expected_dashboards, scope
from maintainer.jobs.context import JobContext
from maintainer.model.report import Conclusion
from maintainer.settings import Settings


def monthly(settings: Settings, context: JobContext) -> Conclusion:
    """Compare what Prometheus says of every Rollout with what the API says, and follow the metrics to the receiver."""
    where, how = scope(settings), access(settings, context.sources)
    observer = Observer(context.sources, where, context.clock)

    first = controller_state(context.sources, where)
    observation, comparison = observe(observer, partial(judge_brackets, instance_id=where.instance_id))
    observer = observer.without_lost_prometheus(observation)
    facts = pipeline_facts(observer, first, observation, alertmanager_url=settings.alertmanager.url)
    loaded = loaded_queries(observer.sources, expected_dashboards(settings))

    pipeline = Pipeline(facts, observation, loaded, where, how, context.now)
    fleet = ComparedFleet(comparison, pipeline)
    planned = planned_audit(fleet)
    audit = with_results(planned, query_results(observer.sources.prometheus, planned.plan))

    examined = (
        context.examine(PIPELINE_CHECKS, pipeline),
        context.examine(ACCURACY_CHECKS, fleet),
        context.examine(QUERY_CHECKS, audit),
    )
    findings = tuple(finding for found, _ in examined for finding in found)
    unavailable = (*pipeline.unavailable, *audit.results.unavailable, *not_comparable(fleet))
    gaps = (*gaps_of(unavailable), *(gap for _, unjudged in examined for gap in unjudged))
    return Conclusion(
        findings=findings,
        gaps=gaps,
        figures={**fleet_figures(fleet, context.sources.spent()), **query_figures(audit)},
        sections=(
            *query_table(audit),
            coverage_table(comparison),
            *unjudged_table(observation.brackets, comparison),
            scrapes_table(fleet),
            pipeline_table(pipeline, findings, gaps),
        ),
    )
