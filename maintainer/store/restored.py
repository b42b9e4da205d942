"""Remembers what was restored: the objects before it, and how far each write has come."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from maintainer.errors import SourceUnavailable
from maintainer.model.documents import LIMIT, RESTORED
from maintainer.model.restoring import OPEN, Progress, RestoringRecord, Rewrite
from maintainer.store.interface import Store
from maintainer.store.memory import Memory, Problem

NAME = "restored"
KEPT = 10
"""The runs of which the objects before are kept; fewer if they are too large for the store."""


class Restored:
    """What was restored in a cluster; a run of this process adds to it. ``problems`` could not be read.

    All methods raise :class:`SourceUnavailable`.
    """

    def __init__(self, store: Store, cluster: str, now: Callable[[], datetime], *, limit: int = LIMIT) -> None:
        self._memory: Memory[RestoringRecord] = Memory(store, RESTORED, NAME, limit=limit)
        self._cluster = cluster
        self._now = now
        self._run = now().astimezone(UTC).isoformat(timespec="microseconds")
        self._begun = 0
        self._turn = 0
        self.problems: tuple[Problem, ...] = ()

    def records(self) -> tuple[RestoringRecord, ...]:
        """All records of the cluster, run by run, in the order in which their writes began, whatever clocks said."""
        remembered = self._memory.read()
        self.problems += remembered.problems
        found = (record for record in remembered.records if record.cluster == self._cluster)
        return tuple(sorted(found, key=lambda record: (record.turn, record.run, record.number)))

    def begin(self, rewrites: Iterable[tuple[Rewrite, Mapping[str, Any] | None]]) -> tuple[RestoringRecord, ...]:
        """Note that these are about to be written, with the objects that they replace."""
        self._turn = self._turn or 1 + max((record.turn for record in self.records()), default=0)
        numbered = enumerate(rewrites, self._begun + 1)
        records = tuple(
            RestoringRecord(self._cluster, self._run, number, self._now(), "writing", rewrite, previous, self._turn)
            for number, (rewrite, previous) in numbered
        )
        self._begun += len(records)
        self._add(records)
        return records

    def note(self, records: Iterable[RestoringRecord], progress: Progress) -> None:
        """Note how far these have come."""
        self._add(tuple(record.now(progress, self._now()) for record in records))

    def _add(self, records: tuple[RestoringRecord, ...]) -> None:
        if not records:
            return
        # In the order of the ledger, in which those that are added are the last.
        runs = [*dict.fromkeys(record.run for record in (*self.records(), *records))]
        for kept in (KEPT, 3, 1):
            try:
                self.problems += self._memory.add(records, keep=partial(self._is_kept, frozenset(runs[-kept:])))
            except SourceUnavailable as error:
                if error.reason != "store-full" or kept == 1:
                    raise
            else:
                return

    def _is_kept(self, runs: frozenset[str], record: RestoringRecord) -> bool:
        """Whether a record stays: those of other clusters, of these runs, and what is not ended yet."""
        return record.cluster != self._cluster or record.run in runs or record.progress in OPEN
