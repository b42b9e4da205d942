"""The PromQL that the audit asks, and what its labels mean."""

from collections.abc import Mapping
from functools import cache

from maintainer.model.contract import INFO, families
from maintainer.model.facts import Labels, labels
from maintainer.model.matchers import matcher
from maintainer.model.scope import Scope

CONTROLLER_INFO = "argo_rollouts_controller_info"


@cache
def own_labels() -> frozenset[str]:
    """The labels of ``rollout_info`` itself, also as ``exported_…``: the others are its target's."""
    own = families()[INFO].labels
    return own | {f"exported_{name}" for name in own}


def selector(family: str, scope: Scope) -> str:
    """An instant selector for one family within the scope."""
    return f"{family}{{{','.join(scope.matchers)}}}" if scope.matchers else family


def newest_scrapes(scope: Scope) -> str:
    """For each target that emits Rollouts now, the time of its newest sample: one sample a target."""
    without = ", ".join(sorted({*own_labels(), *scope.replica_labels}))
    return f"max without ({without}) (timestamp({selector(INFO, scope)}))"


def controllers(scope: Scope) -> str:
    """The controllers that were seen within the last hour, each with its version."""
    return f"last_over_time({selector(CONTROLLER_INFO, scope)}[1h])"


def samples_at(family: str, scope: Scope, target: Mapping[str, str]) -> str:
    """A family's samples of one target and one instant; an empty value asks for a label that is not there."""
    own = (matcher(name, value) for name, value in sorted(target.items()))
    return f"{family}{{{','.join((*scope.matchers, *own))}}}[1ms]"


def target_of(own: Mapping[str, str], scope: Scope) -> Labels:
    """The labels of a series that are its target's."""
    dropped = _not_its_targets(scope.replica_labels)
    return labels({name: value for name, value in own.items() if name not in dropped})


@cache
def _not_its_targets(replica_labels: tuple[str, ...]) -> frozenset[str]:
    return own_labels() | {"__name__", "version", *replica_labels}
