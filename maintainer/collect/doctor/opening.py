"""Opens what doctor looks at, and does not give up where a run would."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from maintainer.clients.cluster import Cluster
from maintainer.clients.endpoint import Endpoint, ServiceAddress
from maintainer.clients.operator_objects import prometheuses
from maintainer.collect.connections import PrometheusAccess, find_prometheus, open_sources
from maintainer.collect.doctor.servers import Now, cluster_look, prometheus_look
from maintainer.collect.pipeline.cluster_state import prometheus_pods, service_of
from maintainer.collect.pipeline.operator_objects import select_namespaces_by_label
from maintainer.collect.sources import Sources, attempt, unavailable
from maintainer.errors import SourceUnavailable
from maintainer.model.doctor import ClockLook, ClusterLook, PrometheusLook
from maintainer.model.facts import Key, Unavailable
from maintainer.model.guard import Guard
from maintainer.model.pipeline import Pod

_PROXIED = re.compile(r"/services/([^/]+)/proxy(?:/|$)")


@dataclass(frozen=True, slots=True)
class Opened:
    """The clients, and what the first answer of the API server showed.

    ``candidates`` are the Services that may be Prometheus: the one of the settings (``named``), or those that look like
    it. ``proxied``: Prometheus is reached through the API server. ``several``: so many look like it that none is asked.
    """

    sources: Sources
    cluster: ClusterLook | Unavailable
    clock: ClockLook | None
    candidates: tuple[ServiceAddress, ...]
    named: bool
    proxied: bool
    several: bool

    @property
    def server(self) -> Key | None:
        """The Service of Prometheus: of the settings, of its URL, or the only one that looks like it."""
        by_url = service_of(self.sources.prometheus.url) if self.sources.prometheus and not self.named else None
        only = self.candidates[0] if len(self.candidates) == 1 else None
        return by_url or ((only.namespace, only.name) if only else None)

    @property
    def proxy(self) -> tuple[Key, ...]:
        """The same as the API server's proxy names it, with its port; () if Prometheus is not asked there."""
        if not self.proxied or not self.server:
            return ()
        found = _PROXIED.search(self.sources.prometheus.url) if self.sources.prometheus else None
        return ((self.server[0], found[1] if found else ""),)

    @property
    def servers(self) -> tuple[Key, ...]:
        """The Services of Prometheus and of the ruler, as far as they are known."""
        ruler = service_of(self.sources.ruler.url) if self.sources.ruler else None
        return tuple(filter(None, (self.server, ruler)))

    @property
    def replicated(self) -> bool:
        """Whether several pods are behind a Service of Prometheus that is asked through the API server."""
        return self.proxied and any(len(pods or ()) > 1 for _, pods in self._pods())

    @property
    def mounted(self) -> tuple[Key, ...]:
        """The ConfigMaps that the pods of these mount; all of a namespace if its pods may not be read."""
        return self._mounted(self.servers, lambda pod: pod.config_maps)

    @property
    def claims(self) -> tuple[Key, ...]:
        """The PersistentVolumeClaims that the pods of Prometheus mount, in the same way."""
        return self._mounted((self.server,) if self.server else (), lambda pod: pod.claims)

    def _mounted(self, servers: tuple[Key, ...], names: Callable[[Pod], tuple[str, ...]]) -> tuple[Key, ...]:
        mounted: dict[Key, None] = {}
        for server, pods in self._pods():
            known = ((pod.namespace, name) for pod in pods or () for name in names(pod))
            mounted |= dict.fromkeys(((server[0], ""),) if pods is None else known) if server in servers else {}
        return tuple(mounted)

    def _pods(self) -> Iterator[tuple[Key, tuple[Pod, ...] | None]]:
        """The Services of Prometheus and of the ruler with their pods, ``None`` if these may not be read."""
        cluster, client = self.sources.cluster, self.sources.evaluator
        for server in self.servers if cluster else ():
            read = partial(prometheus_pods, cluster, client, service=server) if cluster and client else None
            yield server, attempt("prometheus-pods", read, self.sources.guard)[0] if read else None

    @property
    def by_label(self) -> bool:
        """Whether an object of the Prometheus operator selects namespaces by their labels, if that may be read."""
        cluster = self.sources.cluster
        found = attempt("prometheuses", partial(prometheuses, cluster), self.sources.guard)[0] if cluster else None
        return select_namespaces_by_label(found or ())

    def prometheus(self, now: Now) -> tuple[PrometheusLook | Unavailable | None, ClockLook | None]:
        """What answers as Prometheus, or why nothing does, and its clock; ``None`` if it is not known whom to ask."""
        client = None if self.several else self.sources.prometheus
        if client is None:
            lost = [fact for fact in self.sources.unavailable if fact.source == "prometheus"]
            return (lost[0] if lost and not self.several else None), None
        seen, why = attempt("prometheus", partial(prometheus_look, client, now), self.sources.guard)
        return seen or (why[0], None)


def open_all(
    connect: Callable[[], Cluster], *, access: PrometheusAccess, grafana: Endpoint | None, guard: Guard, now: Now
) -> Opened:
    """Open all clients. Several Prometheus are no error here; otherwise it raises what ``open_sources`` does."""
    reached: _Reached | SourceUnavailable
    try:
        reached = guard(partial(_reach, connect, now))
    except SourceUnavailable as error:
        reached = error

    def connected() -> Cluster:
        if isinstance(reached, SourceUnavailable):
            raise reached
        return reached.cluster

    cluster = None if isinstance(reached, SourceUnavailable) else reached.cluster
    candidates = (access.service,) if access.service else _lookalikes(cluster, guard)
    several = not access.endpoint.url and len(candidates) > 1
    # With several candidates, the first stands for all: it is named, and not asked.
    first = replace(access, service=candidates[0]) if several else access
    sources = open_sources(connected, prometheus=first, grafana=grafana, guard=guard)
    proxied = not access.endpoint.url and not (cluster and cluster.inside and not access.service)
    look = unavailable("cluster", reached) if isinstance(reached, SourceUnavailable) else reached.look
    clock = None if isinstance(reached, SourceUnavailable) else reached.clock
    named_by = bool(access.service)
    return Opened(sources, look, clock, candidates, named=named_by, proxied=proxied, several=several)


class _Reached(NamedTuple):
    cluster: Cluster
    look: ClusterLook
    clock: ClockLook | None


def _reach(connect: Callable[[], Cluster], now: Now) -> _Reached:
    cluster = connect()
    try:
        look, clock = cluster_look(cluster, now)
    except SourceUnavailable:
        cluster.close()
        raise
    return _Reached(cluster, look, clock)


def _lookalikes(cluster: Cluster | None, guard: Guard) -> tuple[ServiceAddress, ...]:
    """The Services that look like Prometheus; () if they may not be listed."""
    found, _ = attempt("prometheus", lambda: find_prometheus(cluster.services()), guard) if cluster else ((), ())
    return found or ()
