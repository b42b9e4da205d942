"""Counts of samples and of reconciles, as Prometheus has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maintainer.model.facts import Key, Labels

RECONCILES, NATIVE_RECONCILES = "rollout_reconcile_count", "rollout_reconcile"
"""The series with the number of reconciles of a Rollout: of the classic histogram, and of the native one."""


@dataclass(frozen=True, slots=True)
class ReconcileCounts:
    """How the count of reconciles changed within ``window`` seconds before ``now``.

    ``metric`` is the name of the series with the count: a native histogram has it under its own name.
    ``resync`` is the controller's resync period in seconds, ``started`` the start time of the process behind each
    target. ``remembered`` are the targets that had counts at the beginning of the window, ``still`` the Rollouts of
    each target whose count did not change.
    """

    now: float
    window: float
    resync: float
    started: Mapping[Labels, float] = field(default_factory=dict)
    remembered: frozenset[Labels] = frozenset()
    still: Mapping[Labels, frozenset[Key]] = field(default_factory=dict)
    metric: str = RECONCILES


@dataclass(frozen=True, slots=True)
class ScrapedSamples:
    """The samples of a target's newest scrape: how many it exposed, and how many relabelling ``kept`` of them.

    ``limit`` is the ``sample_limit`` that Prometheus tells in its metrics, 0 if it does not or if there is none.
    """

    exposed: int
    kept: int
    limit: int = 0


@dataclass(frozen=True, slots=True)
class PendingReconciles:
    """The reconciles of Rollouts that wait for the controller (``Rollout.pending``).

    ``reconciled`` are those that the present processes have reconciled at all, ``failing`` those with an error within
    the last minutes.
    """

    reconciled: frozenset[Key] = frozenset()
    failing: frozenset[Key] = frozenset()
