"""What is recorded of a rule."""

from collections.abc import Sequence
from dataclasses import dataclass

from maintainer.model.alerts import AlertRule, Episode, LeftSide, Run


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """What is recorded of a version of a rule in a time, both ends inclusive; the episodes are in order.

    ``agreement`` is the share of the episodes that a replay has as well, ``None`` where no day was compared.
    """

    rule: AlertRule
    episodes: Sequence[Episode]
    time: Run
    agreement: float | None = None
    left_sides: Sequence[LeftSide] = ()
