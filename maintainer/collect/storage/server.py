"""What a Prometheus says of the limits of its storage: flags, runtime information, the loaded configuration."""

import re
from typing import Any

from maintainer.clients.engine import PROMETHEUS
from maintainer.clients.prometheus import Prometheus
from maintainer.errors import SourceUnavailable
from maintainer.model.byte_size import size_bytes
from maintainer.model.duration import seconds
from maintainer.model.storage import FileRetention, Retention, ServerSettings
from maintainer.model.trees import Broken, Tree, from_yaml
from maintainer.model.yaml_problem import unquoted

_TIME, _SIZE, _LONGEST = (
    "storage.tsdb.retention.time",
    "storage.tsdb.retention.size",
    "storage.tsdb.max-block-duration",
)
_OLD_TIME = "storage.tsdb.retention"
"""The name of the flag of the time before 2.7, which the servers of 2.x still take."""
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,9})?")


def server_settings(prometheus: Prometheus) -> ServerSettings:
    """The limits with which the server was started, and those that it shows.

    Raises :class:`SourceUnavailable` also for a server that stores nothing itself, or is no Prometheus.
    """
    flags = prometheus.status("flags") if prometheus.engine == PROMETHEUS else {}
    if _TIME not in flags:
        raise SourceUnavailable("no-storage", permanent=True, who=prometheus.who, url=prometheus.url)
    # A server of 2.x takes the old flag of the time as well, and shows it as it was given.
    time = _duration(flags[_TIME]) or _duration(flags.get(_OLD_TIME))
    runtime = prometheus.status("runtimeinfo").get("storageRetention")
    return ServerSettings(
        started=Retention(time or None, _size(flags.get(_SIZE)) or None),
        runtime=runtime if isinstance(runtime, str) else "",
        version=str(prometheus.status("buildinfo").get("version") or ""),
        blocks_up_to=_duration(flags.get(_LONGEST)) or 0.0,
    )


def file_retention(prometheus: Prometheus) -> FileRetention:
    """``storage.tsdb.retention`` of the loaded configuration. Raises :class:`SourceUnavailable`."""
    try:
        trees = from_yaml(prometheus.config())
    except Broken as error:
        detail = f"line {error.line}: {unquoted(error.problem)}"
        raise SourceUnavailable("web-broken-answer", who=prometheus.who, url=prometheus.url, detail=detail) from error
    tree: Tree | None = trees[0] if trees else None
    for key in ("storage", "tsdb", "retention"):
        tree = tree.get(key) if isinstance(tree, dict) else None
    written: dict[str, Any] = tree if isinstance(tree, dict) else {}
    percentage = str(written.get("percentage", ""))
    return FileRetention(
        time=_duration(written.get("time")),
        size=_size(written.get("size")),
        percentage=float(percentage) if _NUMBER.fullmatch(percentage) else None,
    )


def _duration(value: Any) -> float | None:
    """The seconds of a duration; ``None`` if there is none."""
    try:
        return seconds(str(value)) if value is not None else None
    except ValueError:
        return None


def _size(value: Any) -> int | None:
    """The bytes of a size; ``None`` if there is none."""
    try:
        return size_bytes(str(value)) if value is not None else None
    except ValueError:
        return None
