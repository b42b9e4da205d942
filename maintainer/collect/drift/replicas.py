"""The replicas of Prometheus, each with a client of its own: behind one Service each may have loaded something else."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from maintainer.clients import monitoring
from maintainer.clients.cluster import Cluster
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.connections import web_port
from maintainer.collect.pipeline.cluster_state import service_of
from maintainer.collect.sources import Sources
from maintainer.model.facts import Cost, Key, Unavailable
from maintainer.model.message import message
from maintainer.model.pipeline import Pod, Port

_PROXIED = re.compile(r"/services/(?P<scheme>https?:)?[^/:]+(?::(?P<port>[^/]*))?/proxy(?=/|$)")


class _Served(NamedTuple):
    """A pod behind a Service, and the port on which it answers."""

    pod: Pod
    port: int

    @property
    def answers(self) -> bool:
        """Whether it can be asked."""
        return self.pod.ready and bool(self.pod.addresses)


@dataclass(frozen=True, slots=True)
class Replica:
    """A server that has loaded files of its own.

    ``pod`` is namespace/name where several are behind its Service, else "". ``shown`` is the URL at which a reader
    reaches it: of a pod, that of the API server's proxy. It ``scrapes`` or ``evaluates`` rules, mostly both.
    """

    client: Prometheus
    shown: str
    pod: str = ""
    scrapes: bool = True
    evaluates: bool = True


@contextmanager
def opened_replicas(sources: Sources) -> Iterator[tuple[tuple[Replica, ...], tuple[Unavailable, ...]]]:
    """Every server that is to be asked, or told to reload, and why some cannot be.

    Where several pods are behind the Service of a server, each that is ready is a replica, reached as the Service is:
    at its own address, or through the API server's proxy. Else the server at the URL is the only one. The clients of
    replicas are closed afterwards, and what they have cost is a cost of that server.
    """
    found: list[tuple[Prometheus, Replica]] = []
    unavailable: tuple[Unavailable, ...] = ()
    for own in _servers(sources):
        replicas, why = _replicas(sources, own)
        found += [(own.client, replica) for replica in replicas]
        unavailable += why
    try:
        yield tuple(replica for _, replica in found), unavailable
    finally:
        for server, replica in found:
            if replica.pod:
                replica.client.close()
                server.cost = _sum(server.cost, replica.client.cost)


def _servers(sources: Sources) -> Iterator[Replica]:
    """The server that scrapes and the one that evaluates the rules; one if they have the same URL."""
    prometheus, evaluator = sources.prometheus, sources.evaluator
    same = bool(prometheus and evaluator and prometheus.url == evaluator.url)
    if prometheus:
        yield Replica(prometheus, prometheus.url, evaluates=same)
    if evaluator and not same:
        yield Replica(evaluator, evaluator.url, scrapes=False)


def _sum(one: Cost, other: Cost) -> Cost:
    return Cost(one.requests + other.requests, one.samples + other.samples, one.bytes + other.bytes)


def _replicas(sources: Sources, own: Replica) -> tuple[Sequence[Replica], tuple[Unavailable, ...]]:
    """The replicas of a server, and why others of them cannot be asked; the server itself if it is the only one."""
    cluster, key = sources.cluster, service_of(own.client.url) or (sources.service if own.scrapes else None)
    if cluster is None or key is None:
        return [own], ()
    behind, why = sources.attempt("loaded", partial(_behind, cluster, own.client.endpoint, key))
    if behind is None or len(behind[1]) < 2:
        return [own], why
    endpoint, served = behind
    ready = [one for one in served if one.answers]
    made, fault = sources.attempt("loaded", lambda: [_replica(cluster, own, endpoint, one) for one in ready])
    not_ready = tuple(_not_ready(one.pod) for one in served if not one.answers)
    return [own] if made is None else made, fault + not_ready


def _behind(cluster: Cluster, endpoint: Endpoint, key: Key) -> tuple[Endpoint, tuple[_Served, ...]]:
    """How a Service is reached, and the pods behind it; none if there is no such Service or it selects none."""
    struct = cluster.service(*key)
    if struct is None:
        return endpoint, ()
    if service_of(endpoint.url) is None:  # an ingress or a forwarded port, of which the settings name the Service
        address = web_port(struct)
        reached = Endpoint(address.dns_url) if cluster.inside else cluster.proxy(address)
        endpoint = replace(reached, timeout=endpoint.timeout, limits=endpoint.limits)
    service, wanted = monitoring.service_fact(struct), _port_of(endpoint.url)
    port = next((port for port in service.ports if wanted in (port.name, str(port.number))), Port("", 0, wanted))
    selector = service.selector.items()
    pods = monitoring.pods(cluster, service.namespace) if selector else ()
    served = ((pod, _number(port, pod)) for pod in pods if selector <= pod.labels.items())
    return endpoint, tuple(_Served(pod, number) for pod, number in served if number)


def _port_of(url: str) -> str:
    """The number or the name of the port in the URL of a Service."""
    parts = urlsplit(url)
    proxied = _PROXIED.search(parts.path)
    return (proxied["port"] or "") if proxied else str(parts.port or {"https": 443}.get(parts.scheme, 80))


def _number(port: Port, pod: Pod) -> int | None:
    """The number of the port of a pod to which the port of a Service leads; ``None`` if the pod has no such port."""
    return int(port.target) if port.target.isdecimal() else dict(pod.ports).get(port.target)


def _replica(cluster: Cluster, own: Replica, endpoint: Endpoint, served: _Served) -> Replica:
    """The server in a pod, reached as its Service is."""
    pod, parts = served.pod, urlsplit(endpoint.url)
    if proxied := _PROXIED.search(endpoint.url):
        path = f"/pods/{proxied['scheme'] or ''}{pod.name}:{served.port}/proxy"
        url = shown = f"{endpoint.url[: proxied.start()]}{path}{endpoint.url[proxied.end() :]}"
    else:
        (address, *_), scheme = pod.addresses, "https:" if parts.scheme == "https" else ""
        host = f"[{address}]" if ":" in address else address
        url = f"{parts.scheme}://{host}:{served.port}{parts.path}"
        path = f"/api/v1/namespaces/{pod.namespace}/pods/{scheme}{pod.name}:{served.port}/proxy{parts.path}"
        shown = f"{cluster.url}{path.rstrip('/')}"
    name = f"{pod.namespace}/{pod.name}"
    client = Prometheus(replace(endpoint, url=url), f"{own.client.who} {name}")
    return replace(own, client=client, shown=shown, pod=name)


def _not_ready(pod: Pod) -> Unavailable:
    return Unavailable("loaded", message("gap/replica-not-ready", pod=f"{pod.namespace}/{pod.name}", why=pod.why_not))
