"""What the daily samples tell of the days before a report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from maintainer.analyse.accuracy.fleet import ComparedFleet
from maintainer.analyse.accuracy.month import month
from maintainer.analyse.accuracy.month_sections import month_figures, month_sections, unread_month
from maintainer.analyse.accuracy.samples import without_accepted
from maintainer.analyse.sampling import Examined, sample_of
from maintainer.jobs import arguments
from maintainer.jobs.context import JobContext
from maintainer.jobs.observing import ObservedFleet, past_samples, scraped_since
from maintainer.model.sections import Section
from maintainer.settings import Settings


@dataclass(frozen=True, slots=True)
class Past:
    """The sections and figures of the days before; none without a sample."""

    sections: Iterable[Section] = ()
    figures: Mapping[str, int | float] = field(default_factory=dict)


def past_days(
    settings: Settings, context: JobContext, *, seen: ObservedFleet, fleet: ComparedFleet, examined: Examined
) -> Past:
    """The days since that of ``context.since``, of which the comparison of this run is the last sample."""
    days, why = context.sources.attempt(
        "archive", lambda: _days(settings, context, seen=seen, fleet=fleet, examined=examined)
    )
    return Past(unread_month(why)) if days is None else days


def _days(
    settings: Settings, context: JobContext, *, seen: ObservedFleet, fleet: ComparedFleet, examined: Examined
) -> Past:
    past = past_samples(context, context.since)
    if not past:
        return Past()
    accepted, today = arguments.acceptances(settings), arguments.today(settings, context.now)
    present = sample_of(fleet, context.now, examined=examined, scraped=scraped_since(context, seen, past))
    zone = ZoneInfo(settings.schedule.time_zone)
    known = [without_accepted(sample, accepted, today) for sample in (*past, present)]
    days = month(known, zone, since=context.since, now=context.now)
    return Past(month_sections(days, zone), month_figures(days))
