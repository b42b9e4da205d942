"""Everything that a store remembers, to be shown or moved to another store."""

from contextlib import ExitStack, closing
from datetime import datetime

from maintainer.errors import ConfigError
from maintainer.model.documents import LEDGER
from maintainer.model.export import Export, differing
from maintainer.model.ledger import ArchiveLine, Entry
from maintainer.model.message import Message
from maintainer.remembering import problem_told
from maintainer.settings import Settings
from maintainer.store.archive import append, read_archive, read_since
from maintainer.store.interface import Store
from maintainer.store.memory import Memory, Problem
from maintainer.store_opening import Surroundings, hold, open_store

MOST_NAMED = 5
"""The most entries that an error names."""


def contents(settings: Settings, surroundings: Surroundings) -> tuple[Export, str, tuple[Message, ...]]:
    """What is in the store, where that is, and what could not be read. Raises :class:`SourceUnavailable`."""
    with closing(open_store(settings.store, surroundings)) as store:
        return _read(store, settings, surroundings)


def ledger(settings: Settings, surroundings: Surroundings) -> tuple[tuple[Entry, ...], str, tuple[Message, ...]]:
    """The entries of the ledger, where the store is, and what could not be read.

    Of a store of several clusters, these are the entries of the one that the settings name, if they name one. Raises
    :class:`SourceUnavailable`.
    """
    name = settings.cluster.name
    with closing(open_store(settings.store, surroundings)) as store:
        found = Memory(store, LEDGER, "ledger").read()
        told = tuple(problem_told(problem, store.place) for problem in found.problems)
        # The store of a cluster is about that cluster, by whichever name.
        entries = tuple(entry for entry in found.records if store.own or name in ("", entry.cluster))
        return entries, store.place, told


def archived(
    settings: Settings, surroundings: Surroundings, since: datetime
) -> tuple[tuple[ArchiveLine, ...], tuple[Message, ...]]:
    """The lines of the archive since a time, and what could not be read; of several clusters as :func:`ledger`.

    Raises :class:`SourceUnavailable`.
    """
    name = settings.cluster.name
    with closing(open_store(settings.store, surroundings)) as store:
        found, problems = read_since(store, since, until=surroundings.now)
        lines = tuple(line for line in found if store.own or name in ("", line.cluster))
        return lines, tuple(problem_told(problem, store.place) for problem in problems)


def take(coming: Export, settings: Settings, surroundings: Surroundings) -> tuple[str, tuple[Message, ...]]:
    """Add what comes to the store; returns where that is, and what was set aside there.

    What is there already is left. Raises :class:`ConfigError`, before anything is written, if an entry would take the
    place of another one; :class:`DeliveryFailed` if another run holds the lock; :class:`SourceUnavailable`.
    """
    with closing(open_store(settings.store, surroundings)) as store, ExitStack() as held:
        hold(held, store, settings.store.wait_lock, surroundings=surroundings, run="store import")
        there, place, _ = _read(store, settings, surroundings)
        if others := differing(there.ledger, coming.ledger):
            named = [f"{entry.cluster} {entry.job} {entry.period}" for entry in others[:MOST_NAMED]]
            more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
            raise ConfigError(
                f"{place} has other entries for {', '.join(named)}{more}; nothing was imported. Import into an empty "
                "store, or remove these lines from the file"
            )
        problems: tuple[Problem, ...] = ()
        if new := [entry for entry in coming.ledger if entry not in there.ledger]:
            problems += Memory(store, LEDGER, "ledger").add(new)
        problems += append(store, coming.archive, surroundings.now, keep=settings.store.keep.archive)
        return place, tuple(problem_told(problem, place) for problem in problems)


def _read(store: Store, settings: Settings, surroundings: Surroundings) -> tuple[Export, str, tuple[Message, ...]]:
    ledger = Memory(store, LEDGER, "ledger").read()
    lines, problems = read_archive(store, surroundings.now, keep=settings.store.keep.archive)
    told = tuple(problem_told(problem, store.place) for problem in (*ledger.problems, *problems))
    return Export(ledger.records, lines), store.place, told
