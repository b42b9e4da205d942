"""What is recorded of a rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from maintainer.analyse.alerts.replay import replayed_episodes
from maintainer.analyse.alerts.replay_types import Evaluations, Presence
from maintainer.model.alerts import AlertRule, Episode, LeftSide, Run


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """What is recorded of a version of a rule in a time, both ends inclusive; the episodes are in order.

    ``agreement`` is the share of the episodes that a replay has as well, ``None`` where no day was compared.
    ``evaluations`` is when it was evaluated; without it, all evaluations are taken for made.
    """

    rule: AlertRule
    episodes: Sequence[Episode]
    time: Run
    agreement: float | None = None
    left_sides: Sequence[LeftSide] = ()
    evaluations: Evaluations | None = None

    def replayed(self, rule: AlertRule, presences: Iterable[Presence]) -> tuple[Episode, ...]:
        """The episodes that a rule would have had in its place, whose expression was true then."""
        return replayed_episodes(rule, presences, self.evaluations or Evaluations(self.time.last + 1))
