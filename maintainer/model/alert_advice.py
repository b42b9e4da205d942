"""Advice on an alerting rule: what was tried on its history, and what it would have done. Times are milliseconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from maintainer.model.alerts import AlertRule, Episode
from maintainer.model.facts import Labels

AdviceKind = Literal["for", "keep", "threshold", "guard", "aggregation"]
"""What of the rule is to be changed: a duration, the threshold, or its expression: a condition that pods are missing,
or an aggregation that drops labels which come and go."""

Direction = Literal["fewer", "more"]
"""Whether pages that told of nothing would go, or incidents would be caught that nobody was paged for."""

WhyNone = Literal[
    "agreement", "few", "keep-recorded", "no-noise", "nothing-safe", "loses-later", "catches-nothing", "adds-pages"
]
"""Why there is no advice on a rule: its replay does not agree with what was recorded; too few independent episodes; it
had a keep_firing_for, which hides when its expression was true; no page of it was false; what would have removed pages
would have lost a real incident, or told of it late; in the last third of the time it would have lost one; nothing would
have caught an incident that was missed, or only with too many more pages."""


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A setting of a rule to be tried; ``threshold`` is ``None`` for the rule's own."""

    hold: int
    keep: int
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would have done in a time: pages and incidents caught, before and after.

    ``incidents`` is how many there were. ``lost`` are the ids of those that were caught before and not after, ``late``
    how much later the others were told of, in order. ``unjudged`` are removed pages of which nobody can say whether
    they told of something.
    """

    pages_before: int
    pages_after: int
    caught_before: int
    caught_after: int
    incidents: int
    lost: tuple[str, ...] = ()
    late: tuple[int, ...] = ()
    unjudged: int = 0

    @property
    def removed(self) -> int:
        """How many pages fewer there would have been; negative if there would have been more."""
        return self.pages_before - self.pages_after


@dataclass(frozen=True, slots=True)
class Advice:
    """A change of a rule that history speaks for.

    ``advised`` is the rule after it. It was chosen by its effect in the first two thirds of the time, ``tuned``, and is
    reported with that in the last third, ``held``.
    ``whole`` is the effect in all of the time. ``clusters`` are the independent episodes (those that began within 15
    minutes are one), ``removed_clusters`` those of them that would have told nobody; shares are as sure as these are
    many. ``safer`` and ``bolder`` are the neighbours of the candidate with their effects.

    ``shortest`` is how long the expression was true in the shortest real incident, ``None`` if there was none.
    """

    rule: AlertRule
    advised: AlertRule
    kind: AdviceKind
    direction: Direction
    candidate: Candidate
    tuned: Effect
    held: Effect
    whole: Effect
    clusters: int
    removed_clusters: int
    agreement: float | None = None
    safer: tuple[Candidate, Effect] | None = None
    bolder: tuple[Candidate, Effect] | None = None
    shortest: int | None = None

    @property
    def approximate(self) -> bool:
        """Whether the replay agrees with what was recorded only roughly: in less than 95 percent of the episodes."""
        return self.agreement is not None and self.agreement < 0.95

    @property
    def weak(self) -> bool:
        """Whether it rests on fewer than 20 independent episodes."""
        return self.clusters < 20

    @property
    def holds(self) -> bool | None:
        """Whether it did in the last third at least half of what it did before; ``None`` if nothing was to be done."""
        if self.direction == "more" or not (self.held.pages_before and self.tuned.pages_before):
            return None
        return self.held.removed / self.held.pages_before >= self.tuned.removed / self.tuned.pages_before / 2


@dataclass(frozen=True, slots=True)
class NoAdvice:
    """A rule that there is no advice on, and why; ``numbers`` are those of the sentence that says so."""

    rule: AlertRule
    why: WhyNone
    numbers: Mapping[str, int | float]


@dataclass(frozen=True, slots=True)
class Input:
    """A series of a test: ``values`` are (first, last, value), both times inclusive.

    Elsewhere it has the value ``usual``, or is not there if that is ``None``.
    """

    name: str
    labels: Labels
    values: tuple[tuple[int, int, float], ...]
    usual: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Tested:
    """A rule of a test, and the episodes that it must have."""

    rule: AlertRule
    episodes: Sequence[Episode]


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows a piece of advice with the episodes on record: both rules, and the series that they read."""

    present: Tested
    advised: Tested
    inputs: tuple[Input, ...]
