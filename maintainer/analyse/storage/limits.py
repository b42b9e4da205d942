"""The limits that were set, those that are in force, and why they are not the same.

A server takes its flags when it starts. From 3.8 on, its configuration wins over them, each limit by itself, also at a
reload; flags and runtime information then still show the limits of the start. What deletes is shown by two metrics.
"""

import re
from contextlib import suppress
from math import isclose

from maintainer.model.byte_size import size_bytes
from maintainer.model.duration import seconds
from maintainer.model.storage import FileRetention, Retention, StorageFacts

_VERSION = re.compile(r"v?(\d+)\.(\d+)")
_BROKEN_TIME = (3, 8), (3, 10)
"""The first and the last release that never deletes by the time of the file."""


def started_with(facts: StorageFacts) -> Retention | None:
    """The limits since the start: what the server shows of them, since a flag that is not set may be a default."""
    if facts.server is None:
        return None
    time, size = None, None
    for part in facts.server.runtime.split(" or "):
        with suppress(ValueError):
            time = seconds(part) or None
            continue
        with suppress(ValueError):
            size = size_bytes(part) or None
    return Retention(time, size) if time or size else facts.server.started


def configured(facts: StorageFacts) -> Retention | None:
    """The limits that are meant to be in force: each from the file if it is set there, else from the start."""
    started, file = started_with(facts), facts.file or FileRetention()
    if started is None:
        return None
    share = file.percentage or 0.0
    of_volume = round(facts.volume.size * share / 100) if share and facts.volume else None
    return Retention(file.time or started.time, file.size or of_volume or started.size)


def never_deletes_by_time(facts: StorageFacts) -> bool:
    """Whether the time of the file is held in the wrong unit, so that it only deletes when the server starts.

    The metric of the limit shows it. A server without that metric is judged by its version.
    """
    time = facts.file.time if facts.file else None
    if not time:
        return False
    limit = facts.metrics.limit_seconds if facts.metrics else None
    if limit is not None:
        return limit != time and isclose(limit, overflowed(time), rel_tol=1e-6)
    found = _VERSION.match(facts.server.version) if facts.server else None
    return bool(found) and _BROKEN_TIME[0] <= (int(found[1]), int(found[2])) <= _BROKEN_TIME[1] if found else False


def overflowed(time: float) -> float:
    """What a server shows as its limit in seconds that holds nanoseconds in a field of milliseconds."""
    product = round(time * 1e9) * 10**6
    return ((product + 2**63) % 2**64 - 2**63) / 1e9


def live(facts: StorageFacts) -> Retention | None:
    """The limits that delete now, ``None`` if the metrics could not be read.

    A server before 2.49 has no metric of the time; there it is what the server shows.
    """
    metrics, started = facts.metrics, started_with(facts)
    if metrics is None or metrics.limit_bytes is None:
        return None
    size = round(metrics.limit_bytes) or None
    if never_deletes_by_time(facts):
        return Retention(None, size)
    if metrics.limit_seconds is None:
        return Retention(started.time, size) if started else None
    return Retention(metrics.limit_seconds if metrics.limit_seconds > 0 else None, size)
