"""The daily harvest: keeps what Prometheus still knows of the alerts of the days before, for the quarterly review."""

from maintainer.analyse.alerts.harvest_audit import harvest_figures
from maintainer.analyse.checks import HARVEST_CHECKS, gaps_of
from maintainer.analyse.cost import cost_figures
from maintainer.jobs.context import JobContext
from maintainer.jobs.harvesting import read_history
from maintainer.model.alert_archive import measured
from maintainer.model.report import Conclusion
from maintainer.settings import Settings


def harvest(settings: Settings, context: JobContext) -> Conclusion:
    """Read the days that no harvest has read, and keep their alerts and what became of Rollouts."""
    audit = read_history(settings, context)
    findings, of_checks = context.examine(HARVEST_CHECKS, audit)
    return Conclusion(
        findings=findings,
        gaps=(*gaps_of(audit.unavailable, HARVEST_CHECKS), *of_checks),
        figures={**harvest_figures(audit), **cost_figures(context.sources.spent())},
        checks=context.chosen & {check.id for check in HARVEST_CHECKS},
        archive=tuple(line for day in audit.days for line in measured(day)),
    )
