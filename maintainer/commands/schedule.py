"""Prints the calendar: what each job did last, and what is due."""

import os
import shutil
import sys
from zoneinfo import ZoneInfo

from maintainer.clients.known_secrets import KnownSecrets
from maintainer.commands.machine import machine
from maintainer.commands.store import worded_errors
from maintainer.model.message import Message, message
from maintainer.render.calendar import CalendarRow, calendar_table
from maintainer.render.words import load
from maintainer.runner import session
from maintainer.schedule import JOBS, JobState, states
from maintainer.settings import Settings


def show_schedule(settings: Settings, secrets: KnownSecrets) -> None:
    """Print for each job its last result, its next date, and what is due."""
    calendar = worded_errors(lambda: _calendar(settings, secrets))
    zone = settings.schedule.time_zone
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 120
    rows, catalogue = (_row(state, zone) for state in calendar), load(settings.reports.language)
    print(calendar_table(rows, catalogue, time_zone=zone, width=width), end="")


def _calendar(settings: Settings, secrets: KnownSecrets) -> tuple[JobState, ...]:
    own = machine(settings, os.environ, secrets)
    with session(settings.recording(record=False), own, name="schedule") as opened:
        return states(JOBS, opened.entries(), own.now, settings.schedule)


def _row(state: JobState, time_zone: str) -> CalendarRow:
    sentences: list[Message] = []
    if state.missed:
        first, last = state.missed[0].label, state.missed[-1].label
        sentences.append(message("schedule/missed", count=len(state.missed), first=first, last=last))
    for due in state.due:
        fired = f"{due.turn.fired.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}"
        sentences.append(message(f"schedule/due.{due.why}", period=due.turn.label, fired=fired))
    return CalendarRow(state.job.name, state.last, state.next, tuple(sentences))
