"""What is known of the episodes of an alert that are of a class."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Literal

from maintainer.model.alerts import Episode, Run
from maintainer.model.facts import Labels

EpisodeClass = Literal[
    "near-miss", "transient", "flapping", "repeating", "storm", "chronic", "window-tail", "restart-artefact"
]
PairClass = Literal["duplicate", "cascading"]


@dataclass(frozen=True, slots=True)
class Classified:
    """The episodes of a rule version that show together that it is of a class, and the numbers that show it.

    ``labels`` are those of the one identity that it is about, ``None`` where it is about the rule. Times among the
    ``numbers`` are milliseconds.
    """

    kind: EpisodeClass
    rule: str
    alert: str
    episodes: tuple[Episode, ...]
    numbers: Mapping[str, float]
    labels: Labels | None = None


@dataclass(frozen=True, slots=True)
class AlertPair:
    """Two alerts that fire for the same subjects: always together, or the ``second`` after the ``first``.

    ``first_count`` and ``second_count`` are their episodes, ``together`` those of the first with one of the second.
    ``overlap`` is the share of their firing time that both have. ``forth`` is the share of the first's episodes that
    one of the second follows, ``back`` the other way round, ``lift`` how many times as often as by chance.
    """

    kind: PairClass
    first: str
    second: str
    first_count: int
    second_count: int
    together: int
    overlap: float
    forth: float
    back: float
    lift: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen beside the episodes: the ``covered`` times, from the first millisecond to the last, and the starts
    of Prometheus. ``zone`` is that of the people who are paged."""

    covered: tuple[Run, ...] = ()
    starts: tuple[int, ...] = ()
    zone: tzinfo = field(default=UTC)

    @property
    def time(self) -> int:
        """How long the covered times are together."""
        return sum(run.last + 1 - run.first for run in self.covered)


def firing(episode: Episode) -> Run | None:
    """From the first to the last millisecond at which an episode is known to have fired; ``None`` if it never did."""
    if episode.fired_at is None:
        return None
    last = episode.last if episode.resolved_at is None else episode.resolved_at - 1
    return Run(episode.fired_at, max(last, episode.fired_at))


def overlap(one: Run, other: Run) -> int:
    """For how many milliseconds both are there."""
    return max(0, min(one.last, other.last) + 1 - max(one.first, other.first))
