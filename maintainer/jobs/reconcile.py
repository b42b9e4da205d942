"""The job that compares what was deployed with what the cluster stores and with what Prometheus has loaded."""

from functools import partial

from maintainer.analyse.checks import DRIFT_CHECKS, gaps_of
from maintainer.analyse.cost import cost_figures
from maintainer.analyse.drift.audit import drift_audit
from maintainer.analyse.drift.sections import drift_figures, drift_sections
from maintainer.collect.drift.drift import drift_facts
from maintainer.jobs import arguments
from maintainer.jobs.context import JobContext
from maintainer.model.report import Conclusion
from maintainer.settings import Settings


def reconcile(settings: Settings, context: JobContext) -> Conclusion:
    """Find what of the monitoring differs from what was deployed, is missing, or is not loaded."""
    facts = drift_facts(context.sources, arguments.deployment(settings))
    access = arguments.access(settings, context.sources)
    audit = drift_audit(facts, access=access, now=context.now)

    findings, of_checks = context.examine(DRIFT_CHECKS, audit)
    return Conclusion(
        findings=findings,
        gaps=(*gaps_of((*facts.deployed.unavailable, *facts.unavailable), DRIFT_CHECKS), *of_checks),
        figures={**drift_figures(audit), **cost_figures(context.sources.spent())},
        sections=context.sections(partial(drift_sections, audit)),
        checks=context.chosen & {check.id for check in DRIFT_CHECKS},
    )
