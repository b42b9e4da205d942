"""The record of a running Prometheus, slowed down and moved to a day that is over.

An episode is judged by the hour around it, and a harvest reads days that are over. So what took a minute takes ten
minutes in the record: intervals, ``for`` and all times between are ten times as long, and nothing else is another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from maintainer.collect.alerts.selectors import EVALUATED
from maintainer.model.alerts import AlertRule, RawSeries
from tests.collect.alerts.backfilled import RULES_FILE, Past

SLOWER = 10
DAY = 86_400


@dataclass(slots=True)
class Slowed:
    """A record that was ``recorded`` from a time in milliseconds on, and begins at ``begin`` in seconds."""

    recorded: int
    begin: int
    past: Past = field(default_factory=Past)

    def at(self, time: int) -> float:
        """When something that was at a time in milliseconds is in the record, in seconds."""
        return round(self.begin + (time - self.recorded) * SLOWER / 1000, 3)

    def add(self, series: Iterable[RawSeries], interval: int) -> None:
        """Add series; rules were evaluated each ``interval`` milliseconds."""
        for each in series:
            own = dict(each.labels)
            name = own.pop("__name__")
            values = each.values
            if name == "ALERTS_FOR_STATE":
                values = [self._active_at(value, each.times[0], interval) for value in each.values]
            self.past.add(name, [(self.at(at), value) for at, value in zip(each.times, values, strict=True)], **own)

    def evaluated(self, rules: Iterable[AlertRule], midnight: int) -> None:
        """Rules were evaluated all day, and an hour before and after it, as they were while this was recorded."""
        for group, interval in {(rule.group, rule.interval * SLOWER // 1000) for rule in rules}:
            times = range(midnight - 3_600, midnight + DAY + 3_600, interval)
            self.past.add(
                EVALUATED, [(at + 5, at) for at in times], rule_group=f"{RULES_FILE};{group}", job="prometheus"
            )

    def _active_at(self, value: float, at: int, interval: int) -> int:
        """ActiveAt, which Prometheus writes as the whole second of an evaluation."""
        second = round(value * 1000)
        return int(self.at(second + (at - second) % interval))


def slower(rules: Iterable[AlertRule]) -> Mapping[str, Any]:
    """The rules for the slowed record, as a file of rules."""
    groups: dict[str, dict[str, Any]] = {}
    for rule in rules:
        group = {"name": rule.group, "interval": f"{rule.interval * SLOWER}ms", "rules": []}
        groups.setdefault(rule.group, group)["rules"].append(
            {
                "alert": rule.name,
                "expr": rule.expr,
                "for": f"{rule.hold * SLOWER}ms",
                "labels": dict(rule.labels),
            }
        )
    return {"groups": list(groups.values())}
