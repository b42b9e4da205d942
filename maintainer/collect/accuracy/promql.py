"""The PromQL queries of the audit."""

from maintainer.model.contract import INFO
from maintainer.model.facts import TARGET_LABELS, Labels
from maintainer.model.matchers import matcher
from maintainer.model.scope import Scope

CONTROLLER_INFO = "argo_rollouts_controller_info"


def selector(family: str, scope: Scope) -> str:
    """An instant selector for a family within the scope."""
    return f"{family}{{{','.join(scope.matchers)}}}" if scope.matchers else family


def newest_scrapes(scope: Scope) -> str:
    """By target that emits Rollouts now: the time of its newest sample, in seconds since the epoch."""
    return f"max by ({', '.join(TARGET_LABELS)}) (timestamp({selector(INFO, scope)}))"


def controllers(scope: Scope) -> str:
    """The controllers that were scraped within the last hour, with their versions as a label."""
    return f"last_over_time({selector(CONTROLLER_INFO, scope)}[1h])"


def samples_at(family: str, scope: Scope, *, target: Labels) -> str:
    """A query for the samples that a target has at exactly the time of the query.

    A matcher with an empty value selects series without the label. A bare range would not do: VictoriaMetrics shows in
    it that a series ended, as a sample that is NaN.
    """
    own = dict(target)
    matchers = (matcher(name, own.get(name, "")) for name in TARGET_LABELS)
    return f"last_over_time({family}{{{','.join((*scope.matchers, *matchers))}}}[1ms])"
