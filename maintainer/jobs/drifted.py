"""What earlier runs of reconcile have found, and what this one keeps for later ones."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from maintainer.analyse.drift.audit import DriftAudit
from maintainer.analyse.drift.trends import DAYS, KIND, as_data, drifted, past_drifts, trends, unread_trends
from maintainer.jobs.context import JobContext
from maintainer.model.report import Measured
from maintainer.model.sections import Section


def with_past(context: JobContext, audit: DriftAudit) -> tuple[Callable[[], Iterable[Section]], tuple[Measured, ...]]:
    """What makes the section about what drifts again and again, and the line of this run for the archive.

    ``audit`` is what the run found, before anything was restored.
    """
    if not audit.facts.deployed.objects:
        return tuple, ()
    present = drifted(audit)
    since = context.now - timedelta(days=DAYS)
    lines, why = context.sources.attempt("archive", partial(context.archived, KIND, since))
    zone = ZoneInfo(context.period.time_zone)
    made = partial(unread_trends, why) if lines is None else partial(trends, (*past_drifts(lines), present), zone)
    return made, (Measured(KIND, context.now, as_data(present)),)
