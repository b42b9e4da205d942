"""Shows what is remembered of runs, and moves it from one store to another."""

import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import typer

from maintainer import streams
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.collect.sources import unavailable
from maintainer.commands.machine import machine
from maintainer.errors import EXIT_INCOMPLETE, ConfigError, DeliveryFailed, SourceUnavailable
from maintainer.model.export import BrokenExport, Export, exported, imported
from maintainer.model.guard import unguarded
from maintainer.model.message import Message
from maintainer.render.ledger import ledger_table
from maintainer.render.words import load, say
from maintainer.reporting import cluster_of
from maintainer.settings import Settings
from maintainer.store_contents import contents, take
from maintainer.store_opening import Surroundings

T = TypeVar("T")


def show(settings: Settings, secrets: KnownSecrets) -> int:
    """Print the reports that are remembered, and return the exit code."""
    found, place, complete = _contents(settings, secrets)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
    if found.ledger:
        catalogue = load(settings.reports.language)
        table = ledger_table(found.ledger, catalogue, time_zone=settings.schedule.time_zone, width=width)
        print(table, end="")
    else:
        print(f"no report is recorded in {place}")
    return 0 if complete else EXIT_INCOMPLETE


def export(settings: Settings, secrets: KnownSecrets) -> int:
    """Print all that is remembered, and return the exit code."""
    found, _, complete = _contents(settings, secrets)
    print(exported(found), end="")
    if streams.failure(sys.stdout):
        return DeliveryFailed.exit_code
    return 0 if complete else EXIT_INCOMPLETE


def surroundings_of(settings: Settings, secrets: KnownSecrets) -> Surroundings:
    """What a command needs to open the store."""
    own = machine(settings, os.environ, secrets)
    return Surroundings(own.clock, own.now, partial(cluster_of, settings, own), unguarded)


def _contents(settings: Settings, secrets: KnownSecrets) -> tuple[Export, str, bool]:
    """What is in the store, where that is, and whether all of it could be read; tells what could not."""
    found, place, notes = worded_errors(partial(contents, settings, surroundings_of(settings, secrets)))
    print_notes(notes, secrets)
    return found, place, not notes


def import_file(file: str, settings: Settings, secrets: KnownSecrets) -> None:
    """Add what the file holds to the store, and say where it is. Raises ``ConfigError`` for a file that is broken."""
    try:
        with Path(file).open(encoding="utf-8") as lines:
            coming = imported(lines)
    except (OSError, UnicodeDecodeError, BrokenExport) as error:
        raise ConfigError(f"cannot import {file}: {getattr(error, 'strerror', None) or error}") from error
    place, notes = worded_errors(partial(take, coming, settings, surroundings_of(settings, secrets)))
    print_notes(notes, secrets)
    print(f"{len(coming.ledger)} entries and {len(coming.archive)} lines of the archive are in {place}")


def worded_errors(step: Callable[[], T]) -> T:
    """The result of the step. A source that is unavailable is told in words, and ends the command."""
    try:
        return step()
    except SourceUnavailable as error:
        print(f"maintainer: {say(load('en'), unavailable('store', error).reason)}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from error


def print_notes(notes: tuple[Message, ...], secrets: KnownSecrets) -> None:
    """Print on stderr what a person should know of the store."""
    catalogue = load("en")
    for note in notes:
        print(f"maintainer: {secrets.hide(say(catalogue, note))}", file=sys.stderr)
