"""The PromQL of a harvest: what it reads of a day, and how it counts that before."""

import re
from collections.abc import Iterable, Mapping

from maintainer.model.alerts import AlertRule
from maintainer.model.contract import AVAILABLE, DESIRED, INFO
from maintainer.model.harvest import EVENTS
from maintainer.model.matchers import matcher
from maintainer.model.scope import Scope

WATCHDOG = "Watchdog"
"""The alert that many rule files have to fire always."""
EVALUATED = "prometheus_rule_group_last_evaluation_timestamp_seconds"
NOTIFIED = "alertmanager_notifications_total"
STARTED = "process_start_time_seconds"

_EQUAL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"', re.ASCII)


def selectors(rules: Iterable[AlertRule], scope: Scope, *, watchdog: bool) -> Mapping[str, str]:
    """By the name of what is read, its selector.

    The series of an alert need not have the labels that tell clusters apart, because its query may aggregate them
    away: a matcher of the scope then lets them through.
    """
    listed = tuple(rules)
    names = sorted({rule.name for rule in listed} | ({WATCHDOG} if watchdog else set()))
    groups = sorted({rule_group(rule) for rule in listed})
    own, loose = scope.matchers, tuple(map(_or_absent, scope.matchers))
    return {
        "alerts": _selector(_any(("ALERTS", "ALERTS_FOR_STATE")), matcher("alertname", _words(names), op="=~"), *loose),
        "phases": _selector(matcher("__name__", INFO), matcher("phase", "Completed", op="!="), *own),
        "replicas": _selector(_any((AVAILABLE, DESIRED)), *own),
        "events": _selector(
            matcher("__name__", "rollout_events_total"), matcher("reason", _words(EVENTS), op="=~"), *own
        ),
        "heartbeat": _selector(matcher("__name__", EVALUATED), matcher("rule_group", _words(groups), op="=~"), *loose),
        "notified": _selector(matcher("__name__", NOTIFIED), *loose),
    }


def counts(wanted: Mapping[str, str]) -> str:
    """A query that counts the series of each selector, under its name in the label ``read``."""
    return " or ".join(f'label_replace(count({text}), "read", "{name}", "", "")' for name, text in wanted.items())


def starts(job: str, instance: str) -> str:
    """When the process of a target was started."""
    return _selector(matcher("__name__", STARTED), matcher("job", job), matcher("instance", instance))


def rule_group(rule: AlertRule) -> str:
    """The name of the rule's group in Prometheus' own metrics."""
    return f"{rule.file};{rule.group}"


def _or_absent(own: str) -> str:
    """A matcher that also lets series through that do not have its label."""
    equal = _EQUAL.fullmatch(own)
    if equal is None:
        return own
    value = re.sub(r"\\(.)", r"\1", equal[2])
    return matcher(equal[1], f"{_escaped(value)}|", op="=~")


def _selector(*matchers: str) -> str:
    return "{" + ",".join(matchers) + "}"


def _any(names: Iterable[str]) -> str:
    return matcher("__name__", "|".join(names), op="=~")


def _words(values: Iterable[str]) -> str:
    return "|".join(map(_escaped, values))


def _escaped(value: str) -> str:
    """The text as a regular expression of RE2, which knows fewer escapes than Python."""
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", value)
