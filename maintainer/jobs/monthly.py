"""Every month: do the metrics say what the Rollout API says?"""

from functools import partial

from maintainer.analyse.accuracy import accuracy_meaning, accuracy_phase, accuracy_replicas, accuracy_strategy
from maintainer.analyse.answered import answered_table, asked_figures, asked_gaps
from maintainer.analyse.audit import answered, questioned
from maintainer.analyse.brackets import judge
from maintainer.analyse.chain import chain_findings, chain_gaps
from maintainer.analyse.coverage import coverage_duplicate, coverage_ghost, coverage_missing
from maintainer.analyse.gaps import gaps
from maintainer.analyse.label import label_namespace
from maintainer.analyse.queries import query_findings
from maintainer.analyse.scene import scene
from maintainer.analyse.summary import coverage_table, emitting_version, figures, scrapes_table, unjudged_table
from maintainer.analyse.way import Way, external
from maintainer.analyse.way_table import way_table
from maintainer.collect.answers import ask
from maintainer.collect.around import around
from maintainer.collect.asked import look_up
from maintainer.collect.chain import follow
from maintainer.collect.rollouts import View, watch
from maintainer.jobs.given import acceptances, reach, scope, today, wanted
from maintainer.jobs.world import World
from maintainer.model.report import Report, accept, in_order
from maintainer.settings import Settings


def monthly(settings: Settings, world: World) -> Report:
    """Compare what Prometheus says of every Rollout with what the API says."""
    where, how = scope(settings), reach(settings, world.sources)

    view = View(world.sources, where, world.clock)
    first = around(world.sources, where)
    watched, judged = watch(view, partial(judge, instance_id=where.instance_id))
    view = view.answering(watched)
    chain = follow(view, first, watched, alertmanager_url=settings.alertmanager.url)

    asked = look_up(view.sources, wanted(settings))
    audit = questioned(
        asked, scene(judged, where.matchers, emitting_version(watched, judged), external=external(chain))
    )
    answers = ask(view.sources.prometheus, audit.plan)
    audit = answered(audit, answers, watched.brackets, judged)

    way = Way(chain, watched, asked.rules, where, how, world.now)
    findings = (
        *chain_findings(way),
        *coverage_missing(judged, how, watched.controllers),
        *coverage_ghost(judged, how),
        *coverage_duplicate(judged, how),
        *accuracy_phase(judged, how),
        *accuracy_replicas(judged, how),
        *accuracy_strategy(judged, how),
        *accuracy_meaning(judged, how),
        *label_namespace(judged, audit.questions, how),
        *query_findings(audit, how),
    )
    missing = (*gaps(watched, judged, where.namespaces), *asked_gaps(audit), *chain_gaps(way))
    return in_order(
        Report(
            job="monthly",
            cluster=settings.cluster.name or world.sources.name,
            period=world.period,
            generated_at=world.now,
            version=world.version,
            findings=accept(findings, acceptances(settings), today(settings, world.now)),
            gaps=tuple(dict.fromkeys(missing)),
            figures={**figures(watched, judged, world.sources.spent()), **asked_figures(audit)},
            sections=(
                *answered_table(audit),
                coverage_table(judged),
                *unjudged_table(watched.brackets, judged),
                scrapes_table(watched, judged),
                way_table(way, findings, missing),
            ),
        )
    )
