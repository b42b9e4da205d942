"""The phase of a Rollout as the controller's metrics compute it, and what it means beside the API's own phase."""

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
"""The pairs of ``status.phase`` and the metric's phase that mean the same whatever else is so."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """How ``status.phase`` and the metric's phase belong together; ``row`` names the reason."""

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
    """Worked out once for conditions that most of a fleet shares."""
    reason = None
    for condition in conditions:
        if condition.type == "InvalidSpec":
            return "InvalidSpec"
        if condition.type == "Progressing" and reason is None:
            reason = condition.reason
    return _BY_REASON.get(reason or "", "Progressing")


def meaning(rollout: Rollout, metric: str) -> Meaning:
    """How the API's ``status.phase`` and the metric's phase fit together, for a metric that is exactly right.

    *Explained* differences come from upstream's own rules and mislead nobody for long; a *misleading* one has somebody
    look at a healthy Rollout that is not, or the other way round.
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
    said = next((phase for prefix, phase in _DEGRADED_BY_MESSAGE.items() if rollout.message.startswith(prefix)), "")
    if said == metric:
        return SAME
    if metric == "InvalidSpec" or (said == "" and metric in {"Abort", "Timeout"}):
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
