"""The alerting rules that Prometheus has loaded, with all that decides when they fire."""

from collections.abc import Iterator, Mapping
from typing import Any

from maintainer.clients.prometheus import Prometheus
from maintainer.model.alerts import AlertRule
from maintainer.model.facts import labels


def loaded_rules(prometheus: Prometheus) -> tuple[AlertRule, ...]:
    """All of them, group by group. Raises :class:`SourceUnavailable`."""
    return tuple(rule for group in prometheus.whole_rules() for rule in _rules(group))


def _rules(group: Mapping[str, Any]) -> Iterator[AlertRule]:
    for rule in group.get("rules", ()):
        if rule.get("type") == "alerting":
            yield AlertRule(
                rule["name"],
                group.get("name", ""),
                group.get("file", ""),
                rule["query"],
                hold=_milliseconds(rule.get("duration")),
                keep=_milliseconds(rule.get("keepFiringFor")),
                interval=_milliseconds(group.get("interval")) or 60_000,
                labels=labels(rule.get("labels") or {}),
                annotations=labels(rule.get("annotations") or {}),
            )


def _milliseconds(seconds: float | None) -> int:
    return round((seconds or 0) * 1000)
