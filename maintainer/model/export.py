"""A store as one readable file: JSON lines, the ledger's entries and then the archive's lines, each with its kind."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from maintainer.model.documents import LEDGER, Migration
from maintainer.model.ledger import ArchiveLine, Entry, packed, unpacked

SCHEMA = "maintainer.export"


class BrokenExport(Exception):
    """A file that is no export, or is damaged; the text says in which line."""


@dataclass(frozen=True, slots=True)
class Export:
    """What is in a store."""

    ledger: tuple[Entry, ...]
    archive: tuple[ArchiveLine, ...] = ()


def exported(store: Export) -> str:
    """The file: a line with the versions, and a line for each record. Reports stand in it as JSON, not gzipped."""
    lines: Iterator[Any] = iter([
        {"schema": f"{SCHEMA}/v{LEDGER.version}"},
        *(_entry(entry) for entry in store.ledger),
        *({"archive": msgspec.to_builtins(line)} for line in store.archive),
    ])  # fmt: skip
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


def imported(lines: Iterable[str], migrations: tuple[Migration, ...] = LEDGER.migrations) -> Export:
    """What an exported file has, also one of an older version. Raises :class:`BrokenExport`."""
    numbered = enumerate(lines, 1)
    version = _version(next(numbered, (1, ""))[1], newest=len(migrations) + 1)
    ledger: list[Entry] = []
    archive: list[ArchiveLine] = []
    for number, line in numbered:
        try:
            match json.loads(line):
                case {"ledger": dict() as values}:
                    for migration in migrations[version - 1 :]:
                        values = migration(values)
                    ledger.append(_read_entry(values))
                case {"archive": dict() as values}:
                    archive.append(msgspec.convert(values, ArchiveLine))
                case _:
                    raise BrokenExport(f"line {number} is neither of the ledger nor of the archive")
        except (ValueError, TypeError, LookupError) as error:
            raise BrokenExport(f"line {number} cannot be read ({error})") from error
    return Export(tuple(ledger), tuple(archive))


def differing(there: Iterable[Entry], coming: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that come and would take the place of another one."""
    by_key = {entry.key: entry for entry in there}
    return tuple(entry for entry in coming if entry.key in by_key and by_key[entry.key] != entry)


def _entry(entry: Entry) -> Any:
    values = msgspec.to_builtins(replace(entry, report=b""))
    return {"ledger": {**values, "report": unpacked(entry.report) if entry.report else ""}}


def _read_entry(values: dict[str, Any]) -> Entry:
    report = values.get("report") or ""
    return replace(msgspec.convert({**values, "report": ""}, Entry), report=packed(report) if report else b"")


def _version(line: str, *, newest: int) -> int:
    try:
        said = json.loads(line)["schema"]
        match = re.fullmatch(rf"{re.escape(SCHEMA)}/v([0-9]{{1,6}})", said)
    except (ValueError, LookupError, TypeError):
        match = None
    if match is None:
        raise BrokenExport("its first line is not that of an export")
    if int(match[1]) > newest:
        raise BrokenExport(f"a newer version of this program has written it (version {match[1]})")
    return int(match[1])
