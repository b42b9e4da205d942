"""What a job gets in addition to the settings."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from maintainer.analyse.checks import Check
from maintainer.collect.sources import Sources
from maintainer.model.clock import Clock
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


@dataclass(frozen=True, slots=True)
class JobContext:
    """The sources, the clocks, the period of the report, and what catches the faults of this program.

    ``clock`` measures waits; ``now`` is the time of the run. ``chosen`` are the ids of the checks that are to run;
    ``examine`` leaves out all others.
    """

    sources: Sources
    clock: Clock
    now: datetime
    period: Period
    examine: Examine
    chosen: frozenset[str]
    sift: Sift
    sections: Sections
