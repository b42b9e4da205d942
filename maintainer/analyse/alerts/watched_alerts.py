"""Which of the loaded alerting rules are about Rollouts, or are the chart's own."""

import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

from maintainer.model.alerts import AlertRule
from maintainer.model.contract import series_named
from maintainer.model.harvest import LoadedAlerting
from maintainer.model.queries import Query

CHART_GROUPS = frozenset(("argo-rollouts", "argo-rollouts-pipeline", "maintainer"))
"""The rule groups of the monitoring chart."""

_NAME = re.compile(r"[A-Za-z_:][\w:]*", re.ASCII)


def watched_alerts(loaded: LoadedAlerting, names: Collection[str] = ()) -> tuple[AlertRule, ...]:
    """The rules whose alerts are harvested: those with these ``names``, in which ``*`` is for any characters.

    Without names these are the rules that read a metric of the contract, directly or through recording rules, and those
    of the chart.
    """
    if names:
        return tuple(rule for rule in loaded.rules if any(fnmatchcase(rule.name, name) for name in names))
    recorded = _recorded(loaded.recording)
    return tuple(rule for rule in loaded.rules if rule.group in CHART_GROUPS or _reads(rule.expr, recorded))


def _recorded(queries: Iterable[Query]) -> frozenset[str]:
    """The names of the recorded series that are made of the controller's, however many rules lie in between."""
    left, found = list(queries), frozenset[str]()
    while new := {query.name for query in left if _reads(query.text, found)} - found:
        found |= new
    return found


def _reads(text: str, recorded: frozenset[str]) -> bool:
    return series_named(text) or any(word in recorded for word in _NAME.findall(text))
