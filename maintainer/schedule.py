"""The calendar: the jobs, and the period that each report covers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from maintainer.jobs.monthly import monthly
from maintainer.model.report import JobName, Period
from maintainer.runner import Job, ScheduledRun


@dataclass(frozen=True, slots=True)
class CalendarJob:
    """A job, and the function that returns the period of its report from a time and the name of a time zone."""

    job: Job
    period: Callable[[datetime, str], Period]


def last_month(now: datetime, time_zone: str) -> Period:
    """The last complete calendar month before ``now`` in the time zone, from its start to before its end."""
    zone = ZoneInfo(time_zone)
    end = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    start = (end - timedelta(days=1)).replace(day=1)
    return Period(f"{start:%Y-%m}", start, end, time_zone)


JOBS: Mapping[JobName, CalendarJob] = {
    "monthly": CalendarJob(monthly, last_month),
}


def scheduled_run(name: JobName, now: datetime, time_zone: str) -> ScheduledRun:
    """The run of this job at ``now``."""
    calendar_job = JOBS[name]
    return ScheduledRun(name, calendar_job.job, calendar_job.period(now, time_zone))
