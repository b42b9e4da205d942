"""The objects of the pretended cluster, as an API server keeps them: one counter of versions for all writes."""

import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

Object = Mapping[str, Any]
"""A Kubernetes object as JSON says it. Never changed after it was written: replaced."""

Key = tuple[str, str]
"""Namespace ("" for a cluster-scoped object) and name."""

REMEMBERED = 60.0
"""Seconds for which the store can say what it held before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An object with the phase that the real controller prints for it ("" for anything but a Rollout)."""

    object: Object
    emits: str

    @property
    def version(self) -> str:
        """The object's resourceVersion."""
        return str(self.object["metadata"]["resourceVersion"])


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All objects of one resource at one moment, in the API's order."""

    version: int
    objects: tuple[Object, ...]


@dataclass(frozen=True, slots=True)
class _Before:
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
        self._log: deque[_Before] = deque()

    def put(self, resource: str, item: Object, *, emits: str | None = None) -> Object:
        """Create or replace; returns the object as stored. ``emits`` ``None`` keeps the phase declared before.

        Sets uid, creationTimestamp, generation (one more when the spec differs) and a new resourceVersion.
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
        """The object, or ``None``."""
        entry = self.entry(resource, key)
        return entry.object if entry else None

    def entry(self, resource: str, key: Key) -> Entry | None:
        """The object with its declared phase, or ``None``."""
        with self._lock:
            return self._entries.get(resource, {}).get(key)

    def delete(self, resource: str, key: Key) -> Object:
        """Remove and return the object. Raises ``KeyError`` when there is none."""
        with self._lock:
            old = self._entries[resource][key]
            self._version += 1
            self._write(resource, key, entry=None)
        return old.object

    def snapshot(self, resource: str, namespace: str | None = None) -> Snapshot:
        """All objects of a resource, or of one namespace, with the version of that moment."""
        with self._lock:
            version = self._version
            held = list(self._entries.get(resource, {}).items())
        chosen = [(key, entry.object) for key, entry in held if namespace in (None, key[0])]
        chosen.sort(key=lambda pair: path_of(pair[0]))
        return Snapshot(version, tuple(item for _, item in chosen))

    def seen(self, resource: str, at: float) -> dict[Key, Entry]:
        """What the store held at the moment ``at`` of its clock (at most a minute ago)."""
        with self._lock:
            entries = dict(self._entries.get(resource, {}))
            for before in reversed(self._log):
                if before.at <= at:
                    break
                if before.resource == resource:
                    _restore(entries, before)
        return entries

    def _write(self, resource: str, key: Key, *, entry: Entry | None) -> None:
        entries, now = self._entries.setdefault(resource, {}), self._clock()
        self._log.append(_Before(now, resource, key, entries.get(key)))
        while self._log[0].at < now - REMEMBERED:
            self._log.popleft()
        if entry is None:
            del entries[key]
        else:
            entries[key] = entry


def key_of(item: Object) -> Key:
    """Namespace and name of an object."""
    metadata = item["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def path_of(key: Key) -> str:
    """How the API orders objects: by the path of the key, where "/" comes after "-"."""
    return "/".join(key) if key[0] else key[1]


def _restore(entries: dict[Key, Entry], before: _Before) -> None:
    if before.entry is None:
        entries.pop(before.key, None)
    else:
        entries[before.key] = before.entry


def _numbered(item: Object, old: Object | None, *, version: int) -> Object:
    """The object with the metadata that the API server itself keeps."""
    metadata = dict(item["metadata"])
    earlier = old["metadata"] if old else {}
    metadata["uid"] = earlier.get("uid") or metadata.get("uid") or str(uuid.uuid4())
    created = earlier.get("creationTimestamp") or metadata.get("creationTimestamp")
    metadata["creationTimestamp"] = created or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata["generation"] = _generation(item, old)
    metadata["resourceVersion"] = str(version)
    return {**item, "metadata": metadata}


def _generation(item: Object, old: Object | None) -> int:
    if old is None:
        return int(item["metadata"].get("generation", 1))
    return int(old["metadata"]["generation"]) + (item.get("spec") != old.get("spec"))
