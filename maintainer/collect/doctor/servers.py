"""Looks at the servers that a run needs: whether each answers, what it is, and what its clock shows."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import partial

import msgspec

from maintainer.clients.cluster import Cluster
from maintainer.clients.engine import PROMETHEUS
from maintainer.clients.own_rights import may_i, who_am_i
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.pipeline.alertmanager import alertmanager
from maintainer.collect.pipeline.cluster_state import controller_state, controllers_elsewhere
from maintainer.collect.sources import Sources, attempt
from maintainer.errors import SourceUnavailable
from maintainer.model.doctor import ClockLook, ClusterLook, ControllerLook, ImpactLook, PrometheusLook, Right
from maintainer.model.facts import Unavailable
from maintainer.model.harvest import SEEN
from maintainer.model.scope import Scope

GROUPS = ("argoproj.io/v1alpha1", "monitoring.coreos.com/v1")
"""The API groups that custom resource definitions add, and that a run reads."""

Now = Callable[[], float]
"""The clock of this machine, in seconds since the epoch."""


class _Version(msgspec.Struct, rename="camel"):
    git_version: str


class _Served(msgspec.Struct):
    kind: str


class _Name(msgspec.Struct):
    name: str


class _Namespace(msgspec.Struct):
    metadata: _Name


def cluster_look(cluster: Cluster, now: Now) -> tuple[ClusterLook, ClockLook | None]:
    """The API server, and its clock, which its answers show in whole seconds. Raises :class:`SourceUnavailable`."""
    before = now()
    version = cluster.get(("", "/version"), ("", ""), type_=_Version)
    after = now()
    if version is None:
        raise SourceUnavailable("cluster-no-resource", permanent=True, resource="/version", url=cluster.url)
    clock = _clock(cluster.date, before, after=after)
    user = ""
    with suppress(SourceUnavailable):  # Kubernetes tells since 1.28, and nothing but a name depends on it
        user = who_am_i(cluster)
    groups = frozenset(group for group in GROUPS if _is_served(cluster, group))
    return ClusterLook(cluster.url, version.git_version, user, after - before, groups), clock


def _clock(date: str, before: float, *, after: float) -> ClockLook | None:
    """What a header Date says, whose second began at most a second before the answer."""
    try:
        shown = parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
    return ClockLook(shown - after, shown + 1.0 - before)


def _is_served(cluster: Cluster, group: str) -> bool:
    try:
        return cluster.get(("", f"/apis/{group}"), ("", ""), type_=_Served) is not None
    except SourceUnavailable as error:
        if error.reason == "cluster-no-resource":
            return False
        raise


def granted(cluster: Cluster, rights: Iterable[Right]) -> Mapping[Right, bool]:
    """Whether the account of this run has each right. Raises :class:`SourceUnavailable`."""
    return {right: may_i(cluster, right) for right in rights}


def namespace_exists(cluster: Cluster, name: str) -> bool | None:
    """Whether there is a namespace; ``None`` if that may not be asked."""
    try:
        return cluster.get(("v1", "namespaces"), ("", name), type_=_Namespace) is not None
    except SourceUnavailable:
        return None


def controller_look(sources: Sources, cluster: Cluster, scope: Scope) -> ControllerLook:
    """The controller, and where else one is, if there is none in its namespace."""
    state = controller_state(sources, scope)
    if state.pods is None or any(pod.controls for pod in state.pods):
        return ControllerLook(state)
    return ControllerLook(state, controllers_elsewhere(sources, cluster, scope, targets=()))


def prometheus_look(prometheus: Prometheus, now: Now) -> tuple[PrometheusLook, ClockLook]:
    """What answers as Prometheus, and its clock. Raises :class:`SourceUnavailable` if it answers no query."""
    prometheus.recognise()
    before = now()
    shown = prometheus.time()
    clock = ClockLook(shown - 1.0 - now(), shown - before)
    build, keeps = (_status(prometheus, name) for name in ("buildinfo", "runtimeinfo"))
    engine = prometheus.engine
    version = str(build.get("version") or "") if engine == PROMETHEUS else ""
    kept = str(keeps.get("storageRetention") or "")
    return PrometheusLook(prometheus.url, engine.name, version, engine.evaluates, kept), clock


def impact_look(prometheus: Prometheus, promql: str) -> ImpactLook:
    """What the query about users says now. Raises :class:`SourceUnavailable` if it cannot be asked."""
    samples = prometheus.vector(promql)
    there = [sample for sample in samples if SEEN in sample.labels.items()]
    return ImpactLook(len(samples) - len(there), bool(there))


def _status(prometheus: Prometheus, name: str) -> Mapping[str, object]:
    """What the server says of itself; nothing, if its engine does not."""
    try:
        return prometheus.status(name)
    except SourceUnavailable:
        return {}


def others(sources: Sources, alertmanager_url: str) -> Mapping[str, str | Unavailable]:
    """The URLs of the other servers of the settings that answer, and why the rest do not."""
    looks: dict[str, tuple[str, Callable[[], object]]] = {}
    if sources.ruler:
        looks["ruler"] = sources.ruler.url, sources.ruler.rules
    if alertmanager_url:
        looks["alertmanager"] = alertmanager_url, partial(alertmanager, sources, alertmanager_url, active=())
    if sources.grafana:
        listed = partial(sources.grafana.get, "api/search", list[msgspec.Raw], type="dash-db", limit="1")
        looks["grafana"] = sources.grafana.url, listed
    answered = {id_: (url, attempt(id_, look, sources.guard)[1]) for id_, (url, look) in looks.items()}
    return {id_: why[0] if why else url for id_, (url, why) in answered.items()}
