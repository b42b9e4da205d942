"""Runs a job, and prints its outcome."""

import logging
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from maintainer import streams
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.commands.machine import machine, spare_collector
from maintainer.commands.store import worded_errors
from maintainer.due import run_due
from maintainer.errors import WORST_FIRST, DeliveryFailed, fault_told
from maintainer.model.message import message
from maintainer.model.report import STDOUT, JobName
from maintainer.progress import colours, progress
from maintainer.render.terminal import terminal
from maintainer.render.words import load, say
from maintainer.runner import Outcome, run
from maintainer.schedule import Due, JobState, run_by_hand
from maintainer.settings import Settings

_LOG = logging.getLogger("maintainer")


def run_job(
    job: JobName,
    settings: Settings,
    *,
    environ: Mapping[str, str],
    secrets: KnownSecrets,
    since: datetime | None = None,
    period: str = "",
) -> Outcome:
    """Run the job, print its outcome, and return it; ``secrets`` learns those of the run.

    What it tells of the past begins ``since``, by default where the calendar says. The ``period`` is a label such as
    ``2026-Q3``, by default that of the calendar.
    """
    spare_collector()
    if job == "reconcile" and settings.reconcile.writes:  # what is changed must be noted, so that it can be put back
        settings = settings.recording(record=True)
    own = machine(settings, environ, secrets)
    scheduled = run_by_hand(job, own.now, settings.schedule, label=period)
    scheduled = replace(scheduled, since=since or scheduled.since)
    with show_progress(f"running {job}", settings):
        outcome = run(scheduled, settings, own)
    print_outcome(outcome, settings)
    lost = settings.reports.directory == STDOUT and streams.failure(sys.stdout)
    return replace(outcome, exit_code=DeliveryFailed.exit_code) if lost and not outcome.faults else outcome


def run_all_due(settings: Settings, *, environ: Mapping[str, str], secrets: KnownSecrets) -> int:
    """Run all that is due, print each outcome, and return the exit code."""
    spare_collector()
    own = machine(settings, environ, secrets)

    def running(due: Due) -> AbstractContextManager[None]:
        return show_progress(f"running {due.turn.job.name} for {due.turn.label}", settings)

    def told(outcome: Outcome) -> None:
        print_outcome(outcome, settings)

    ran = worded_errors(partial(run_due, settings, own, running=running, told=told))
    if not ran.due:
        _LOG.info("%s", nothing_due(ran.calendar, settings.schedule.time_zone))
    for path in ran.late.files:
        print(path)
    for failed in ran.undelivered:
        _LOG.error("%s", failed)
    lost = settings.reports.directory == STDOUT and streams.failure(sys.stdout)
    codes = {ran.exit_code, DeliveryFailed.exit_code} if lost else {ran.exit_code}
    return min(codes, key=WORST_FIRST.index)


def nothing_due(calendar: Iterable[JobState], time_zone: str) -> str:
    """That nothing is due, and what comes next."""
    nexts = sorted((state.next, state.job.name) for state in calendar if state.next)
    told = [f"{name} on {fire.astimezone(ZoneInfo(time_zone)):%Y-%m-%d at %H:%M}" for fire, name in nexts]
    return say(load("en"), message("schedule/nothing", next=", ".join(told)))


def print_outcome(outcome: Outcome, settings: Settings) -> None:
    """Print the result on stdout, and log what happened to the run."""
    _print_result(outcome, settings)
    log_ending(outcome)


def log_ending(outcome: Outcome) -> None:
    """Log what became of the report. The warnings are errors if the run could not be recorded or delivered."""
    for note in outcome.notes:
        _LOG.info("%s", note)
    for warning in outcome.warnings:
        _LOG.log(logging.ERROR if outcome.exit_code == DeliveryFailed.exit_code else logging.WARNING, "%s", warning)
    for failed in filter(None, (outcome.undelivered, outcome.unposted, *outcome.unpublished)):
        _LOG.error("%s", failed)
    for fault in outcome.faults:
        _LOG.error("%s", fault_told(fault.error, fault.file))


def _print_result(outcome: Outcome, settings: Settings) -> None:
    """Print a summary and the paths of the reports, or the report itself if the directory is "-"."""
    if settings.reports.directory == STDOUT:
        print(*outcome.texts.values(), sep="", end="")
        return
    if settings.log.level != "quiet":
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
        colour = colours(sys.stdout, os.environ, setting=settings.color)
        summary = terminal(outcome.document, outcome.catalogue, width=width, colour=colour)
        print(summary, file=streams.styled(sys.stdout))
    for path in outcome.files:
        print(path)


def show_progress(what: str, settings: Settings) -> AbstractContextManager[None]:
    """Say on stderr what is being done: with a spinner on a terminal, if there are no other lines, else in the log."""
    on_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    plain = settings.log.level == "normal" and settings.log.format == "text"
    spinner = streams.styled(sys.stderr) if on_terminal and plain else None
    return progress(what, spinner=spinner, colour=colours(sys.stderr, os.environ, setting=settings.color))
