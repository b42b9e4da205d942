"""The job that compares what was deployed with what the cluster stores and Prometheus has loaded, and restores it."""

from collections.abc import Callable
from functools import partial

from maintainer.analyse.checks import DRIFT_CHECKS, gaps_of
from maintainer.analyse.cost import cost_figures
from maintainer.analyse.drift.audit import DriftAudit, drift_audit
from maintainer.analyse.drift.deeds import (
    actions,
    deed_gaps,
    plan_sections,
    restored_figures,
    restoring_sections,
    undone_sections,
)
from maintainer.analyse.drift.sections import drift_figures, drift_sections
from maintainer.clients.object_writes import ObjectWrites
from maintainer.collect.drift.drift import drift_facts
from maintainer.collect.drift.kinds import plural_of
from maintainer.deliver.plans import read_plan, save_plan
from maintainer.jobs import arguments
from maintainer.jobs.context import JobContext
from maintainer.jobs.drifted import with_past
from maintainer.jobs.restoring import Restoring, planned, restored
from maintainer.model.message import message
from maintainer.model.plan_file import written
from maintainer.model.report import Conclusion, Gap
from maintainer.settings import Settings


def reconcile(settings: Settings, context: JobContext) -> Conclusion:
    """Find what of the monitoring differs from what was deployed, is missing, or is not loaded, and restore it."""
    look = partial(_look, settings, context)
    done, why_not = _restored(settings, context, look) if settings.reconcile.writes else (None, ())
    audit = done.after if done else look()
    told = [partial(drift_sections, audit)]
    if done:
        told.insert(0, partial(restoring_sections, done.deeds, done.plan, before=done.before))
    undone = [partial(undone_sections, done.deeds)] if done and settings.reconcile.mode == "undo" else []
    if settings.reconcile.mode == "plan":
        plan = planned(audit, settings.reconcile, context)
        save_plan(settings.reconcile.plan, written(plan, context.sources.name))
        told.insert(0, partial(plan_sections, plan, audit))

    again, archive = with_past(context, done.before if done else audit)
    findings, of_checks = context.examine(DRIFT_CHECKS, audit)
    unread = gaps_of((*audit.facts.deployed.unavailable, *audit.facts.unavailable), DRIFT_CHECKS)
    deeds = done.deeds if done else ()
    return Conclusion(
        findings=findings,
        gaps=(*unread, *of_checks, *why_not, *deed_gaps(deeds)),
        figures={**drift_figures(audit), **restored_figures(deeds), **cost_figures(context.sources.spent())},
        sections=context.sections(*undone, *told, again),
        archive=archive,
        actions=actions(deeds, done.before if done else audit),
        checks=context.chosen & {check.id for check in DRIFT_CHECKS},
    )


def _look(settings: Settings, context: JobContext) -> DriftAudit:
    facts = drift_facts(context.sources, arguments.deployment(settings))
    return drift_audit(facts, access=arguments.access(settings, context.sources), now=context.now)


def _restored(
    settings: Settings, context: JobContext, look: Callable[[], DriftAudit]
) -> tuple[Restoring | None, tuple[Gap, ...]]:
    """What was done, or why that is not known. Without a cluster, that is a gap of its own."""
    agreed = read_plan(settings.reconcile.plan) if settings.reconcile.plan else ""
    cluster = context.sources.cluster
    if cluster is None:
        return None, ()
    objects = ObjectWrites(cluster, plural_of)
    done, why = context.sources.attempt(
        "restoring", partial(restored, settings, context, look=look, objects=objects, agreed=agreed)
    )
    return done, tuple(
        Gap(
            "drift/changed",
            "permanent" if each.permanent else "passing",
            message("restoring/not-done", why=each.reason),
        )
        for each in why
    )
