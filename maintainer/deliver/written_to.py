"""What a restoring writes to: the objects of a cluster, and the notes of how far it has come."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from maintainer.model.drift import ObjectId, StoredObject
from maintainer.model.restoring import ObjectWrite, Progress, RestoringRecord, Rewrite


class Objects(Protocol):
    """The type of :class:`maintainer.clients.object_writes.ObjectWrites`."""

    def read(self, wanted: ObjectId, /) -> StoredObject | None:
        """The object; ``None`` if it does not exist."""

    def write(
        self, target: ObjectId, request: ObjectWrite, /, *, version: str, uid: str = "", dry_run: bool = False
    ) -> StoredObject | None:
        """Send a write. Raises :class:`ObjectChanged`."""


class Notes(Protocol):
    """The type of :class:`maintainer.store.restored.Restored`."""

    def records(self) -> tuple[RestoringRecord, ...]:
        """All records, in the order in which their writes began."""

    def begin(self, rewrites: Iterable[tuple[Rewrite, Mapping[str, Any] | None]], /) -> tuple[RestoringRecord, ...]:
        """Note what is about to be written."""

    def note(self, records: Iterable[RestoringRecord], progress: Progress, /) -> None:
        """Note how far these have come."""
