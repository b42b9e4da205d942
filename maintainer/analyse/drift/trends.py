"""What drifted in several runs: what each run keeps of it in the archive, and what the kept runs say together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import msgspec

from maintainer.analyse.drift.audit import ComparedObject, DriftAudit
from maintainer.model.facts import Unavailable
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import Message, message
from maintainer.model.report import Json
from maintainer.model.sections import Table, Text

KIND = "drift"
"""The kind of the archive's lines that hold what drifted."""

DAYS = 60
"""How far back is looked."""

_COLUMNS = ("object", "runs", "author", "first")


class _Kept(msgspec.Struct, frozen=True):
    """What the archive has of a run."""

    drifted: dict[str, list[str]]
    unread: list[str] = []


@dataclass(frozen=True, slots=True)
class Drifted:
    """What was not as it was deployed in a run: by the name of each object, who had written the places that differ.

    ``unread`` are the objects that could not be read, so that nobody knows.
    """

    at: datetime
    writers: Mapping[str, tuple[str, ...]]
    unread: frozenset[str] = frozenset()


def drifted(audit: DriftAudit) -> Drifted:
    """What drifted in this run."""
    found = (compared for compared in audit.objects if compared.differs)
    unread = (each.id.subject for each in audit.facts.deployed.objects if each.id not in audit.facts.stored)
    writers = {str(compared.desired.id.subject): _writers(compared) for compared in found}
    return Drifted(audit.now, writers, frozenset(map(str, unread)))


def as_data(run: Drifted) -> Mapping[str, Json]:
    """It as the archive keeps it, beside its time."""
    return {"drifted": {name: list(who) for name, who in run.writers.items()}, "unread": sorted(run.unread)}


def past_drifts(lines: Iterable[ArchiveLine]) -> tuple[Drifted, ...]:
    """The runs that the archive has; without those of another version, which cannot be read."""
    found = []
    for line in lines:
        try:
            kept = msgspec.convert(line.data, _Kept)
        except msgspec.ValidationError:
            continue
        writers = {name: tuple(who) for name, who in kept.drifted.items()}
        found.append(Drifted(line.at, writers, frozenset(kept.unread)))
    return tuple(found)


def trends(runs: Sequence[Drifted], zone: tzinfo = UTC) -> Iterator[Table]:
    """A table of the objects that drifted in more than one of the runs; nothing without such an object.

    Its days are those of the ``zone``.
    """
    counts = Counter(name for run in runs for name in run.writers)
    rows = [
        _row(name, runs, zone)
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count > 1
    ]
    if rows:
        columns = tuple(message(f"drift-trend/column.{column}") for column in _COLUMNS)
        yield Table(message("drift-trend/title"), columns, tuple(rows), lead=message("drift-trend/lead", days=DAYS))


def unread_trends(why: Sequence[Unavailable]) -> Iterator[Text]:
    """In place of the table: why the earlier runs could not be read."""
    yield Text(message("drift-trend/title"), tuple(message("drift-trend/unread", why=fact.reason) for fact in why))


def _row(name: str, runs: Sequence[Drifted], zone: tzinfo) -> tuple[str | Message, ...]:
    looked = [run for run in runs if name not in run.unread]
    found = [run for run in looked if name in run.writers]
    who = Counter(writer for run in found for writer in run.writers[name])
    always = len(who) == 1 and all(run.writers[name] for run in found)
    names = ", ".join(writer for writer, _ in who.most_common()) or "-"
    return (
        name,
        message("drift-trend/runs", found=len(found), looked=len(looked)),
        message("drift-trend/always", name=names) if always else names,
        f"{min(run.at for run in found).astimezone(zone):%Y-%m-%d}",
    )


def _writers(compared: ComparedObject) -> tuple[str, ...]:
    found = {change.manager for change in compared.changes if change.what != "extra" and change.manager}
    return tuple(sorted(found))
