"""The quarterly review: which alerts were worth their pages, and what nobody was told of."""

from datetime import datetime, timedelta
from functools import partial

from maintainer.analyse.alerts.figures import quarterly_figures
from maintainer.analyse.alerts.history import alert_history
from maintainer.analyse.alerts.one_action import with_tuned_actions
from maintainer.analyse.alerts.pictures import heatmap, lanes
from maintainer.analyse.alerts.review import review_of
from maintainer.analyse.alerts.tables import episodes_table, quarterly_tables
from maintainer.analyse.checks import ALERT_CHECKS, OF_QUARTER, gaps_of
from maintainer.analyse.cost import cost_figures
from maintainer.jobs import arguments
from maintainer.jobs.advising import advise
from maintainer.jobs.context import JobContext
from maintainer.model.alert_archive import KIND
from maintainer.model.alerts import AlertHistory
from maintainer.model.report import Conclusion
from maintainer.settings import Settings

AROUND = timedelta(days=2)
"""The archive is read from so long before the quarter on: an episode may go on into it."""


def quarterly(settings: Settings, context: JobContext) -> Conclusion:
    """Judge the alerts of the quarter by what the archive has of it; Prometheus is asked for nothing."""
    judging = arguments.judging(settings, context.sources)
    history, why = context.sources.attempt("alert-archive", partial(_archived, context))
    checks = context.chosen & {check.id for check in OF_QUARTER}
    if history is None:
        return Conclusion(gaps=tuple(gaps_of(why, OF_QUARTER)), checks=checks)
    review = review_of(history, judging)
    advised = advise(review, settings, context)
    judged, gaps = context.examine(ALERT_CHECKS, review)
    findings = (*(with_tuned_actions(judged, advised.advice) if advised.advice else judged), *advised.findings)
    return Conclusion(
        findings=findings,
        gaps=(*gaps, *advised.gaps),
        figures={**quarterly_figures(review), **cost_figures(context.sources.spent())},
        sections=context.sections(
            lambda: advised.last,
            lambda: lanes(review),
            lambda: heatmap(review),
            lambda: quarterly_tables(review, findings),
            lambda: advised.sections,
            lambda: episodes_table(review),
        ),
        checks=checks,
        archive=advised.archive,
        files=advised.files,
    )


def _archived(context: JobContext) -> AlertHistory:
    """What the archive has of the quarter, or of as much of it as is over."""
    start, end = context.period.start, min(context.period.end, context.now)
    lines = context.archived(KIND, start - AROUND)
    return alert_history(lines, _milliseconds(start), _milliseconds(end))


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
