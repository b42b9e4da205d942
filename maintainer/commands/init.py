"""Writes a first file of settings, and says what to type next."""

import os
import sys
from contextlib import closing
from datetime import datetime
from functools import partial
from shlex import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tzlocal

from maintainer import streams
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.clients.limits import Limits
from maintainer.collect.sources import Sources, attempt
from maintainer.commands.machine import machine
from maintainer.deliver.files import write_new
from maintainer.errors import EXIT_INCOMPLETE, ConfigError, DeliveryFailed
from maintainer.jobs.init import init
from maintainer.model.guard import unguarded
from maintainer.model.message import message
from maintainer.model.report import STDOUT
from maintainer.render.settings_file import settings_file
from maintainer.render.words import Catalogue, load, say
from maintainer.reporting import Machine, cluster_of
from maintainer.settings import Settings, defaults


def write_settings(file: str, settings: Settings, *, secrets: KnownSecrets, usual: str) -> int:
    """Write the file, or print it for ``-``; say what to type next, and return the exit code.

    ``usual`` is the file that the other commands read if none is named. Raises ``ConfigError`` if the file is there
    already, and for a context or a kubeconfig that was named and is not there, and ``DeliveryFailed``.
    """
    if file != STDOUT and os.path.lexists(file):
        raise _there_already(file)
    own, catalogue = machine(settings, os.environ, secrets), load(settings.reports.language)
    with closing(_opened(settings, own, catalogue)) as sources:
        first = init(settings, sources, kubeconfig=own.kubeconfig, time_zone=_time_zone())
    text = secrets.hide(settings_file(defaults(), first, catalogue))
    if file == STDOUT:
        print(text, end="")
    else:
        _write(file, text)
        config = "" if file == usual else f" --config {quote(file)}"
        print(say(catalogue, message("init/written", file=file)))
        print(f"  maintainer doctor{config}\n  maintainer run monthly{config}")
    for note in first.notes:
        print(f"maintainer: {secrets.hide(say(catalogue, note))}", file=sys.stderr)
    if file == STDOUT and streams.failure(sys.stdout):
        return DeliveryFailed.exit_code
    return 0 if first.complete else EXIT_INCOMPLETE


def _opened(settings: Settings, own: Machine, catalogue: Catalogue) -> Sources:
    """The cluster, for as long as a run may take."""
    limits = Limits.of_run(settings.timeout, settings.prometheus.max_samples_per_run)
    cluster, why = attempt("cluster", partial(cluster_of, settings, own, limits), unguarded)
    wrong = {"gap/cluster-no-context"} if settings.cluster.context else set()
    wrong |= {"gap/cluster-config"} if own.kubeconfig_named or settings.cluster.context else set()
    for fact in why:
        if fact.reason.id in wrong:
            raise ConfigError(say(catalogue, fact.reason))
    return Sources(cluster, None, why, limits=limits)


def _write(file: str, text: str) -> None:
    try:
        write_new(file, text)
    except FileExistsError as error:  # made since it was looked for
        raise _there_already(file) from error


def _there_already(file: str) -> ConfigError:
    return ConfigError(f"{file} is there already, and is not overwritten; give another --output FILE, or - for stdout")


def _time_zone() -> str:
    """The name of this machine's time zone, "" if it has none that is sure to be meant."""
    try:
        name = tzlocal.get_localzone_name() or ""
        # TZ may hold a rule without a name, such as KST-9, which goes before the name in /etc.
        now = datetime.now(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
    return name if now.utcoffset() == now.astimezone().utcoffset() else ""
