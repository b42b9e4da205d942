"""Shows the reports that the store keeps, in every format."""

import os
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from maintainer import streams
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.commands.store import print_notes, surroundings_of, worded_errors
from maintainer.deliver.files import write
from maintainer.errors import EXIT_INCOMPLETE, ConfigError, DeliveryFailed
from maintainer.model.ledger import Entry
from maintainer.model.past_reports import meant, with_report
from maintainer.model.report import STDOUT
from maintainer.progress import colours
from maintainer.render.document import Document
from maintainer.render.formats import FORMATS, file_name
from maintainer.render.ledger import ledger_json, ledger_table
from maintainer.render.stored import stored_document
from maintainer.render.terminal import past_report
from maintainer.render.words import load
from maintainer.settings import Settings
from maintainer.store_contents import ledger

MOST_NAMED = 10
"""The most reports that an error names, the newest."""

USUAL_WIDTH = 100
"""Columns of a text that is not for a terminal."""


def list_reports(settings: Settings, secrets: KnownSecrets, *, format_: str) -> int:
    """Print which reports the store keeps, as ``text`` or ``json``, and return the exit code."""
    entries, place, complete = _ledger(settings, secrets)
    reports, time_zone = with_report(entries), settings.schedule.time_zone
    if format_ == "json":
        print(ledger_json(reports, time_zone=time_zone), end="")
    elif reports:
        print(ledger_table(reports, load(settings.reports.language), time_zone=time_zone, width=_width()), end="")
    else:
        print(f"no report is kept in {place}")
    return _exit_code(complete=complete)


def show_report(words: Sequence[str], settings: Settings, secrets: KnownSecrets, *, format_: str, output: str) -> int:
    """Print the report that ``words`` name, or write it to a file or a folder, and return the exit code.

    The words are a job, which may be left out, and a period, a day or ``latest``. Raises ``ConfigError`` if they name
    none or several reports.
    """
    if len(words) > 2:
        raise ConfigError("name one report by a job and a period, such as: maintainer report show monthly latest")
    entries, place, complete = _ledger(settings, secrets)
    reports = with_report(entries, job=words[0] if words[1:] else "")
    found = meant(reports, words[-1], settings.schedule.time_zone)
    if not found and not complete:
        print(f"maintainer: no report of {' '.join(words)} is in what could be read of {place}", file=sys.stderr)
        return EXIT_INCOMPLETE
    entry = _only(found, entries, words, place=place)
    try:
        document = stored_document(entry.report)
    except ValueError as error:
        print(f"maintainer: the report {_named(entry)} in {place} cannot be shown: {error}", file=sys.stderr)
        return EXIT_INCOMPLETE
    if output == STDOUT:
        _print(document, format_, settings)
    else:
        folder, name = _place(output, document, format_)
        print(*write(folder, {name: _text(document, format_, width=USUAL_WIDTH, colour=False)}))
    return _exit_code(complete=complete)


def _ledger(settings: Settings, secrets: KnownSecrets) -> tuple[tuple[Entry, ...], str, bool]:
    """The entries, where they are, and whether all could be read; tells what could not."""
    entries, place, notes = worded_errors(partial(ledger, settings, surroundings_of(settings, secrets)))
    print_notes(notes, secrets)
    return entries, place, not notes


def _only(found: Sequence[Entry], entries: Sequence[Entry], words: Sequence[str], *, place: str) -> Entry:
    """The one entry that was found. Raises ``ConfigError`` that says which there are."""
    if len(found) == 1:
        return found[0]
    asked = " ".join(words)
    if len({entry.cluster for entry in found}) > 1:
        raise ConfigError(f"{asked} is in several clusters: {_list(found)}; set cluster.name to one of them")
    if found:
        raise ConfigError(f"{asked} can be each of {_list(found)}; name the job before it")
    reports = with_report(entries)
    there = f"it has {_list(reports)}" if reports else "it keeps none yet; run with --record"
    raise ConfigError(f"there is no report of {asked} in {place}; {there}")


def _list(entries: Sequence[Entry]) -> str:
    """The newest of these entries in a line."""
    named = ", ".join(_named(entry) for entry in entries[-MOST_NAMED:])
    return f"{named} and {len(entries) - MOST_NAMED} older ones" if len(entries) > MOST_NAMED else named


def _named(entry: Entry) -> str:
    return f"{entry.job} {entry.period} of {entry.cluster or 'a cluster without a name'}"


def _place(output: str, document: Document, format_: str) -> tuple[str, str]:
    """The folder and the name of the file: in a folder, the report has its usual name."""
    path = Path(output)
    if output.endswith("/") or path.is_dir():
        return output, file_name(document, "txt" if format_ == "text" else format_)
    return str(path.parent), path.name


def _print(document: Document, format_: str, settings: Settings) -> None:
    colour = colours(sys.stdout, os.environ, setting=settings.color)
    text = _text(document, format_, width=_width(), colour=colour)
    # The text for a terminal has made visible what would act on one.
    print(text, end="", file=streams.styled(sys.stdout) if format_ == "text" else sys.stdout)


def _text(document: Document, format_: str, *, width: int, colour: bool) -> str:
    """The report in the language in which it was written."""
    catalogue = load(document["language"])
    if format_ == "text":
        return past_report(document, catalogue, width=width, colour=colour)
    return FORMATS[format_](document, catalogue)


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else USUAL_WIDTH


def _exit_code(*, complete: bool) -> int:
    if streams.failure(sys.stdout):
        return DeliveryFailed.exit_code
    return 0 if complete else EXIT_INCOMPLETE
