"""What Prometheus has loaded: its configuration, its rules, its flags and its retention."""

from datetime import datetime
from functools import partial
from typing import Any

from maintainer.collect.drift.replicas import Replica, opened_replicas
from maintainer.collect.sources import SourceReader, Sources
from maintainer.model.drift import LoadedConfiguration
from maintainer.model.facts import Unavailable


def loaded_configurations(sources: Sources) -> tuple[tuple[LoadedConfiguration, ...], tuple[Unavailable, ...]]:
    """What each replica has loaded of the server that scrapes, and of the one that evaluates rules if it is another."""
    with opened_replicas(sources) as (replicas, unavailable):
        found = [_loaded(sources, replica) for replica in replicas]
    unavailable += tuple(reason for _, why in found for reason in why)
    return tuple(loaded for loaded, _ in found), tuple(dict.fromkeys(unavailable))


def _loaded(sources: Sources, replica: Replica) -> tuple[LoadedConfiguration, tuple[Unavailable, ...]]:
    """What one server has loaded. One that is lost costs no other: each has a reader of its own."""
    server, read = replica.client, SourceReader(sources.guard)
    runtime = read("loaded", partial(server.status, "runtimeinfo")) or {}
    build = read("loaded", partial(server.status, "buildinfo")) or {}
    flags = read("loaded", partial(server.status, "flags"))
    loaded = LoadedConfiguration(
        server=replica.shown,
        pod=replica.pod,
        scrapes=replica.scrapes,
        evaluates=replica.evaluates,
        config=read("loaded", server.config),
        rules=read("loaded", server.whole_rules),
        flags=None if flags is None else {name: str(value) for name, value in flags.items()},
        retention=_text(runtime.get("storageRetention")),
        pools=read("loaded", server.scrape_pools),
        loaded_at=_time(runtime.get("lastConfigTime")),
        version=_text(build.get("version")) or "",
    )
    return loaded, read.unavailable


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _time(value: Any) -> datetime | None:
    """The time of a text in RFC 3339; ``None`` for everything else."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time if time and time.tzinfo else None
