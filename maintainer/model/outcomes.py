"""What became of Rollouts, independently of any alert. Times are milliseconds since 1970, UTC."""

from dataclasses import dataclass

from maintainer.model.facts import Key


@dataclass(frozen=True, slots=True)
class PhaseRun:
    """A Rollout was in a phase other than Completed: its first and its last sample."""

    subject: Key
    phase: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class CounterIncrease:
    """A counter of a Rollout rose by ``count``; ``at`` is the first sample that showed it.

    ``event`` is the reason of an event, such as RolloutAborted, or ``AnalysisRunFailed`` and ``AnalysisRunError``.
    """

    subject: Key
    event: str
    at: int
    count: int


@dataclass(frozen=True, slots=True)
class ShortRun:
    """A Rollout had fewer available pods than desired: the first and the last sample, and the fewest available."""

    subject: Key
    first: int
    last: int
    desired: int
    least_available: int


@dataclass(frozen=True, slots=True)
class RevisionChange:
    """A Rollout got a new revision; ``at`` is the first sample that showed it."""

    subject: Key
    at: int


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of all Rollouts. Where nothing is noted, a Rollout was in the phase Completed, or not seen."""

    phases: tuple[PhaseRun, ...] = ()
    increases: tuple[CounterIncrease, ...] = ()
    short: tuple[ShortRun, ...] = ()
    revisions: tuple[RevisionChange, ...] = ()
