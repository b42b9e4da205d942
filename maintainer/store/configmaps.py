"""A store in a cluster: a ConfigMap for each document, and a Lease for the lock."""

import base64
from contextlib import AbstractContextManager

from maintainer.clients.api_request import ObjectChanged
from maintainer.clients.stored_objects import CONFIG_MAPS, StoredConfigMap, StoredObjects
from maintainer.errors import SourceUnavailable
from maintainer.store.interface import MOST_ASIDE, Conflict, Stored
from maintainer.store.lease import Lease

KEY = "records.jsonl.gz"
"""The key of a document in the binary data of its ConfigMap."""


class ConfigMapStore:
    """See :class:`maintainer.store.interface.Store`. All objects have names that RBAC can list.

    They are ``NAME-ledger``, ``NAME-ledger-2`` … ``NAME-ledger-9``, the same for each month of the archive
    (``NAME-archive-2026-10``), ``NAME-aside-1`` … ``NAME-aside-9``, and the Lease ``NAME``. The version of a document
    is the resourceVersion of its ConfigMap.
    """

    own = True

    def __init__(self, objects: StoredObjects, name: str, *, lease: Lease) -> None:
        self._objects = objects
        self._name = name
        self._lease = lease
        self.place = f"ConfigMaps {objects.namespace}/{name}-…"

    def load(self, name: str) -> Stored | None:
        """The document; ``None`` if its ConfigMap does not exist or has no data; b"" if it has only other data."""
        found = self._get(self._called(name))
        if found is None or not any(found.holds):
            return None
        return Stored(found.holds[1].get(KEY, b""), found.metadata.resource_version)

    def save(self, name: str, content: bytes, expected: str | None) -> None:
        """Write the document, as all the data of its ConfigMap. Raises :class:`Conflict`."""
        self._write(self._called(name), ({}, {KEY: content}), expected)

    def delete(self, name: str, expected: str) -> None:
        """Delete the ConfigMap. Raises :class:`Conflict`."""
        try:
            self._objects.delete(CONFIG_MAPS, self._called(name), version=expected)
        except ObjectChanged as error:
            raise Conflict(name) from error

    def set_aside(self, name: str, expected: str) -> str:
        """Copy all data of the ConfigMap into another one, whose name is returned. Raises :class:`Conflict`."""
        found = self._get(self._called(name))
        if found is None or found.metadata.resource_version != expected:
            raise Conflict(name)
        for number in range(1, MOST_ASIDE + 1):
            aside = self._called(f"aside-{number}")
            before = self._get(aside)
            if before is None or not any(before.holds):
                self._write(aside, found.holds, None)
            elif before.holds != found.holds:
                continue
            return aside
        raise SourceUnavailable("store-asides", permanent=True, place=self.place, count=MOST_ASIDE)

    def lock(self, holder: str) -> AbstractContextManager[None]:
        """Hold the Lease. Raises :class:`LockHeld`."""
        return self._lease.held(holder)

    def close(self) -> None:
        """Close the connections."""
        self._objects.close()

    def _called(self, name: str) -> str:
        return f"{self._name}-{name}"

    def _get(self, name: str) -> StoredConfigMap | None:
        return self._objects.get(CONFIG_MAPS, name, type_=StoredConfigMap)

    def _write(self, name: str, holds: tuple[dict[str, str], dict[str, bytes]], expected: str | None) -> None:
        """Replace all data of a ConfigMap; ``expected`` ``None`` is one that does not exist, or has no data.

        It is made without data first, which changes nothing if somebody else has made it in the meantime.
        """
        texts, contents = holds
        encoded = {key: base64.b64encode(content).decode() for key, content in contents.items()}
        try:
            if expected is None:
                made = self._objects.ensure(CONFIG_MAPS, name, type_=StoredConfigMap)
                if any(made.holds):
                    raise Conflict(name)
                expected = made.metadata.resource_version
            body = {"data": texts or None, "binaryData": encoded}
            self._objects.patch(CONFIG_MAPS, name, version=expected, body=body, type_=StoredConfigMap)
        except ObjectChanged as error:
            raise Conflict(name) from error
