"""Counters whose change over time is judged: Prometheus' notifications and the controller's reconciles."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import isfinite

from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy import promql
from maintainer.errors import SourceUnavailable
from maintainer.model.counts import NATIVE_RECONCILES, RECONCILES, PendingReconciles, ReconcileCounts
from maintainer.model.duration import duration
from maintainer.model.facts import TARGET_LABELS, Key, Labels, NotificationCounts, Sample, target_of
from maintainer.model.matchers import matcher
from maintainer.model.pipeline import Pod
from maintainer.model.scope import Scope

RESYNC = 900.0
"""Seconds, the controller's default for ``--rollout-resync``: it reconciles each Rollout at least this often."""
_MIN_WINDOW, _MARGIN = 2400.0, 600.0
_RESYNC_FLAG = "--rollout-resync"
_RECONCILE_ERRORS = "rollout_reconcile_error"
_RECENT = "5m"
"""A controller tries a failed reconcile again after 10 seconds at most."""
_MOST_NAMES = 100
"""More Rollouts than that are not named in a query, which then reads all of them."""
STARTED = "process_start_time_seconds"
"""The metric in which every process shows when it started, in epoch seconds."""
_ALERTMANAGERS = "prometheus_notifications_alertmanagers_discovered"
_DROPPED = "prometheus_notifications_dropped_total"
_ERRORS = "prometheus_notifications_errors_total"


def notification_counts(prometheus: Prometheus) -> NotificationCounts:
    """The current counts from Prometheus' own ``/metrics``.

    Raises :class:`SourceUnavailable` also if the page lacks them, because it is that of a proxy or of another engine.
    """
    counts = prometheus.own((STARTED, _ALERTMANAGERS, _DROPPED, _ERRORS))
    if lacking := [name for name in (STARTED, _ALERTMANAGERS) if name not in counts]:
        names = ", ".join(lacking)
        raise SourceUnavailable(
            "prometheus-no-metrics", permanent=True, who=prometheus.who, url=prometheus.url, names=names
        )
    return NotificationCounts(
        started=counts[STARTED],
        alertmanagers=counts[_ALERTMANAGERS],
        dropped=counts.get(_DROPPED, 0.0),
        errors=counts.get(_ERRORS, 0.0),
    )


def reconcile_counts(
    prometheus: Prometheus,
    scope: Scope,
    *,
    pods: Sequence[Pod],
    namespace_labels: Mapping[Labels, str],
    metric: str = RECONCILES,
) -> ReconcileCounts:
    """Which Rollouts were not reconciled for two resync periods and 10 minutes, and 40 minutes at least.

    ``pods`` are the controller's, ``namespace_labels`` the label of each target that holds the Rollout's namespace.
    ``metric`` is the name of the series with the count, :data:`RECONCILES` or :data:`NATIVE_RECONCILES`.
    Raises :class:`SourceUnavailable`, also if the controller's resync is off or its period cannot be read.
    """
    period = resync_period(pods)
    window = max(_MIN_WINDOW, 2 * period + _MARGIN)
    count, past = promql.selector(metric, scope), duration(window)
    then = f"{count} offset {past}"
    targets = ", ".join(TARGET_LABELS)
    still: dict[Labels, set[Key]] = defaultdict(set)
    # The last operand drops series that have ended: these do not change any more either.
    for sample in prometheus.vector(f"changes({count}[{past}]) == 0 and {then} and {count}"):
        still[target_of(sample.labels)].add(_rollout_of(sample, namespace_labels))
    return ReconcileCounts(
        now=prometheus.time(),
        window=window,
        resync=period,
        started={
            target_of(sample.labels): sample.value
            for sample in prometheus.vector(f"max by ({targets}) ({promql.selector(STARTED, scope)})")
            if isfinite(sample.value)
        },
        remembered=frozenset(
            target_of(sample.labels) for sample in prometheus.vector(f"count by ({targets}) ({then})")
        ),
        still={target: frozenset(keys) for target, keys in still.items()},
        metric=metric,
    )


def pending_reconciles(
    prometheus: Prometheus,
    scope: Scope,
    *,
    keys: Collection[Key],
    namespace_labels: Mapping[Labels, str],
    metric: str = RECONCILES,
) -> PendingReconciles:
    """Which of these Rollouts the present processes have reconciled, and which of them with an error recently.

    ``namespace_labels`` and ``metric`` are as in :func:`reconcile_counts`. Raises :class:`SourceUnavailable`.
    """
    names = "|".join(sorted({name.replace(".", "\\.") for _, name in keys}))
    own = replace(scope, matchers=(*scope.matchers, matcher("name", names, op="=~")))
    counts, errors = (
        promql.selector(family, own if len(keys) <= _MOST_NAMES else scope) for family in (metric, _RECONCILE_ERRORS)
    )
    counted = f"histogram_count({counts})" if metric == NATIVE_RECONCILES else counts
    failed = f"changes({errors}[{_RECENT}]) > 0 or ({errors} unless {errors} offset {_RECENT})"
    reconciled, failing = (
        frozenset(_rollout_of(sample, namespace_labels) for sample in prometheus.vector(query)).intersection(keys)
        for query in (f"{counted} > 0", failed)
    )
    return PendingReconciles(reconciled, failing)


def resync_period(pods: Sequence[Pod]) -> float:
    """The longest ``--rollout-resync`` of the controller's pods in seconds; the default if no pod sets it.

    Raises :class:`SourceUnavailable` if a value is 0 or no number.
    """
    values = [value for pod in pods for value in _flag_values(pod.words)]
    if wrong := [value for value in values if not value.isdecimal() or not float(value)]:
        raise SourceUnavailable("resync-off", permanent=True, value=wrong[0])
    return max((float(value) for value in values), default=RESYNC)


def _flag_values(words: Sequence[str]) -> list[str]:
    """The values of the flag, written as ``--flag=value`` or as ``--flag value``."""
    return [
        word.partition("=")[2] if "=" in word or word != _RESYNC_FLAG else (*words, "")[at + 1]
        for at, word in enumerate(words)
        if _RESYNC_FLAG in word
    ]


def _rollout_of(sample: Sample, namespace_labels: Mapping[Labels, str]) -> Key:
    """The Rollout of a series: its namespace is in the target's label, or in ``namespace`` if it lacks that."""
    own = sample.labels
    label = namespace_labels.get(target_of(own), "exported_namespace")
    return own.get(label, own.get("namespace", "")), own.get("exported_name", own.get("name", ""))
