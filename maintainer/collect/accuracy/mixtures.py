"""Whether the series in Prometheus are of a single cluster, and which targets are other controllers of it."""

from collections.abc import Collection, Mapping

from maintainer.clients.prometheus import Prometheus
from maintainer.clients.wire import keys
from maintainer.collect.accuracy import promql
from maintainer.errors import SourceUnavailable
from maintainer.model.contract import INFO
from maintainer.model.facts import Key, Labels, Rollout
from maintainer.model.matchers import matcher
from maintainer.model.scope import Scope

_OF_A_ROLLOUT = ("exported_name", "exported_namespace", "name", "namespace")
_OF_A_STATE = ("phase", "strategy", "traffic_router")
_OF_A_PROCESS = frozenset({
    "app", "container", "endpoint", "host", "hostname", "instance", "job", "namespace", "node", "pod",
    "pod_template_hash", "service",
})  # fmt: skip
"""Labels that tell the pods or the scrape jobs of a cluster apart. Two of these are coverage/duplicate."""
_SHOWN = 10


def require_one_cluster(prometheus: Prometheus, scope: Scope, *, rollouts: Collection[Key]) -> None:
    """Raise :class:`SourceUnavailable` if a label splits the series of the same Rollouts, or if a matcher matches none.

    A label that relabelling makes of the Rollout itself, such as its team, splits nothing: a Rollout has one value. Nor
    does a label that holds the namespaces or the names of the API's ``rollouts`` in place of the usual one.
    """
    without = ", ".join((*_OF_A_ROLLOUT, *_OF_A_STATE))
    groups = prometheus.vector(f"count without ({without}) ({promql.selector(INFO, scope)})")
    if not groups and scope.matchers:
        _require_matches(prometheus, scope)
    sets = [group.labels for group in groups]
    identities = [{namespace for namespace, _ in rollouts}, {name for _, name in rollouts}]
    for label in sorted(_candidates(sets, scope)):
        if any({own[label] for own in sets} <= values for values in identities):
            continue
        if _splits(prometheus, scope, label):
            raise _mixed(prometheus, label, sets)


def _candidates(sets: Collection[Mapping[str, str]], scope: Scope) -> set[str]:
    """The labels that all series have, with different values."""
    if len(sets) < 2:
        return set()
    common = set.intersection(*(set(own) for own in sets)) - _OF_A_PROCESS - set(scope.replica_labels)
    return {label for label in common if len({own[label] for own in sets}) > 1}


def _splits(prometheus: Prometheus, scope: Scope, label: str) -> bool:
    """Whether some Rollout has series with different values of the label."""
    own = ", ".join(_OF_A_ROLLOUT)
    values = f"count by ({own}, {label}) ({promql.selector(INFO, scope)})"
    return bool(prometheus.vector(f"count(count by ({own}) ({values}) > 1)"))


def _mixed(prometheus: Prometheus, label: str, sets: Collection[Mapping[str, str]]) -> SourceUnavailable:
    """Of several clusters, or of several Prometheus servers that scrape the same processes."""
    values = sorted({own[label] for own in sets})
    processes = [{(own.get("job"), own.get("instance")) for own in sets if own[label] == value} for value in values]
    reason = "prometheus-replicas" if all(own == processes[0] for own in processes) else "prometheus-mixed"
    return SourceUnavailable(
        reason,
        permanent=True,
        who=prometheus.who,
        url=prometheus.url,
        label=label,
        values=", ".join(values[:_SHOWN]),
        example=matcher(label, values[0]),
    )


def _require_matches(prometheus: Prometheus, scope: Scope) -> None:
    """Raise :class:`SourceUnavailable` with the first matcher that matches no series, if there are any series.

    Matchers that match a controller are right: what is missing there is another matter.
    """
    if not prometheus.vector(f"count({INFO})") or prometheus.vector(promql.controllers(scope)):
        return
    for text in scope.matchers:
        if prometheus.vector(f"count({INFO}{{{text}}})"):
            continue
        label = text.partition("=")[0].partition("!")[0].strip()
        samples = prometheus.vector(f"count by ({label}) ({INFO})")
        values = sorted({sample.labels[label] for sample in samples if label in sample.labels})
        reason = "prometheus-matcher" if values else "prometheus-matcher-label"
        shown = ", ".join(values[:_SHOWN])
        raise SourceUnavailable(
            reason, permanent=True, who=prometheus.who, url=prometheus.url, matcher=text, label=label, values=shown
        )
    raise SourceUnavailable(
        "prometheus-matchers",
        permanent=True,
        who=prometheus.who,
        url=prometheus.url,
        matchers=", ".join(scope.matchers),
    )


def other_controllers(
    prometheus: Prometheus, scope: Scope, emitting: Mapping[Labels, float], *, rollouts: Mapping[Key, Rollout]
) -> frozenset[Labels]:
    """Which of the targets, given with the times of their scrapes, emit ``rollouts`` but none of the scope's id."""
    found = set()
    for target, at in emitting.items():
        infos = prometheus.rollout_series(promql.samples_at(INFO, scope, target=target), at=at)
        exposed = {key for label in ("namespace", "exported_namespace") for key in keys(infos, label)}
        ids = {rollouts[key].instance_id for key in exposed & rollouts.keys()}
        if ids and scope.instance_id not in ids:
            found.add(target)
    return frozenset(found)
