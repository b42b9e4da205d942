"""Prints what a change of rules would have done on the history that is known."""

import os
import shutil
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial

from maintainer import streams
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.collect.sources import Sources
from maintainer.commands.machine import machine, spare_collector
from maintainer.commands.run import show_progress
from maintainer.commands.store import print_notes, surroundings_of, worded_errors
from maintainer.errors import EXIT_FAULT, EXIT_INCOMPLETE, ConfigError, DeliveryFailed, fault_told
from maintainer.faults import Faults
from maintainer.jobs.backtest import Asked, Known, backtest
from maintainer.model.alerts import Run
from maintainer.model.duration import seconds
from maintainer.render.backtest import Format, backtest_text
from maintainer.render.words import load
from maintainer.reporting import Machine, opened
from maintainer.settings import Settings
from maintainer.store_contents import archived


@dataclass(frozen=True, slots=True)
class Words:
    """What the command line asks for: two sets of rules, how far back, and which of the rules."""

    new: str
    against: str
    since: str
    rule: str
    changed_only: bool


def run_backtest(words: Words, settings: Settings, secrets: KnownSecrets, *, format_: Format) -> int:
    """Try the rules, print the comparison, and return the exit code. Raises ``ConfigError`` as the job does."""
    spare_collector()
    own, faults = machine(settings, os.environ, secrets), Faults(secrets.hide_in_error)
    since = own.now - timedelta(seconds=_since(words.since))
    lines, notes = worded_errors(partial(archived, settings, surroundings_of(settings, secrets), since))
    print_notes(notes, secrets)
    asked = Asked(words.new, words.against, _time(since, own.now), words.rule, words.changed_only)
    with ExitStack() as held, show_progress("trying the rules", settings):
        known = Known(cache(partial(_sources, settings, own, faults, held)), lines, notes)
        compared = backtest(asked, known, settings)
    text = backtest_text(compared, load(settings.reports.language), format_=format_, width=_width())
    print(secrets.hide(text), end="")
    for fault in faults.found:
        print(f"maintainer: {fault_told(fault.error, fault.file)}", file=sys.stderr)
    if faults.found:
        return EXIT_FAULT
    if streams.failure(sys.stdout):
        return DeliveryFailed.exit_code
    return 0 if compared.complete and not notes else EXIT_INCOMPLETE


def _sources(settings: Settings, own: Machine, faults: Faults, held: ExitStack) -> Sources:
    sources = opened(settings, own, faults)
    held.callback(sources.close)
    return sources


def _since(text: str) -> float:
    try:
        value = seconds(text)
    except ValueError as error:
        raise ConfigError(f"--since: {error}") from error
    if not 3600 <= value <= 400 * 86400:
        raise ConfigError(f"--since {text} is not from 1h to 400d")
    return value


def _time(since: datetime, until: datetime) -> Run:
    return Run(round(since.timestamp() * 1000), round(until.timestamp() * 1000))


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
