"""Connects to both sides, finding Prometheus in the cluster where no URL is given."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from maintainer.clients.cluster import Cluster, connect
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.objects import ServiceStruct
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.web import Web
from maintainer.collect.sources import Sources, attempt
from maintainer.errors import ConfigError, SourceUnavailable

_LABELS: Sequence[Mapping[str, str]] = (
    {"app": "kube-prometheus-stack-prometheus"},
    {"app": "prometheus", "component": "server"},
    {"app": "prometheus-server"},
    {"app": "prometheus-operator-prometheus"},
    {"app": "rancher-monitoring-prometheus"},
    {"app": "prometheus-prometheus"},
    {"app": "stack-prometheus"},
    {"app.kubernetes.io/name": "prometheus"},
    {"operated-prometheus": "true"},
)
"""Labels that Prometheus' Services have, by the charts and operators that make them."""
_PORTS = ("http", "web", "http-web", "prometheus")
_NOT_A_SERVER = {"alertmanager", "node-exporter", "pushgateway", "kube-state-metrics"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Service that looks like a Prometheus server."""

    namespace: str
    name: str
    port: int

    def __str__(self) -> str:
        return f"http://{self.name}.{self.namespace}.svc:{self.port}"


def open_sources(context: str, kubeconfig: str, endpoint: Endpoint, *, grafana: Endpoint | None = None) -> Sources:
    """All clients, as far as they can be had. A Prometheus without a URL is looked for in the cluster.

    Raises :class:`ConfigError` where more than one Prometheus is found.
    """
    sources = _compared(context, kubeconfig, endpoint)
    return replace(sources, grafana=Web(grafana, "Grafana")) if grafana else sources


def _compared(context: str, kubeconfig: str, endpoint: Endpoint) -> Sources:
    cluster, why = attempt("cluster", lambda: connect(context, kubeconfig))
    if endpoint.url:
        return Sources(cluster, Prometheus(endpoint), why)
    if cluster is None:
        return Sources(None, None, why + attempt("prometheus", _nowhere)[1])
    found, why_not = attempt("prometheus", lambda: _found(cluster, endpoint))
    return Sources(cluster, found, why + why_not)


def _nowhere() -> Prometheus:
    raise SourceUnavailable("prometheus-no-url")


def _found(cluster: Cluster, endpoint: Endpoint) -> Prometheus:
    candidates = find_prometheus(cluster.services())
    if not candidates:
        raise SourceUnavailable("prometheus-not-found", permanent=True)
    if len(candidates) > 1:
        raise ConfigError(
            "more than one Prometheus is in the cluster; name one with --prometheus-url or prometheus.url:\n"
            + "\n".join(f"  {candidate}" for candidate in candidates)
        )
    only = candidates[0]
    if cluster.inside:
        return Prometheus(replace(endpoint, url=str(only)))
    proxied = cluster.proxy(only.namespace, only.name, str(only.port))
    # The API server passes on what it does not need itself, such as the header that names a tenant.
    return Prometheus(
        replace(
            proxied,
            headers=lambda: {**endpoint.headers(), **proxied.headers()},
            timeout=endpoint.timeout,
            parameters=endpoint.parameters,
        )
    )


def find_prometheus(services: Iterable[ServiceStruct]) -> tuple[Candidate, ...]:
    """The Services that are Prometheus servers, each server once.

    An operator puts a headless Service beside the one that people use: it counts only where it is alone.
    """
    alike = [one for one in services if _looks_right(one)]
    usable = [one for one in alike if one.spec.cluster_ip != "None"]
    alone = [one for one in alike if not any(one.metadata.namespace == other.metadata.namespace for other in usable)]
    return tuple(sorted((_candidate(one) for one in (*usable, *alone)), key=str))


def _looks_right(service: ServiceStruct) -> bool:
    labels = service.metadata.labels
    if any(word in service.metadata.name or labels.get("component") == word for word in _NOT_A_SERVER):
        return False
    return any(wanted.items() <= labels.items() for wanted in _LABELS)


def _candidate(service: ServiceStruct) -> Candidate:
    ports = service.spec.ports
    named = [one.port for one in ports if one.name in _PORTS]
    port = next(iter(named), None) or next((one.port for one in ports), 9090)
    return Candidate(service.metadata.namespace, service.metadata.name, port)
