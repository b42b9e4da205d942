"""Keeps the calendar until a signal ends it, and logs what becomes of each run."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from prometheus_client import Metric

from maintainer.clients.known_secrets import KnownSecrets
from maintainer.collect.sources import unavailable
from maintainer.commands.machine import machine
from maintainer.commands.run import log_ending, nothing_due
from maintainer.commands.stopping import Stopping
from maintainer.deliver.http_server import Pages, listening
from maintainer.deliver.metrics import job_metrics, next_due_metric
from maintainer.due import run_due
from maintainer.errors import EXIT_FAULT, ConfigError, MaintainerError, SourceUnavailable
from maintainer.faults import Faults
from maintainer.model.clock import Clock
from maintainer.model.report import STDOUT
from maintainer.progress import progress
from maintainer.render.words import load, say
from maintainer.reporting import Machine
from maintainer.runner import Outcome, session
from maintainer.schedule import JOBS, CalendarJob, Due, JobState, states
from maintainer.serve import IDLE_SECONDS, LOOK_SECONDS, Keeper, Ran, Work
from maintainer.settings import Settings
from maintainer.triggers import next_fire

T = TypeVar("T")

_LOG = logging.getLogger("maintainer")


def serve(settings: Settings, secrets: KnownSecrets) -> int:
    """Keep the calendar until a signal asks for the end, and return the exit code.

    Raises ``ConfigError`` for settings with which no run could be recorded, and for an address that cannot be had.
    """
    if settings.reports.directory == STDOUT:
        raise ConfigError("serve writes its reports to a folder: give --output DIR")
    if settings.checks:
        raise ConfigError("serve records its runs and needs all checks: leave out the setting checks")
    stopping = Stopping()
    clock = Clock(time.monotonic, stopping.sleep)
    own = replace(machine(settings, os.environ, secrets), clock=clock, before_step=stopping.before_step)
    serving = Serving(settings, own)
    keeper = Keeper(Work(serving.next_fire, serving.run, serving.look), time.monotonic, stopping.waiting)
    stopping.listen()
    with ExitStack() as opened:
        try:
            _LOG.info("listening on %s", _listen(opened, settings.serve.listen, keeper.pages()))
            keeper.keep()
        except KeyboardInterrupt:
            _LOG.info("ended: what is due then is run at the next start")
            return 0


def _listen(opened: ExitStack, address: str, pages: Pages) -> str:
    """Answer at the address until ``opened`` ends, and return the URL. Raises ``ConfigError``."""
    host, _, port = address.rpartition(":")
    try:
        return opened.enter_context(listening(host.strip("[]"), int(port), pages))
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {address} ({error.strerror or error}); give another --listen ADDRESS:PORT"
        ) from error


@dataclass(frozen=True, slots=True)
class Serving:
    """The work of the process: runs of these jobs, each at the time at which it begins."""

    settings: Settings
    machine: Machine
    jobs: Sequence[CalendarJob] = JOBS

    def next_fire(self, after: datetime) -> datetime | None:
        """The first time of the calendar after a time. That of the daily jobs is also the time to repeat others."""
        schedule = self.settings.schedule
        expressions = schedule.daily, schedule.monthly, schedule.quarterly, schedule.semiannual
        fires = (next_fire(expression, schedule.time_zone, after) for expression in expressions)
        return min((fire for fire in fires if fire), default=None)

    def run(self, step_begins: Callable[[float], None]) -> Ran:
        """Run what is due. An error is logged; where nothing was run, that is to be tried again."""

        def running(due: Due) -> AbstractContextManager[None]:
            self.machine.before_step()
            step_begins(self.settings.timeout + IDLE_SECONDS)
            return progress(f"running {due.turn.job.name} for {due.turn.label}", spinner=None, colour=False)

        step_begins(self.settings.store.wait_lock + IDLE_SECONDS)
        run = partial(run_due, running=running, told=_log_outcome, jobs=self.jobs)
        ran, failed = self._attempt("what is due was not run", run)
        for path in ran.late.files if ran else ():
            _LOG.info("written: %s", path)
        for left in ran.undelivered if ran else ():
            _LOG.error("%s", left)
        if ran and not ran.due:
            _LOG.info("%s", nothing_due(ran.calendar, self.settings.schedule.time_zone))
        return Ran(ran.exit_code) if ran else failed

    def look(self) -> tuple[Metric, ...] | None:
        """The metrics of the ledger; ``None`` if it cannot be read, which is logged."""
        return self._attempt("the ledger was not read", partial(_ledger_metrics, jobs=self.jobs))[0]

    def _attempt(self, failure: str, step: Callable[[Settings, Machine], T]) -> tuple[T | None, Ran]:
        """The result of a step at the present time, or ``None`` and what failed, which is logged."""
        faults = Faults(self.machine.secrets.hide_in_error)
        try:
            result = faults.guard(partial(step, self.settings, replace(self.machine, now=datetime.now(UTC))))
        except MaintainerError as error:
            if faults.found:
                _LOG.error("%s: %s", failure, _in_words(error))
                return None, Ran(EXIT_FAULT)
            _LOG.error("%s, which is tried again in %d minutes: %s", failure, LOOK_SECONDS // 60, _in_words(error))
            return None, Ran(error.exit_code, again=True)
        return result, Ran(0)


def _ledger_metrics(settings: Settings, machine: Machine, *, jobs: Sequence[CalendarJob]) -> tuple[Metric, ...]:
    with session(settings.recording(record=False), machine, name="serve") as opened:
        entries = opened.entries()
    calendar = states(jobs, entries, machine.now, settings.schedule)
    due = {state.job.name: _due_at(state) for state in calendar}
    return (*job_metrics(entries), next_due_metric({job: at for job, at in due.items() if at}))


def _due_at(state: JobState) -> datetime | None:
    """Since when the job is due, but for repeated runs, or when it is next."""
    return min((due.turn.fired for due in state.due if due.why != "again"), default=state.next)


def _log_outcome(outcome: Outcome) -> None:
    report = outcome.report
    findings, gaps = sum(one.counts for one in report.findings), sum(not gap.accepted for gap in report.gaps)
    result = f"findings: {findings}, gaps: {gaps}, exit code: {outcome.exit_code}"
    _LOG.info("%s of %s: %s", report.job, report.period.label, result)
    for path in outcome.files:
        _LOG.info("written: %s", path)
    log_ending(outcome)


def _in_words(error: MaintainerError) -> str:
    if isinstance(error, SourceUnavailable):
        return say(load("en"), unavailable("store", error).reason)
    return str(error)
