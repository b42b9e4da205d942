"""The PromQL that the audit asks, and what its labels mean."""

from maintainer.model.contract import INFO
from maintainer.model.facts import TARGET_LABELS, Labels
from maintainer.model.matchers import matcher
from maintainer.model.scope import Scope

CONTROLLER_INFO = "argo_rollouts_controller_info"


def selector(family: str, scope: Scope) -> str:
    """An instant selector for one family within the scope."""
    return f"{family}{{{','.join(scope.matchers)}}}" if scope.matchers else family


def newest_scrapes(scope: Scope) -> str:
    """For each target that emits Rollouts now, the time of its newest sample."""
    return f"max by ({', '.join(TARGET_LABELS)}) (timestamp({selector(INFO, scope)}))"


def controllers(scope: Scope) -> str:
    """The controllers that were seen within the last hour, each with its version."""
    return f"last_over_time({selector(CONTROLLER_INFO, scope)}[1h])"


def samples_at(family: str, scope: Scope, target: Labels) -> str:
    """A family's samples of one target and one instant; an empty value asks for a label that is not there."""
    own = dict(target)
    matchers = (matcher(name, own.get(name, "")) for name in TARGET_LABELS)
    return f"{family}{{{','.join((*scope.matchers, *matchers))}}}[1ms]"
