"""Connects to the cluster, Prometheus and Grafana. Without a URL, Prometheus is looked up in the cluster."""

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
"""The labels that charts and operators give to Prometheus' Service."""
_PORTS = ("http", "web", "http-web", "prometheus")
_OTHER_COMPONENTS = {"alertmanager", "node-exporter", "pushgateway", "kube-state-metrics"}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Service that looks like a Prometheus server."""

    namespace: str
    name: str
    port: int

    def __str__(self) -> str:
        return f"http://{self.name}.{self.namespace}.svc:{self.port}"


def open_sources(
    context: str,
    kubeconfig: str,
    *,
    endpoint: Endpoint,
    grafana: Endpoint | None = None,
    ruler: Endpoint | None = None,
) -> Sources:
    """Open all clients; what cannot be opened is in ``unavailable``.

    ``context`` and ``kubeconfig`` are those of :func:`maintainer.clients.cluster.connect`. An ``endpoint`` without a
    URL is completed by a look-up in the cluster. Raises :class:`ConfigError` if that finds more than one Prometheus.
    """
    sources = _cluster_and_prometheus(context, kubeconfig, endpoint=endpoint)
    return replace(
        sources,
        grafana=Web(grafana, "Grafana") if grafana else None,
        ruler=Prometheus(ruler, "The ruler") if ruler else None,
    )


def _cluster_and_prometheus(context: str, kubeconfig: str, *, endpoint: Endpoint) -> Sources:
    cluster, why = attempt("cluster", lambda: connect(context, kubeconfig))
    if endpoint.url:
        return Sources(cluster, Prometheus(endpoint), why)
    if cluster is None:
        return Sources(None, None, why + attempt("prometheus", _without_url)[1])
    prometheus, why_not = attempt("prometheus", lambda: _prometheus_of(cluster, endpoint))
    return Sources(cluster, prometheus, why + why_not)


def _without_url() -> Prometheus:
    raise SourceUnavailable("prometheus-no-url")


def _prometheus_of(cluster: Cluster, endpoint: Endpoint) -> Prometheus:
    candidates = find_prometheus(cluster.services())
    if not candidates:
        raise SourceUnavailable("prometheus-not-found", permanent=True)
    if len(candidates) > 1:
        raise ConfigError(
            "more than one Prometheus is in the cluster; name one with --prometheus-url or prometheus.url:\n"
            + "\n".join(f"  {candidate}" for candidate in candidates)
        )
    service = candidates[0]
    if cluster.inside:
        return Prometheus(replace(endpoint, url=str(service)))
    proxied = cluster.proxy(service.namespace, service.name, str(service.port))
    # The API server forwards headers that it does not use itself, such as the header that names a tenant.
    return Prometheus(
        replace(
            proxied,
            headers=lambda: {**endpoint.headers(), **proxied.headers()},
            timeout=endpoint.timeout,
            parameters=endpoint.parameters,
        )
    )


def find_prometheus(services: Iterable[ServiceStruct]) -> tuple[Candidate, ...]:
    """The Services that look like a Prometheus server, without a second Service of the same server.

    An operator creates a headless Service in addition to the usual one, so a headless Service counts only if its
    namespace has no other.
    """
    matching = [service for service in services if _is_prometheus(service)]
    with_address = [service for service in matching if service.spec.cluster_ip != "None"]
    served = {service.metadata.namespace for service in with_address}
    headless = [service for service in matching if service.metadata.namespace not in served]
    return tuple(sorted(map(_candidate, (*with_address, *headless)), key=str))


def _is_prometheus(service: ServiceStruct) -> bool:
    name, labels = service.metadata.name, service.metadata.labels
    if any(component in name or labels.get("component") == component for component in _OTHER_COMPONENTS):
        return False
    return any(expected.items() <= labels.items() for expected in _LABELS)


def _candidate(service: ServiceStruct) -> Candidate:
    ports = service.spec.ports
    numbers = [port.port for port in ports if port.name in _PORTS] or [port.port for port in ports] or [9090]
    return Candidate(service.metadata.namespace, service.metadata.name, numbers[0])
