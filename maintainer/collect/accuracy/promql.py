"""The PromQL that the audit asks, and what its labels mean."""

from collections.abc import Mapping

from maintainer.model.contract import INFO
from maintainer.model.facts import Labels, labels
from maintainer.model.matchers import matcher
from maintainer.model.scope import Scope

CONTROLLER_INFO = "argo_rollouts_controller_info"
TARGET_LABELS = ("cluster", "instance", "job", "pod")
"""What tells targets apart. Not every label that is not the Rollout's: relabelling may add one for each Rollout."""


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


def target_of(own: Mapping[str, str]) -> Labels:
    """The labels of a series or a target that tell targets apart."""
    return labels({name: own[name] for name in TARGET_LABELS if name in own})
