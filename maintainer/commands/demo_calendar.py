"""A year of the calendar, as it would have gone with runs that all went well."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from maintainer.model.ledger import Entry
from maintainer.schedule import JOBS, CalendarJob, Turn, job_state
from maintainer.settings_jobs import ScheduleSettings

YEAR = timedelta(days=365)


def turns_of_year(now: datetime, schedule: ScheduleSettings) -> Mapping[str, tuple[Turn, ...]]:
    """The turns of each job whose schedule fired in the year before ``now``, by the name of the job.

    The calendar is asked what is due, as ``maintainer run due`` asks it, whenever the job's schedule fires, and is told
    that it was done.
    """
    return {job.name: _taken(job, now, schedule) for job in JOBS}


def _taken(job: CalendarJob, now: datetime, schedule: ScheduleSettings) -> tuple[Turn, ...]:
    began = now - YEAR
    taken: list[Turn] = []
    entries: list[Entry] = []
    at: datetime | None = began
    while at and at <= now:
        state = job_state(job, entries, at, schedule)
        taken.extend(due.turn for due in state.due)
        entries.extend(Entry("", job.name, due.turn.label, "done", at) for due in state.due)
        at = state.next
    return tuple(turn for turn in taken if turn.fired > began)  # the first was due before this year
