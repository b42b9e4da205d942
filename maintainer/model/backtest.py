"""Two sets of alerting rules on the same history: what each rule would have done before and after."""

from dataclasses import dataclass
from typing import Literal

from maintainer.model.alerts import AlertRule, Run
from maintainer.model.incidents import Incident
from maintainer.model.message import Message

RuleState = Literal["changed", "added", "removed", "unchanged"]


@dataclass(frozen=True, slots=True)
class RulePair:
    """A rule before and after a change; ``None`` where it is not there."""

    before: AlertRule | None
    after: AlertRule | None
    became: RuleState

    @property
    def rule(self) -> AlertRule:
        """The rule after the change, or before it if it is removed."""
        rule = self.after or self.before
        if rule is None:
            raise ValueError("a pair of no rule")
        return rule


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What a pair of rules did; without numbers where it could not be tried, for the reason ``unknown``.

    ``before`` and ``after`` are pages, ``late`` how much later (earlier if negative) the rule told of incidents, in
    the middle.
    """

    pair: RulePair
    before: int = 0
    after: int = 0
    caught_before: int = 0
    caught_after: int = 0
    late: int | None = None
    time: Run | None = None
    shift: bool = False
    unknown: Message | None = None


@dataclass(frozen=True, slots=True)
class IncidentOutcome:
    """An incident, and the alerts that told of it before and after."""

    incident: Incident
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """The comparison of two sets of rules; ``notes`` are what a reader must know to believe it."""

    time: Run
    rules: tuple[RuleOutcome, ...]
    incidents: tuple[IncidentOutcome, ...] | None = None
    notes: tuple[Message, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every rule could be tried."""
        return bool(self.rules) and all(outcome.unknown is None for outcome in self.rules)
