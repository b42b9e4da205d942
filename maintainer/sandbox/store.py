"""The objects of the simulated cluster. As in a real API server, all writes share a counter of versions."""

import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

Object = Mapping[str, Any]
"""A Kubernetes object as decoded JSON. A stored object is never modified, only replaced."""

Key = tuple[str, str]
"""Namespace ("" for a cluster-scoped object) and name."""

REMEMBERED = 60.0
"""The store knows its content at each moment of this last number of seconds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object, and the phase that the real controller exposes for it ("" if it is not a Rollout)."""

    object: Object
    emits: str

    @property
    def version(self) -> str:
        """The ``resourceVersion`` of the object."""
        return str(self.object["metadata"]["resourceVersion"])


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All objects of a resource at the same moment, in the order of the API."""

    version: int
    objects: tuple[Object, ...]


@dataclass(frozen=True, slots=True)
class _Overwritten:
    """The entry of a key before the write at the time ``at``; ``None`` if there was none."""

    at: float
    resource: str
    key: Key
    entry: Entry | None


class Store:
    """A thread-safe map from resource and key to object, e.g. ``get("rollouts", ("checkout", "cart"))``."""

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._version = 1000
        self._entries: dict[str, dict[Key, Entry]] = {}
        self._log: deque[_Overwritten] = deque()

    def put(self, resource: str, item: Object, *, emits: str | None = None) -> Object:
        """Create or replace an object, and return it as it is stored.

        Sets ``uid``, ``creationTimestamp``, ``resourceVersion`` and ``generation``, which grows if the spec changes.
        ``emits`` is the phase that the controller exposes; ``None`` keeps the phase of the old object.
        """
        key = key_of(item)
        with self._lock:
            old = self._entries.get(resource, {}).get(key)
            self._version += 1
            stored = _numbered(item, old.object if old else None, version=self._version)
            phase = emits if emits is not None else (old.emits if old else "")
            self._write(resource, key, entry=Entry(stored, phase))
        return stored

    def get(self, resource: str, key: Key) -> Object | None:
        """The object, or ``None`` if it does not exist."""
        entry = self.entry(resource, key)
        return entry.object if entry else None

    def entry(self, resource: str, key: Key) -> Entry | None:
        """The object with its phase, or ``None`` if it does not exist."""
        with self._lock:
            return self._entries.get(resource, {}).get(key)

    def delete(self, resource: str, key: Key) -> Object:
        """Remove and return the object. Raises ``KeyError`` if it does not exist."""
        with self._lock:
            old = self._entries[resource][key]
            self._version += 1
            self._write(resource, key, entry=None)
        return old.object

    def snapshot(self, resource: str, namespace: str | None = None) -> Snapshot:
        """All objects of a resource with the current version; ``namespace`` ``None`` is all namespaces."""
        with self._lock:
            version = self._version
            entries = list(self._entries.get(resource, {}).items())
        selected = [(key, entry.object) for key, entry in entries if namespace in (None, key[0])]
        selected.sort(key=lambda pair: path_of(pair[0]))
        return Snapshot(version, tuple(item for _, item in selected))

    def seen(self, resource: str, at: float) -> dict[Key, Entry]:
        """The entries of a resource at the time ``at`` of the store's clock, at most ``REMEMBERED`` seconds ago."""
        with self._lock:
            entries = dict(self._entries.get(resource, {}))
            for overwritten in reversed(self._log):
                if overwritten.at <= at:
                    break
                if overwritten.resource == resource:
                    _restore(entries, overwritten)
        return entries

    def _write(self, resource: str, key: Key, *, entry: Entry | None) -> None:
        entries, now = self._entries.setdefault(resource, {}), self._clock()
        self._log.append(_Overwritten(now, resource, key, entries.get(key)))
        while self._log[0].at < now - REMEMBERED:
            self._log.popleft()
        if entry is None:
            del entries[key]
        else:
            entries[key] = entry


def key_of(item: Object) -> Key:
    """Namespace and name of the object."""
    metadata = item["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def path_of(key: Key) -> str:
    """The path by which the API sorts objects. In it "-" sorts before "/", so ``a-b/c`` comes before ``a/c``."""
    return "/".join(key) if key[0] else key[1]


def _restore(entries: dict[Key, Entry], overwritten: _Overwritten) -> None:
    if overwritten.entry is None:
        entries.pop(overwritten.key, None)
    else:
        entries[overwritten.key] = overwritten.entry


def _numbered(item: Object, old: Object | None, *, version: int) -> Object:
    """The object with the metadata that the API server sets."""
    metadata = dict(item["metadata"])
    old_metadata = old["metadata"] if old else {}
    metadata["uid"] = old_metadata.get("uid") or metadata.get("uid") or str(uuid.uuid4())
    created = old_metadata.get("creationTimestamp") or metadata.get("creationTimestamp")
    metadata["creationTimestamp"] = created or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata["generation"] = _generation(item, old)
    metadata["resourceVersion"] = str(version)
    return {**item, "metadata": metadata}


def _generation(item: Object, old: Object | None) -> int:
    if old is None:
        return int(item["metadata"].get("generation", 1))
    return int(old["metadata"]["generation"]) + (item.get("spec") != old.get("spec"))
