"""What a job gets besides its settings."""

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
    """Runs checks on their subject; one that fails becomes a gap of its own and costs no other."""

    def __call__(self, checks: Sequence[Check[S]], subject: S, /) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
        """What the checks find, and what they could not judge."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """The sources that were reached, the time, the calendar's period, and the loop that runs checks."""

    sources: Sources
    clock: Clock
    now: datetime
    period: Period
    examine: Examine
