"""The calendar: the table of jobs, and what is due at a time according to the ledger.

A fire of a job's schedule begins a turn. The turn of a job that reads the present is filed under the day, month or half
year of the fire; it can be taken until the next fire, and is missed after it. The turn of a job that reads stored data
is about the period before the fire, and is made up for later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from maintainer.analyse.checks import (
    ACCURACY_CHECKS,
    CARDINALITY_CHECKS,
    DRIFT_CHECKS,
    HARVEST_CHECKS,
    OF_QUARTER,
    PIPELINE_CHECKS,
    QUERY_CHECKS,
    STORAGE_CHECKS,
    Check,
)
from maintainer.analyse.sampling import SAMPLED
from maintainer.errors import ConfigError
from maintainer.jobs.harvest import harvest
from maintainer.jobs.monthly import monthly
from maintainer.jobs.quarterly import quarterly
from maintainer.jobs.reconcile import reconcile
from maintainer.jobs.sample import sample
from maintainer.jobs.semiannual import semiannual
from maintainer.model.ledger import MONTHS_OF_DAYS, Entry, months_before
from maintainer.model.periods import Span, period_before, period_named, period_of
from maintainer.model.report import JobName, Period
from maintainer.reporting import Job, Reports, ScheduledRun
from maintainer.settings_jobs import ScheduleSettings
from maintainer.triggers import next_fire

RETRY_DAYS = 7
"""For so many days a run is repeated, once a day, while it cannot look at something for a reason that may pass."""

MONTHS_BACK: Mapping[Span, int] = {"day": MONTHS_OF_DAYS, "month": 36, "quarter": 36, "half": 36}
"""How far back turns are looked for."""

Frequency = Literal["daily", "monthly", "quarterly", "semiannual"]
_SPANS: Mapping[Frequency, Span] = {"daily": "day", "monthly": "month", "quarterly": "quarter", "semiannual": "half"}


@dataclass(frozen=True, slots=True)
class CalendarJob:
    """A job of the calendar, with the ids of its checks. ``frequency`` is the key of its schedule in the settings.

    ``reads`` is ``present`` for a job that looks at the present, and ``stored`` for one that reads stored data and can
    make up for what was missed. ``reports`` is when its reports are written, and not only recorded.
    """

    name: str
    job: Job
    frequency: Frequency
    reads: Literal["present", "stored"]
    checks: tuple[str, ...]
    reports: Reports = "always"

    @property
    def span(self) -> Span:
        """The length of its periods."""
        return _SPANS[self.frequency]


_OF_AUDIT: tuple[Check[Any], ...] = (*ACCURACY_CHECKS, *PIPELINE_CHECKS, *QUERY_CHECKS)
_OF_STORAGE: tuple[Check[Any], ...] = (*STORAGE_CHECKS, *CARDINALITY_CHECKS)

JOBS: tuple[CalendarJob, ...] = (
    CalendarJob("reconcile", reconcile, "daily", "present", tuple(check.id for check in DRIFT_CHECKS), reports="news"),
    CalendarJob("sample", sample, "daily", "present", tuple(sorted(SAMPLED)), reports="never"),
    CalendarJob("harvest", harvest, "daily", "present", tuple(check.id for check in HARVEST_CHECKS), reports="never"),
    CalendarJob("monthly", monthly, "monthly", "present", tuple(sorted(check.id for check in _OF_AUDIT))),
    CalendarJob("quarterly", quarterly, "quarterly", "stored", tuple(check.id for check in OF_QUARTER)),
    CalendarJob("semiannual", semiannual, "semiannual", "present", tuple(check.id for check in _OF_STORAGE)),
)
"""All jobs, in the order in which those that are due are run."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of a job: the period under which the ledger has it, and when its schedule fired."""

    job: CalendarJob
    period: Period
    fired: datetime

    @property
    def label(self) -> str:
        """The period's name in the ledger."""
        return self.period.label


@dataclass(frozen=True, slots=True)
class Due:
    """A turn that is due, and why: it is the first of its job, it was not taken yet, or it is repeated."""

    turn: Turn
    why: Literal["first", "new", "again"]


@dataclass(frozen=True, slots=True)
class JobState:
    """Where a job stands: its newest entry, what is due in order, what was missed, and the next fire."""

    job: CalendarJob
    last: Entry | None
    due: tuple[Due, ...]
    missed: tuple[Turn, ...]
    next: datetime | None


def job_state(job: CalendarJob, entries: Iterable[Entry], now: datetime, schedule: ScheduleSettings) -> JobState:
    """Where the job stands at ``now``; ``entries`` are those of its cluster."""
    turns = _turns(job, now, schedule)
    known = {entry.period: entry for entry in entries if entry.job == job.name}
    # An entry of a time to come is left by a clock that was wrong: it must not keep the job from running.
    past = [label for label in known if turns and label <= turns[-1].label]
    last = known[max(past)] if past else None
    if job.reads == "stored":
        # A turn that could not be recorded is taken again, also when a later one was recorded.
        open_turns = [turn for turn in turns if past and turn.label > min(past) and turn.label not in known]
    else:
        open_turns = [turn for turn in turns if last and turn.label > last.period]
    if last is None:
        open_turns = turns[-1:]
    taken = open_turns if job.reads == "stored" else open_turns[-1:]
    again = [turn for turn in turns if turn.label in known and _is_repeated(known[turn.label], now, schedule.time_zone)]
    if job.reads == "present":
        again = [turn for turn in again if turn == turns[-1]]
    why: Literal["first", "new"] = "new" if last else "first"
    due = tuple(Due(turn, "again" if turn in again else why) for turn in turns if turn in again or turn in taken)
    missed = tuple(turn for turn in open_turns if turn not in taken)
    return JobState(job, last, due, missed, next_fire(_expression(job, schedule), schedule.time_zone, now))


def scheduled_run(turn: Turn, now: datetime, schedule: ScheduleSettings) -> ScheduledRun:
    """The run of this turn at ``now``."""
    job, zone = turn.job, schedule.time_zone
    return ScheduledRun(
        name=job.name,
        job=job.job,
        period=_period(turn, now, zone),
        label=turn.label,
        checks=job.checks,
        since=turn.period.start if job.reads == "stored" else period_before(job.span, turn.fired, zone).start,
        reports=job.reports,
    )


def run_by_hand(name: str, now: datetime, schedule: ScheduleSettings, *, label: str = "") -> ScheduledRun:
    """The run of a job at ``now`` although it may not be due: it is filed as its present turn.

    With the ``label`` of a period, such as ``2026-Q3``, it is about that one. Who asks for a run of a job gets its
    report, also one without news, or one that the calendar would only record. Raises ``ConfigError`` for a label that
    the job cannot be about.
    """
    job = next(job for job in JOBS if job.name == name)
    if label:
        turn = Turn(job, _asked_period(job, label, now, schedule.time_zone), now)
    else:
        turns = _turns(job, now, schedule)
        turn = turns[-1] if turns else Turn(job, period_of(job.span, now, schedule.time_zone), now)
    run = scheduled_run(turn, now, schedule)
    return replace(run, reports="always") if name in get_args(JobName) else run


def _asked_period(job: CalendarJob, label: str, now: datetime, zone: str) -> Period:
    if job.reads != "stored":
        raise ConfigError(f"{job.name} looks at the present, and not at {label}; run it without --period")
    period = period_named(job.span, label, zone)
    if period is None:
        raise ConfigError(f"{label!r} is no {job.span}; write it as {period_before(job.span, now, zone).label}")
    if period.start > now:
        raise ConfigError(
            f"{label} has not begun; the last one that is over is {period_before(job.span, now, zone).label}"
        )
    return period


def states(
    jobs: Sequence[CalendarJob], entries: Iterable[Entry], now: datetime, schedule: ScheduleSettings
) -> tuple[JobState, ...]:
    """Where the jobs stand, in their order."""
    known = tuple(entries)
    return tuple(job_state(job, known, now, schedule) for job in jobs)


def _turns(job: CalendarJob, now: datetime, schedule: ScheduleSettings) -> list[Turn]:
    """The turns up to ``now`` in order.

    A turn of the present begins with the first fire in its day, month, quarter or half year. Stored data have a turn
    for every period, which begins with the first fire after it: it may be the same for several, where one was left out.
    """
    turns: list[Turn] = []
    zone, expression = schedule.time_zone, _expression(job, schedule)
    period = period_of(job.span, months_before(now, MONTHS_BACK[job.span]), zone)
    while period.start <= now:
        begin = period.end if job.reads == "stored" else period.start
        fired = next_fire(expression, zone, begin - timedelta(microseconds=1))
        if fired and fired <= now and (job.reads == "stored" or fired < period.end):
            turns.append(Turn(job, period, fired))
        period = period_of(job.span, period.end, zone)
    return turns


def _is_repeated(entry: Entry, now: datetime, time_zone: str) -> bool:
    """Whether the run of an entry is repeated: once a day, and for :data:`RETRY_DAYS` at most."""
    zone = ZoneInfo(time_zone)
    if entry.result != "incomplete" or not entry.passing:
        return False
    first = (entry.first_at or entry.at).astimezone(zone).date()
    today = now.astimezone(zone).date()
    return entry.at.astimezone(zone).date() < today <= first + timedelta(days=RETRY_DAYS)


def _period(turn: Turn, now: datetime, zone: str) -> Period:
    """The period of the report: the day on which the present is looked at, or the period of the stored data."""
    return turn.period if turn.job.reads == "stored" else period_of("day", now, zone)


def _expression(job: CalendarJob, schedule: ScheduleSettings) -> str:
    expressions: Mapping[Frequency, str] = {
        "daily": schedule.daily,
        "monthly": schedule.monthly,
        "quarterly": schedule.quarterly,
        "semiannual": schedule.semiannual,
    }
    return expressions[job.frequency]
