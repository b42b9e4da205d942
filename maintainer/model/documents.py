"""The documents in which a store keeps the ledger and the archive: gzipped JSON lines below a line with the schema.

A document that would get too large continues in a second one. Each document can be read and written by itself, so that
a write is always of one document, and a run that is killed between two writes leaves nothing that contradicts itself.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar

import msgspec

from maintainer.model.ledger import ArchiveLine, Entry
from maintainer.model.restoring import RestoringRecord

LIMIT = 900 * 1024
"""The most bytes of a document: a ConfigMap may have 1 MiB."""

LONGEST = 64 * 2**20
"""The most bytes of a document after decompression."""

MOST_PARTS = 9
"""A document and its continuations."""

_HEADER = re.compile(r"maintainer\.([a-z]+)/v([0-9]{1,6})")


class Record(Protocol):
    """A line of a document. Of two with the same key the newer one holds."""

    @property
    def key(self) -> tuple[str, ...]:
        """What the record is about."""

    @property
    def at(self) -> datetime:
        """When it was made."""


R = TypeVar("R", bound=Record)
Damage = Literal["foreign", "newer", "corrupt"]
Migration = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Schema(Generic[R]):
    """The schema of a kind of document, with the type of its records.

    ``migrations`` turn a line of each older version into one of the next: the first is for version 1.
    """

    name: str
    type: type[R]
    migrations: tuple[Migration, ...] = ()

    @property
    def version(self) -> int:
        """The version that is written."""
        return len(self.migrations) + 1


LEDGER = Schema("ledger", Entry)
ARCHIVE = Schema("archive", ArchiveLine)
RESTORED = Schema("restored", RestoringRecord)


class Unreadable(Exception):
    """A document that cannot be read: not written by this program, by a newer version of it, or damaged."""

    damage: Damage

    def __init__(self, damage: Damage, detail: str = "") -> None:
        super().__init__(damage, detail)
        self.damage = damage
        self.detail = detail


class Full(Exception):
    """The records do not fit into a document and all its continuations."""


def part_name(name: str, number: int) -> str:
    """The name of a document, which is number 1, or of a continuation: ``ledger``, ``ledger-2``."""
    return name if number == 1 else f"{name}-{number}"


def written(schema: Schema[R], records: Iterable[R]) -> bytes:
    """The document with these records; the same records are always the same bytes."""
    header = {"schema": f"maintainer.{schema.name}/v{schema.version}"}
    lines = (msgspec.json.encode(line) for line in (header, *records))
    return gzip.compress(b"\n".join(lines) + b"\n", mtime=0)


def read(schema: Schema[R], content: bytes) -> tuple[R, ...]:
    """The records of a document, from whichever version. Raises :class:`Unreadable`."""
    header, *lines = _unzipped(content).splitlines() or [b""]
    version = _version(schema, header)
    if version > schema.version:
        raise Unreadable("newer", f"version {version}, and this program knows {schema.version}")
    try:
        return tuple(_record(schema, line, version) for line in lines)
    except (msgspec.DecodeError, UnicodeDecodeError, LookupError, TypeError, ValueError) as error:
        raise Unreadable("corrupt", str(error)) from error


def newest(parts: Iterable[Iterable[R]]) -> tuple[R, ...]:
    """The records of all parts by key; where a key stands in two, the newer record."""
    found: dict[tuple[str, ...], R] = {}
    for record in (record for part in parts for record in part):
        if record.key not in found or record.at >= found[record.key].at:
            found[record.key] = record
    return tuple(found[key] for key in sorted(found))


def placed(parts: Sequence[Sequence[R]], added: Iterable[R], *, limit: int = LIMIT) -> tuple[tuple[R, ...], ...]:
    """The parts with the added records, none larger than ``limit`` bytes. Raises :class:`Full`.

    A record takes the place of the one with its key. If there is no room for it, it goes to another part, and the old
    one is only removed when records are added the next time: so the parts can be written in any order, and not all.
    """
    holding = {record.key: record for record in newest(parts)}
    made = [_Sized([record for record in part if record is holding[record.key]]) for part in parts]
    for record in added:
        home = next((part for part in made if record.key in part.by_key), None)
        size = _size(record)
        if home and home.bytes - home.size_of(record.key) + size <= limit:
            home.put(record, size)
            continue
        roomy = next((part for part in made if part is not home and part.bytes + size <= limit), None)
        if roomy is None:
            roomy = _Sized(())
            made.append(roomy)
        if len(made) > MOST_PARTS or size > limit:
            raise Full
        roomy.put(record, size)
    return tuple(tuple(part.by_key.values()) for part in made)


class _Sized(Generic[R]):
    """A part that is being filled, with the bytes that each of its records adds to it."""

    def __init__(self, records: Iterable[R]) -> None:
        self.by_key = {record.key: record for record in records}
        self._sizes = {key: _size(record) for key, record in self.by_key.items()}

    @property
    def bytes(self) -> int:
        return sum(self._sizes.values())

    def size_of(self, key: tuple[str, ...]) -> int:
        return self._sizes[key]

    def put(self, record: R, size: int) -> None:
        self.by_key[record.key] = record
        self._sizes[record.key] = size


def _size(record: Record) -> int:
    """At most so many bytes a record adds to a document: compressed alone it takes more than among others."""
    return len(zlib.compress(msgspec.json.encode(record), 6)) + 16


def _unzipped(content: bytes) -> bytes:
    if not content:
        raise Unreadable("foreign", "it has nothing of this program")
    try:
        unpacking = zlib.decompressobj(wbits=31)
        text = unpacking.decompress(content, LONGEST)
    except zlib.error as error:
        raise Unreadable("foreign", "it is not gzipped") from error
    if not unpacking.eof:
        raise Unreadable("corrupt", f"it is cut off, or longer than {LONGEST >> 20} MiB")
    return text


def _version(schema: Schema[R], header: bytes) -> int:
    try:
        said = msgspec.json.decode(header, type=dict[str, Any]).get("schema")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable("foreign", "its first line is not JSON") from error
    match = _HEADER.fullmatch(said) if isinstance(said, str) else None
    if match is None or match[1] != schema.name:
        raise Unreadable("foreign", f"its schema is {said!r}")
    return int(match[2])


def _record(schema: Schema[R], line: bytes, version: int) -> R:
    if version == schema.version:
        return msgspec.json.decode(line, type=schema.type)
    values = msgspec.json.decode(line, type=dict[str, Any])
    for migration in schema.migrations[version - 1 :]:
        values = migration(values)
    return msgspec.convert(values, schema.type)
