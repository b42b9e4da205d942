"""Connects to the cluster, Prometheus and Grafana. Without a URL, Prometheus is looked up in the cluster."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from maintainer.clients.cluster import Cluster
from maintainer.clients.endpoint import Endpoint, ServiceAddress
from maintainer.clients.objects import ServiceStruct
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.proxies import require_usable_proxy
from maintainer.clients.web import Web
from maintainer.collect.sources import Sources, attempt
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.model.facts import Unavailable
from maintainer.model.guard import Guard, unguarded
from maintainer.model.message import message

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
class PrometheusAccess:
    """How Prometheus is reached: ``endpoint`` has its URL and credentials.

    ``service`` is the Service of Prometheus that the settings name. Without a URL it is reached there, through the API
    server; without both it is looked up in the cluster. ``ruler`` is the server that evaluates the rules in its place.
    """

    endpoint: Endpoint
    service: ServiceAddress | None = None
    ruler: Endpoint | None = None


def open_sources(
    connect: Callable[[], Cluster],
    *,
    prometheus: PrometheusAccess,
    grafana: Endpoint | None = None,
    guard: Guard = unguarded,
) -> Sources:
    """Open all clients; what cannot be opened is in ``unavailable``.

    ``connect`` makes the client of the cluster. Raises :class:`ConfigError` if a look-up finds more than one
    Prometheus, if its credentials cannot pass the API server, or if the environment names a proxy that cannot be used.
    """
    for endpoint in (prometheus.endpoint, prometheus.ruler, grafana):
        if endpoint and endpoint.url:
            require_usable_proxy(endpoint.url)
    sources = _cluster_and_prometheus(connect, access=prometheus, guard=guard)
    named = prometheus.service
    return replace(
        sources,
        grafana=Web(grafana, "Grafana") if grafana else None,
        ruler=Prometheus(prometheus.ruler, "The ruler") if prometheus.ruler else None,
        service=(named.namespace, named.name) if named else None,
        guard=guard,
        limits=prometheus.endpoint.limits,
    )


def _cluster_and_prometheus(connect: Callable[[], Cluster], *, access: PrometheusAccess, guard: Guard) -> Sources:
    cluster, why = attempt("cluster", connect, guard)
    if access.endpoint.url:
        return Sources(cluster, Prometheus(access.endpoint), why)
    if cluster is None:
        return Sources(None, None, _without_access(why))
    prometheus, why_not = attempt("prometheus", lambda: _prometheus_of(cluster, access), guard)
    return Sources(cluster, prometheus, why + why_not)


def _without_access(why: Iterable[Unavailable]) -> tuple[Unavailable, ...]:
    """Why neither the cluster nor Prometheus, which is looked up there, is known: a single cause."""
    causes = [replace(fact, reason=message("gap/no-access", why=fact.reason)) for fact in why]
    return tuple(replace(cause, source=source) for source in ("cluster", "prometheus") for cause in causes)


def _prometheus_of(cluster: Cluster, access: PrometheusAccess) -> Prometheus:
    endpoint = access.endpoint
    service = _with_port(cluster, access.service) if access.service else _only_candidate(cluster)
    if cluster.inside and access.service is None:
        return Prometheus(replace(endpoint, url=service.dns_url))
    if endpoint.basic or any(name.lower() == "authorization" for name in endpoint.headers()):
        raise ConfigError(
            f"Prometheus is reached through the API server ({service}), which removes the credentials of a request: "
            "prometheus.basicAuth, prometheus.bearerTokenFile and a header Authorization do not pass. Give "
            "--prometheus-url with a URL that this machine reaches, such as that of kubectl port-forward"
        )
    proxied = cluster.proxy(service)
    # The API server forwards headers that it does not use itself, such as the header that names a tenant.
    return Prometheus(
        replace(
            proxied,
            headers=lambda: {**endpoint.headers(), **proxied.headers()},
            timeout=endpoint.timeout,
            parameters=endpoint.parameters,
            limits=endpoint.limits,
        )
    )


def _only_candidate(cluster: Cluster) -> ServiceAddress:
    candidates = find_prometheus(cluster.services())
    if not candidates:
        raise SourceUnavailable("prometheus-not-found", permanent=True)
    if len(candidates) > 1:
        raise ConfigError(
            "more than one Prometheus is in the cluster; name one, with --prometheus-service "
            "NAMESPACE/NAME[:PORT][/PATH] or prometheus.service:\n"
            + "\n".join(f"  --prometheus-service {candidate}" for candidate in candidates)
        )
    return candidates[0]


def _with_port(cluster: Cluster, service: ServiceAddress) -> ServiceAddress:
    """The Service with its port, which is looked up where the settings do not name it."""
    if service.port:
        return service
    found = cluster.service(service.namespace, service.name)
    if found is None:
        name = f"{service.namespace}/{service.name}"
        raise SourceUnavailable("prometheus-no-service", permanent=True, service=name)
    port = web_port(found)
    return replace(port, path=service.path, scheme=service.scheme or port.scheme)


def find_prometheus(services: Iterable[ServiceStruct]) -> tuple[ServiceAddress, ...]:
    """The Services that look like a Prometheus server, without a second Service of the same server.

    An operator creates a headless Service in addition to the usual one, so a headless Service counts only if its
    namespace has no other.
    """
    matching = [service for service in services if _is_prometheus(service)]
    with_address = [service for service in matching if service.spec.cluster_ip != "None"]
    served = {service.metadata.namespace for service in with_address}
    headless = [service for service in matching if service.metadata.namespace not in served]
    return tuple(sorted(map(web_port, (*with_address, *headless)), key=str))


def _is_prometheus(service: ServiceStruct) -> bool:
    name, labels = service.metadata.name, service.metadata.labels
    if any(component in name or labels.get("component") == component for component in _OTHER_COMPONENTS):
        return False
    return any(expected.items() <= labels.items() for expected in _LABELS)


def web_port(service: ServiceStruct) -> ServiceAddress:
    """The Service with the port of the web interface, by its name."""
    ports = service.spec.ports
    chosen = [port for port in ports if port.name in _PORTS] or list(ports)
    port = chosen[0] if chosen else None
    scheme = "https" if port and "https" in port.name else ""
    return ServiceAddress(
        service.metadata.namespace, service.metadata.name, str(port.port if port else 9090), scheme=scheme
    )
