"""Every month: do the metrics say what the Rollout API says?"""

from functools import partial

from maintainer.analyse.accuracy.brackets import judge_brackets
from maintainer.analyse.accuracy.coverage import coverage_duplicate, coverage_ghost, coverage_missing
from maintainer.analyse.accuracy.tables import coverage_table, emitting_version, figures, scrapes_table, unjudged_table
from maintainer.analyse.accuracy.values import accuracy_meaning, accuracy_phase, accuracy_replicas, accuracy_strategy
from maintainer.analyse.gaps import gaps
from maintainer.analyse.pipeline.pipeline import Pipeline, external_labels
from maintainer.analyse.pipeline.service import chain_findings, chain_gaps
from maintainer.analyse.pipeline.table import pipeline_table
from maintainer.analyse.queries.audit import planned_audit, with_results
from maintainer.analyse.queries.baseline import baseline
from maintainer.analyse.queries.findings import query_findings
from maintainer.analyse.queries.namespace_label import label_namespace
from maintainer.analyse.queries.query_table import query_figures, query_gaps, query_table
from maintainer.collect.accuracy.rollouts import Observer, observe
from maintainer.collect.pipeline.controller import controller_state
from maintainer.collect.pipeline.pipeline import pipeline_facts
from maintainer.collect.queries.loaded import loaded_queries
from maintainer.collect.queries.results import query_results
from maintainer.jobs.arguments import acceptances, access, expected_dashboards, scope, today
from maintainer.jobs.context import JobContext
from maintainer.model.report import Report, accept, in_order
from maintainer.settings import Settings


def monthly(settings: Settings, world: JobContext) -> Report:
    """Compare what Prometheus says of every Rollout with what the API says."""
    where, how = scope(settings), access(settings, world.sources)

    view = Observer(world.sources, where, world.clock)
    first = controller_state(world.sources, where)
    observation, comparison = observe(view, partial(judge_brackets, instance_id=where.instance_id))
    view = view.answering(observation)
    facts = pipeline_facts(view, first, observation, alertmanager_url=settings.alertmanager.url)

    loaded = loaded_queries(view.sources, expected_dashboards(settings))
    audit = planned_audit(
        loaded,
        baseline(
            comparison, where.matchers, emitting_version(observation, comparison), external=external_labels(facts)
        ),
    )
    results = query_results(view.sources.prometheus, audit.plan)
    audit = with_results(audit, results, observation.brackets, comparison)

    pipeline = Pipeline(facts, observation, loaded.rules, where, how, world.now)
    findings = (
        *chain_findings(pipeline),
        *coverage_missing(comparison, how, observation.controllers),
        *coverage_ghost(comparison, how),
        *coverage_duplicate(comparison, how),
        *accuracy_phase(comparison, how),
        *accuracy_replicas(comparison, how),
        *accuracy_strategy(comparison, how),
        *accuracy_meaning(comparison, how),
        *label_namespace(comparison, audit.planned, how),
        *query_findings(audit, how),
    )
    missing = (*gaps(observation, comparison, where.namespaces), *query_gaps(audit), *chain_gaps(pipeline))
    return in_order(
        Report(
            job="monthly",
            cluster=settings.cluster.name or world.sources.name,
            period=world.period,
            generated_at=world.now,
            version=world.version,
            findings=accept(findings, acceptances(settings), today(settings, world.now)),
            gaps=tuple(dict.fromkeys(missing)),
            figures={**figures(observation, comparison, world.sources.spent()), **query_figures(audit)},
            sections=(
                *query_table(audit),
                coverage_table(comparison),
                *unjudged_table(observation.brackets, comparison),
                scrapes_table(observation, comparison),
                pipeline_table(pipeline, findings, missing),
            ),
        )
    )
