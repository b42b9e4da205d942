"""The phase that the controller's metrics show for a Rollout, and how it relates to the API's ``status.phase``."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from maintainer.model.facts import Condition, Rollout

_BY_REASON = {
    "RolloutAborted": "Abort",
    "ProgressDeadlineExceeded": "Timeout",
    "ReplicaSetCreateError": "Error",
    "RolloutPaused": "Paused",
    "NewReplicaSetAvailable": "Completed",
}
_DEGRADED_BY_MESSAGE = {
    "InvalidSpec:": "InvalidSpec",
    "RolloutAborted:": "Abort",
    "ProgressDeadlineExceeded:": "Timeout",
}
EQUAL = frozenset({("Healthy", "Completed"), ("Progressing", "Progressing"), ("Paused", "Paused"), ("", "Progressing")})
"""The pairs of ``status.phase`` and the metric's phase that always mean the same."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """How ``status.phase`` and the metric's phase relate; ``row`` is the reason, part of message ids."""

    kind: Literal["equal", "explained", "misleading"]
    row: str


SAME = Meaning("equal", "equal")


def metric_phase(rollout: Rollout) -> str:
    """The phase that ``rollout_info`` must show for these conditions.

    Source: ``calculatePhase`` in controller/metrics/rollouts.go of Argo Rollouts v1.1.0 and later: an InvalidSpec
    condition wins, else the reason of the Progressing condition decides, whatever their status.
    """
    return _phase(rollout.conditions)


@lru_cache(maxsize=256)
def _phase(conditions: tuple[Condition, ...]) -> str:
    """The same, cached, because most Rollouts of a fleet have equal conditions."""
    reason = None
    for condition in conditions:
        if condition.type == "InvalidSpec":
            return "InvalidSpec"
        if condition.type == "Progressing" and reason is None:
            reason = condition.reason
    return _BY_REASON.get(reason or "", "Progressing")


def meaning(rollout: Rollout, metric: str) -> Meaning:
    """How ``status.phase`` and a metric's phase relate that is correct by upstream's rule (:func:`metric_phase`).

    An *explained* difference follows from upstream's rules and is expected or short. With a *misleading* one a reader
    of the metric takes a failed Rollout for a healthy one, or a healthy one for a failed one.
    """
    api = rollout.phase
    if (api, metric) in EQUAL:
        return SAME
    if metric == "Error" and api != "Degraded":
        return Meaning("misleading", "replicaset-refused")
    if api == "Degraded":
        return _degraded(rollout, metric)
    if rollout.deleting:
        return Meaning("explained", "being-deleted")
    if not rollout.reconciled:
        return Meaning("explained", "not-reconciled-yet")
    return _passing(rollout, metric)


def _degraded(rollout: Rollout, metric: str) -> Meaning:
    named = next((phase for prefix, phase in _DEGRADED_BY_MESSAGE.items() if rollout.message.startswith(prefix)), "")
    if named == metric:
        return SAME
    if metric == "InvalidSpec" or (named == "" and metric in {"Abort", "Timeout"}):
        return Meaning("explained", "two-reasons")
    return Meaning("misleading", "conditions-disagree")


def _passing(rollout: Rollout, metric: str) -> Meaning:
    progressing = any(condition.type == "Progressing" for condition in rollout.conditions)
    match rollout.phase, metric:
        case "Healthy", "Progressing" if progressing:
            return Meaning("explained", "old-pods-remain")
        case "Paused", "Progressing" if progressing:
            return Meaning("explained", "pods-change-while-paused")
        case "Paused", "Completed" if rollout.paused:
            return Meaning("explained", "paused-when-promoted")
        case "Progressing", "Completed":
            return Meaning("explained", "restarting" if rollout.restarting else "one-reconcile-behind")
        case "Progressing", "Paused":
            return Meaning("explained", "one-reconcile-behind")
        case _:
            return Meaning("misleading", "conditions-disagree")
