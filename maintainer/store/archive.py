"""Appends to the archive: a document for each month, which is removed when it is older than the setting."""

from collections.abc import Iterable
from datetime import UTC, datetime

from maintainer.model.documents import ARCHIVE
from maintainer.model.ledger import ArchiveLine, archive_name, archive_names, months_before
from maintainer.store.interface import Store
from maintainer.store.memory import Memory, Problem

SPARE_MONTHS = 12
"""Months before those that are kept, in which lines may be left because no run has removed them since."""


def read_archive(store: Store, now: datetime, *, keep: int) -> tuple[tuple[ArchiveLine, ...], tuple[Problem, ...]]:
    """All lines in the order of their times, and the documents that cannot be read."""
    return _read(store, archive_names(now, range(-1, keep + SPARE_MONTHS)))


def read_since(
    store: Store, since: datetime, *, until: datetime
) -> tuple[tuple[ArchiveLine, ...], tuple[Problem, ...]]:
    """The same of the months of these two times and those between them."""
    first, last = since.astimezone(UTC), until.astimezone(UTC)
    return _read(store, archive_names(last, range((last.year - first.year) * 12 + last.month - first.month + 1)))


def _read(store: Store, names: Iterable[str]) -> tuple[tuple[ArchiveLine, ...], tuple[Problem, ...]]:
    months = [Memory(store, ARCHIVE, name).read() for name in names]
    lines = sorted((line for month in months for line in month.records), key=lambda line: line.at)
    return tuple(lines), tuple(problem for month in months for problem in month.problems)


def append(store: Store, lines: Iterable[ArchiveLine], now: datetime, *, keep: int) -> tuple[Problem, ...]:
    """Append the lines that are not there yet and not older than ``keep`` months; returns what was set aside.

    When a month begins, those that are older are removed. Raises :class:`SourceUnavailable`.
    """
    oldest = months_before(now, keep - 1)
    by_month: dict[str, list[ArchiveLine]] = {}
    for line in lines:
        if line.at >= oldest:
            by_month.setdefault(archive_name(line.at), []).append(line)
    problems: tuple[Problem, ...] = ()
    begun = False
    for name, month in sorted(by_month.items()):
        begun = begun or store.load(name) is None
        memory: Memory[ArchiveLine] = Memory(store, ARCHIVE, name)
        known = {line.key for line in memory.read().records}
        if new := [line for line in month if line.key not in known]:
            problems += memory.add(new)
    if begun:
        for name in archive_names(now, range(keep, keep + SPARE_MONTHS)):
            Memory(store, ARCHIVE, name).drop()
    return problems
