"""What a job gets in addition to the settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from maintainer.analyse.checks import Check
from maintainer.collect.sources import Sources
from maintainer.model.clock import Clock
from maintainer.model.report import Finding, Gap, Period

S = TypeVar("S")


class Examine(Protocol):
    """The type of :meth:`maintainer.runner.Faults.examine`. Jobs cannot import it, because the runner imports them."""

    def __call__(self, checks: Sequence[Check[S]], subject: S, /) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
        """The findings of the checks, and the gaps."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """The sources, the clocks, the period of the report, and the function that runs checks.

    ``clock`` measures waits; ``now`` is the time of the run. ``chosen`` are the ids of the checks that are to run;
    ``examine`` leaves out all others.
    """

    sources: Sources
    clock: Clock
    now: datetime
    period: Period
    examine: Examine
    chosen: frozenset[str]
