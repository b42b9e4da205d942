"""Reads and adds records: the documents of a series in a store, with their continuations."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic

from maintainer.errors import SourceUnavailable
from maintainer.model.documents import (
    LIMIT,
    MOST_PARTS,
    Full,
    R,
    Schema,
    Unreadable,
    newest,
    part_name,
    placed,
    read,
    written,
)
from maintainer.store.interface import Conflict, Store, Stored

ATTEMPTS = 10
"""How often a write is tried again because somebody else wrote at the same time."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A document that cannot be read, and why; ``aside`` is its new name, "" if it was not set aside."""

    name: str
    why: Unreadable
    aside: str = ""


@dataclass(frozen=True, slots=True)
class Remembered(Generic[R]):
    """The records of a series, each key once, and the documents that could not be read."""

    records: tuple[R, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part(Generic[R]):
    """A document as it was read; ``stored`` is ``None`` if it does not exist, ``why`` is why it cannot be read."""

    name: str
    stored: Stored | None
    records: tuple[R, ...] = ()
    why: Unreadable | None = None


class Memory(Generic[R]):
    """The records of a document and its continuations, each of at most ``limit`` bytes.

    All methods raise :class:`SourceUnavailable`.
    """

    def __init__(self, store: Store, schema: Schema[R], name: str, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._store = store
        self._schema = schema
        self._name = name

    def read(self) -> Remembered[R]:
        """All records. A document that cannot be read is left as it is."""
        parts = self._parts()
        problems = tuple(Problem(part.name, part.why) for part in parts if part.why)
        return Remembered(newest(part.records for part in parts), problems)

    def add(self, records: Iterable[R], *, keep: Callable[[R], bool] = lambda _: True) -> tuple[Problem, ...]:
        """Add the records, and drop those that are not to be kept; what cannot be read is set aside and returned.

        When somebody else has written in between, both are kept.
        """
        added = tuple(records)
        for _ in range(ATTEMPTS):
            parts = self._parts()
            try:
                problems = self._set_aside(parts)
                self._write(parts, added, keep)
            except Conflict:
                continue
            return problems
        raise SourceUnavailable("store-conflict", place=self._store.place, times=ATTEMPTS)

    def drop(self) -> None:
        """Remove all documents, the last one first, so that none is left that no other leads to."""
        for part in reversed(self._parts()):
            if part.stored:
                self._store.delete(part.name, part.stored.version)

    def _parts(self) -> tuple[_Part[R], ...]:
        """The document and its continuations, up to the first that does not exist."""
        parts: list[_Part[R]] = []
        for number in range(1, MOST_PARTS + 1):
            name = part_name(self._name, number)
            stored = self._store.load(name)
            if stored is None:
                break
            try:
                parts.append(_Part(name, stored, read(self._schema, stored.content)))
            except Unreadable as why:
                parts.append(_Part(name, stored, why=why))
        return tuple(parts)

    def _set_aside(self, parts: Iterable[_Part[R]]) -> tuple[Problem, ...]:
        """Keep a copy of each part that cannot be read, before it is written."""
        return tuple(
            Problem(part.name, part.why, self._store.set_aside(part.name, part.stored.version))
            for part in parts
            if part.why and part.stored
        )

    def _write(self, parts: tuple[_Part[R], ...], added: tuple[R, ...], keep: Callable[[R], bool]) -> None:
        """Write the documents that change, and those that could not be read."""
        kept = [[record for record in part.records if keep(record)] for part in parts]
        try:
            made = placed(kept, added, limit=self._limit)
        except Full as error:
            raise SourceUnavailable("store-full", permanent=True, place=self._store.place) from error
        for number, records in enumerate(made, 1):
            before = _existing(parts, number) or _Part(part_name(self._name, number), None)
            if before.stored is None or before.why or records != before.records:
                expected = before.stored.version if before.stored else None
                self._store.save(before.name, written(self._schema, records), expected)


def _existing(parts: tuple[_Part[R], ...], number: int) -> _Part[R] | None:
    return parts[number - 1] if number <= len(parts) else None
