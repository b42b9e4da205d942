"""What a job gets in addition to the settings."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from maintainer.analyse.checks import Check
from maintainer.collect.sources import Sources
from maintainer.deliver.written_to import Notes
from maintainer.model.clock import Clock
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import Message
from maintainer.model.report import Finding, Gap, Period
from maintainer.model.sections import Section

K = TypeVar("K")
R = TypeVar("R")
S = TypeVar("S")


class Examine(Protocol):
    """The type of :meth:`maintainer.faults.Faults.examine`. It is handed down by the runner."""

    def __call__(self, checks: Sequence[Check[S]], subject: S, /) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
        """The findings of the checks, and the gaps."""


class Sift(Protocol):
    """The type of :meth:`maintainer.faults.Faults.sift`."""

    def __call__(self, items: Sequence[K], step: Callable[[frozenset[K]], R], /) -> tuple[R, Mapping[K, Message]]:
        """The result of the step without the items in which it has a fault, and these items with the reasons."""


class Sections(Protocol):
    """The type of :meth:`maintainer.faults.Faults.sections`."""

    def __call__(self, *makers: Callable[[], Iterable[Section]]) -> tuple[Section, ...]:
        """The sections of a report, with a sentence in the place of those that cannot be made."""


class Archived(Protocol):
    """Reads the archive of the store."""

    def __call__(self, kind: str, since: datetime, /) -> tuple[ArchiveLine, ...]:
        """The lines of a kind about this cluster since a time, in order. Raises :class:`SourceUnavailable`."""


class Once(Protocol):
    """The type of :meth:`maintainer.reporting.Shared.once`."""

    def __call__(self, name: str, make: Callable[[], R], /) -> R:
        """What ``make`` returns for the first job of this process that asks by this name, and for all after it."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """The sources, the clocks, the period of the report, and what catches the faults of this program.

    ``clock`` measures waits; ``now`` is the time of the run. ``chosen`` are the ids of the checks that are to run;
    ``examine`` leaves out all others. What a job says of the past begins ``since``. ``notes`` are those of what was
    restored, which a run can only add to while it holds the lock of the store; it raises :class:`SourceUnavailable`.
    """

    sources: Sources
    clock: Clock
    now: datetime
    period: Period
    since: datetime
    examine: Examine
    chosen: frozenset[str]
    sift: Sift
    sections: Sections
    archived: Archived
    once: Once
    notes: Callable[[], Notes]
