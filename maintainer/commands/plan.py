"""Says what limits keep and take, from given numbers or from those of Prometheus."""

import math
import os
import re
import shutil
import sys
from contextlib import closing
from dataclasses import dataclass

from maintainer import streams
from maintainer.analyse.storage.options import chart_values
from maintainer.analyse.storage.plan import Plan, given, plan_table
from maintainer.analyse.storage.review import StorageReview, estimated_head
from maintainer.analyse.storage.sections import computed_from
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.commands.machine import machine
from maintainer.commands.run import show_progress
from maintainer.errors import EXIT_INCOMPLETE, ConfigError, DeliveryFailed
from maintainer.faults import Faults
from maintainer.jobs import arguments
from maintainer.jobs.plan import reviewed
from maintainer.model.byte_size import size_bytes
from maintainer.model.duration import seconds
from maintainer.model.storage import NO_GROWTH, Growth, Retention, Usage
from maintainer.render.plan import plan_text
from maintainer.render.words import load, say
from maintainer.reporting import Shared
from maintainer.settings import Settings

_GROWTH = re.compile(r"(-?\d{1,4}(?:\.\d{1,4})?)%/(\w{1,20})")
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?")
_HALF_YEAR = 180 * 86400.0


@dataclass(frozen=True, slots=True)
class Asked:
    """The options as they were typed; "" for one that is not given."""

    retention: str = ""
    size: str = ""
    growth: str = ""
    ahead: str = ""
    ingest: str = ""
    sample: str = ""


def plan(asked: Asked, settings: Settings, secrets: KnownSecrets) -> int:
    """Print what the limits lead to, and return the exit code. Raises ``ConfigError`` for what cannot be read."""
    limits, growth = _limits(asked), _growth(asked)
    usage, disk, price = _usage(asked), float(arguments.disk_size(settings)), settings.storage.price
    if usage:
        planned = Plan(limits, usage, given(usage), growth, disk, price)
    else:
        review = _review(settings, secrets)
        known = review.usage
        if known is None:
            return _unknown(review, settings, secrets)
        disk = disk or (review.facts.volume.size if review.facts.volume else 0.0)
        planned = Plan(limits, known, computed_from(review), growth, disk, price)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
    # A volume can grow and never shrink.
    volume = max(round(planned.disk), *(outcome.volume for outcome in planned.outcomes))
    lines = chart_values(planned.limits, volume)
    print(plan_text(plan_table(planned), lines, load(settings.reports.language), width=width), end="")
    return DeliveryFailed.exit_code if streams.failure(sys.stdout) else 0


def _review(settings: Settings, secrets: KnownSecrets) -> StorageReview:
    """The review of the storage of the Prometheus of the settings."""
    own, faults = machine(settings, os.environ, secrets), Faults(secrets.hide_in_error)
    with show_progress("asking Prometheus what it stores", settings), closing(Shared(settings, own, faults)) as shared:
        return reviewed(settings, shared.sources)


def _unknown(review: StorageReview, settings: Settings, secrets: KnownSecrets) -> int:
    """Say why nothing can be computed."""
    catalogue = load(settings.reports.language)
    for why in dict.fromkeys(fact.reason for fact in review.facts.unavailable if fact.source != "disk"):
        print(f"maintainer: {secrets.hide(say(catalogue, why))}", file=sys.stderr)
    print(
        "maintainer: it is not known how many samples arrive, or what one takes; "
        "give --ingest SAMPLES-PER-SECOND and --bytes-per-sample BYTES",
        file=sys.stderr,
    )
    return EXIT_INCOMPLETE


def _limits(asked: Asked) -> Retention:
    if not asked.retention and not asked.size:
        raise ConfigError("nothing to plan; give --retention 90d, --size 45GB, or both")
    return Retention(_duration("--retention", asked.retention) or None, _size(asked.size) or None)


def _usage(asked: Asked) -> Usage | None:
    """The usage of the numbers that are given; ``None`` if none are."""
    if bool(asked.ingest) != bool(asked.sample):
        raise ConfigError("--ingest and --bytes-per-sample go together; without both, Prometheus is asked")
    if not asked.ingest:
        return None
    ingest, sample = _number("--ingest", asked.ingest), _number("--bytes-per-sample", asked.sample)
    return Usage(ingest, sample, estimated_head(ingest, sample))


def _growth(asked: Asked) -> Growth:
    if not asked.growth:
        if asked.ahead:
            raise ConfigError("--ahead says how long the growth lasts; give --growth as well, such as 10%/30d")
        return NO_GROWTH
    found = _GROWTH.fullmatch(asked.growth)
    period = _duration("--growth", found[2]) if found else 0.0
    if not found or not period or float(found[1]) <= -100:
        raise ConfigError(f"--growth {asked.growth} is no growth; write it as 10%/30d")
    ahead = _duration("--ahead", asked.ahead) if asked.ahead else _HALF_YEAR
    growth = Growth(float(found[1]) / 100, period, ahead)
    if ahead / period * math.log1p(growth.rate) > 20:
        raise ConfigError(f"--growth {asked.growth} for so long is more than any disk; correct it, or --ahead")
    return growth


def _duration(option: str, text: str) -> float:
    try:
        return seconds(text) if text else 0.0
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from error


def _size(text: str) -> int:
    try:
        return size_bytes(text) if text else 0
    except ValueError as error:
        raise ConfigError(f"--size: {error}") from error


def _number(option: str, text: str) -> float:
    if not _NUMBER.fullmatch(text) or not float(text):
        raise ConfigError(f"{option} {text} is no number above 0; write it as 5000 or 1.6")
    return float(text)
