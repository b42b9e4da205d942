"""Prints what is better in the cluster as a patch of the chart's files, and says what of it could not be placed."""

import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from maintainer import streams
from maintainer.clients.helm_template import rendering
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.clients.limits import Limits
from maintainer.clients.web import Web
from maintainer.collect.chart import chart_of
from maintainer.collect.sources import Sources, attempt
from maintainer.commands.machine import machine
from maintainer.commands.run import show_progress
from maintainer.deliver.files import write
from maintainer.errors import EXIT_INCOMPLETE, DeliveryFailed
from maintainer.jobs import arguments
from maintainer.jobs.adopt import adopt
from maintainer.model.chart import Adoption
from maintainer.model.guard import unguarded
from maintainer.model.message import Message, message
from maintainer.model.report import STDOUT
from maintainer.render.patch import patch
from maintainer.render.words import load, say
from maintainer.reporting import Machine, cluster_of
from maintainer.settings import Settings


def print_patch(asked: Sequence[str], settings: Settings, secrets: KnownSecrets, *, chart: str, output: str) -> int:
    """Print the patch, or write it to a file, say what it has and what not, and return the exit code.

    Raises ``ConfigError`` for what cannot be adopted and for a folder that is no chart, and ``DeliveryFailed``.
    """
    files = chart_of(chart)
    with closing(_opened(settings, machine(settings, os.environ, secrets))) as sources:
        helm = shutil.which("helm")
        with show_progress("looking for the places in the chart", settings):
            adoption = adopt(asked, files, settings, sources, open_=partial(rendering, helm) if helm else None)
    changed = sorted(adoption.texts.items())
    text = "".join(patch(f"{files.prefix}{path}", files.files[path], new) for path, new in changed)
    if output == STDOUT:
        print(text, end="")
    elif text:
        place = Path(output)
        write(str(place.parent), {place.name: text})
    _say(_told(adoption), settings, secrets)
    if output == STDOUT and streams.failure(sys.stdout):
        return DeliveryFailed.exit_code
    return EXIT_INCOMPLETE if adoption.left or adoption.unavailable else 0


def _told(adoption: Adoption) -> tuple[Message, ...]:
    differs = adoption.placed or adoption.left or adoption.unavailable or adoption.already
    return (
        *(() if differs else (message("adopt/nothing"),)),
        *((message("adopt/already", count=adoption.already),) if adoption.already else ()),
        *adoption.placed,
        *adoption.left,
        *(unavailable.reason for unavailable in adoption.unavailable),
    )


def _say(told: Sequence[Message], settings: Settings, secrets: KnownSecrets) -> None:
    catalogue = load(settings.reports.language)
    for note in told:
        print(f"maintainer: {secrets.hide(say(catalogue, note))}", file=sys.stderr)


def _opened(settings: Settings, own: Machine) -> Sources:
    """The cluster, and Grafana where its URL is set. Prometheus is not asked."""
    limits = Limits.of_run(settings.timeout, settings.prometheus.max_samples_per_run)
    cluster, why = attempt("cluster", partial(cluster_of, settings, own, limits), unguarded)
    grafana = arguments.grafana_endpoint(settings, limits)
    web = Web(own.secrets.watched(grafana), "Grafana") if grafana else None
    return Sources(cluster, None, why, grafana=web, limits=limits)
