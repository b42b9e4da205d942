"""Prints whether all that a run needs is there, and what to type where it is not."""

import os
import shutil
import sys
from collections.abc import Mapping
from functools import partial

from maintainer import streams
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.commands.machine import machine
from maintainer.commands.run import show_progress
from maintainer.errors import EXIT_FAULT, EXIT_INCOMPLETE, DeliveryFailed, fault_told
from maintainer.faults import Faults
from maintainer.jobs.doctor import DoctorContext, doctor
from maintainer.posting import is_set_up, open_sender
from maintainer.progress import colours
from maintainer.render.doctor import Format, as_document, doctor_text
from maintainer.render.document import as_json
from maintainer.render.words import load
from maintainer.reporting import cluster_of
from maintainer.schedule import JOBS, states
from maintainer.settings import Settings
from maintainer.store_opening import FOLDER, Surroundings, open_store


def examine(settings: Settings, options: Mapping[str, str], secrets: KnownSecrets, *, format_: Format) -> int:
    """Look at everything, print the rows, and return the exit code; ``options`` are those of the command line."""
    own, faults = machine(settings, os.environ, secrets), Faults(secrets.hide_in_error)
    connect = partial(cluster_of, settings, own)
    surroundings = Surroundings(own.clock, own.now, connect, faults.guard)
    context = DoctorContext(
        connect=connect,
        open_store=partial(open_store, settings.store, surroundings),
        folder=settings.store.path or FOLDER,
        clock=own.clock,
        now=own.now,
        guard=faults.guard,
        watched=secrets.watched,
        open_slack=partial(open_sender, settings.slack, own) if is_set_up(settings.slack, own) else None,
        dates={state.job.name: state.next for state in states(JOBS, (), own.now, settings.schedule)},
        options=tuple(options.items()),
    )
    catalogue = load(settings.reports.language)
    with show_progress("looking at what a run needs", settings):
        rows = doctor(settings, context)
    document = as_document(rows, catalogue, secrets.hide)
    if format_ == "json":
        print(as_json(document), end="")
    else:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
        colour = colours(sys.stdout, os.environ, setting=settings.color)
        print(doctor_text(document, catalogue, width=width, colour=colour), end="", file=streams.styled(sys.stdout))
    for fault in faults.found:
        print(f"maintainer: {fault_told(fault.error, fault.file)}", file=sys.stderr)
    if faults.found:
        return EXIT_FAULT
    if streams.failure(sys.stdout):
        return DeliveryFailed.exit_code
    return EXIT_INCOMPLETE if any(row["state"] in {"broken", "not-checked"} for row in document["rows"]) else 0
