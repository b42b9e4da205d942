"""What Prometheus has loaded: its configuration, its rules, its flags and its retention."""

from datetime import datetime
from functools import partial
from typing import Any

from maintainer.clients.prometheus import Prometheus
from maintainer.collect.sources import SourceReader, Sources
from maintainer.model.drift import LoadedConfiguration
from maintainer.model.facts import Unavailable


def loaded_configurations(sources: Sources) -> tuple[tuple[LoadedConfiguration, ...], tuple[Unavailable, ...]]:
    """What each server has loaded: the one that scrapes, and the one that evaluates rules if it is another."""
    servers = {server.url: server for server in (sources.prometheus, sources.evaluator) if server}
    read = SourceReader(sources.guard)
    loaded = tuple(_loaded(read, server) for server in servers.values())
    return loaded, tuple(dict.fromkeys(read.unavailable))


def _loaded(read: SourceReader, server: Prometheus) -> LoadedConfiguration:
    runtime = read("loaded", partial(server.status, "runtimeinfo")) or {}
    build = read("loaded", partial(server.status, "buildinfo")) or {}
    flags = read("loaded", partial(server.status, "flags"))
    return LoadedConfiguration(
        server=server.url,
        config=read("loaded", server.config),
        rules=read("loaded", server.whole_rules),
        flags=None if flags is None else {name: str(value) for name, value in flags.items()},
        retention=_text(runtime.get("storageRetention")),
        loaded_at=_time(runtime.get("lastConfigTime")),
        version=_text(build.get("version")) or "",
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _time(value: Any) -> datetime | None:
    """The time of a text in RFC 3339; ``None`` for everything else."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time if time and time.tzinfo else None
