"""Whose reconcile count stood still for longer than the controller's resync allows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isfinite

from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy import promql
from maintainer.errors import SourceUnavailable
from maintainer.model.duration import duration
from maintainer.model.facts import TARGET_LABELS, Key, Labels, target_of
from maintainer.model.pipeline import Pod, ReconcileCounts
from maintainer.model.scope import Scope

RESYNC = 900.0
"""The controller's default in seconds: it looks at every Rollout at least so often."""
_LEAST, _SLACK = 2400.0, 600.0
_FLAG = "--rollout-resync"
_COUNT = "rollout_reconcile_count"
_START = "process_start_time_seconds"


def reconcile_counts(prometheus: Prometheus, scope: Scope, pods: Sequence[Pod] | None) -> ReconcileCounts:
    """Read it for all Rollouts at once.

    Raises :class:`SourceUnavailable` where the controller's resync is switched off or cannot be told.
    """
    period = resync(pods or ())
    window = max(_LEAST, 2 * period + _SLACK)
    count, past = promql.selector(_COUNT, scope), duration(window)
    then = f"{count} offset {past}"
    targets = ", ".join(TARGET_LABELS)
    stood: dict[Labels, set[Key]] = defaultdict(set)
    # The last operand keeps to series that are there now: one that has ended does not change any more either.
    for sample in prometheus.vector(f"changes({count}[{past}]) == 0 and {then} and {count}"):
        stood[target_of(sample.labels)].add(_key(sample.labels))
    return ReconcileCounts(
        now=prometheus.time(),
        window=window,
        resync=period,
        started={
            target_of(one.labels): one.value
            for one in prometheus.vector(f"max by ({targets}) ({promql.selector(_START, scope)})")
            if isfinite(one.value)
        },
        remembered=frozenset(target_of(one.labels) for one in prometheus.vector(f"count by ({targets}) ({then})")),
        still={target: frozenset(keys) for target, keys in stood.items()},
    )


def resync(pods: Sequence[Pod]) -> float:
    """The longest period in seconds that any of the controller's pods was told; the default where none was."""
    told = [value for pod in pods for value in _told(pod.words)]
    if wrong := [value for value in told if not value.isdecimal() or not int(value)]:
        raise SourceUnavailable("resync-off", permanent=True, value=wrong[0])
    return max((float(value) for value in told), default=RESYNC)


def _told(words: Sequence[str]) -> list[str]:
    """The values of the flag, written as one word or as two."""
    return [
        word.partition("=")[2] if "=" in word or word != _FLAG else (*words, "")[at + 1]
        for at, word in enumerate(words)
        if _FLAG in word
    ]


def _key(own: Mapping[str, str]) -> Key:
    return own.get("exported_namespace", own.get("namespace", "")), own.get("exported_name", own.get("name", ""))
