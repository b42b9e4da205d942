"""The calendar: the jobs, and which period the report of each is filed under."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from maintainer.jobs.monthly import monthly
from maintainer.model.report import JobName, Period
from maintainer.runner import Job, ScheduledRun


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job of the calendar, and the period that a run at some time belongs to."""

    job: Job
    period: Callable[[datetime, str], Period]


def last_month(now: datetime, time_zone: str) -> Period:
    """The last complete month before ``now`` in the time zone, half open."""
    zone = ZoneInfo(time_zone)
    end = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    start = (end - timedelta(days=1)).replace(day=1)
    return Period(f"{start:%Y-%m}", start, end, time_zone)


JOBS: Mapping[JobName, Scheduled] = {
    "monthly": Scheduled(monthly, last_month),
}


def scheduled_run(name: JobName, now: datetime, time_zone: str) -> ScheduledRun:
    """The run of a job that is due or asked for at ``now``."""
    scheduled = JOBS[name]
    return ScheduledRun(name, scheduled.job, scheduled.period(now, time_zone))
