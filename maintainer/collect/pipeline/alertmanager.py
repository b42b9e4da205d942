"""Finds an Alertmanager that this process can reach and reads its routes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing

import msgspec

from maintainer.clients.cluster import Cluster
from maintainer.clients.endpoint import Endpoint, ServiceAddress
from maintainer.clients.objects import ServiceStruct
from maintainer.clients.web import Web
from maintainer.collect.pipeline.configs import alertmanager_config
from maintainer.collect.sources import Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.pipeline import Alertmanager

_LABELS: Sequence[Mapping[str, str]] = (
    {"app.kubernetes.io/name": "alertmanager"},
    {"app": "alertmanager"},
    {"app": "kube-prometheus-stack-alertmanager"},
    {"app": "prometheus", "component": "alertmanager"},
    {"operated-alertmanager": "true"},
)
"""The labels that charts and operators give to Alertmanager's Service."""
_PORTS = ("http", "web", "http-web")
_MAX_TRIED = 2
"""The Alertmanagers of a group have the same configuration; an unreachable Alertmanager costs 15 seconds."""


class _Config(msgspec.Struct):
    original: str


class _Status(msgspec.Struct):
    config: _Config


def alertmanager(sources: Sources, url: str, *, active: Sequence[str]) -> Alertmanager:
    """The routes and receivers of the Alertmanager at ``url``.

    With ``url`` "" it is the first that can be reached of ``active``, the URLs to which Prometheus sends alerts, and of
    the Alertmanager behind the API server's proxy. Raises :class:`SourceUnavailable` if none can be reached.
    """
    first_error: SourceUnavailable | None = None
    for endpoint in _endpoints(sources, url, active=active):
        try:
            return _read(endpoint)
        except SourceUnavailable as error:
            first_error = first_error or error
    if url and first_error:
        raise first_error
    detail = _detail(first_error) if first_error else "no address"
    raise SourceUnavailable("no-alertmanager", urls=", ".join(active) or "-", detail=detail)


def _detail(error: SourceUnavailable) -> str:
    return str(error.params.get("detail") or error.params.get("said") or error.reason)


def _endpoints(sources: Sources, url: str, *, active: Sequence[str]) -> Iterator[Endpoint]:
    """The endpoints to try, in this order. None gets the credentials that are meant for another server."""
    if url:
        yield Endpoint(url, timeout=10.0, limits=sources.limits)
        return
    yield from (Endpoint(address, timeout=10.0, limits=sources.limits) for address in active[:_MAX_TRIED])
    if sources.cluster and not sources.cluster.inside:
        yield from _proxied(sources.cluster)


def _proxied(cluster: Cluster) -> Iterator[Endpoint]:
    """The API server's proxy to the only Service that looks like Alertmanager; nothing if there are several."""
    services = find_alertmanager(cluster.services())
    if len(services) == 1:
        spec, meta = services[0].spec, services[0].metadata
        ports = (
            [port.port for port in spec.ports if port.name in _PORTS] or [port.port for port in spec.ports] or [9093]
        )
        yield cluster.proxy(ServiceAddress(meta.namespace, meta.name, str(ports[0])))


def find_alertmanager(services: Iterable[ServiceStruct]) -> tuple[ServiceStruct, ...]:
    """The Services that look like Alertmanager; headless Services only if there is no other.

    An operator creates a headless Service in addition to the usual one.
    """
    matching = [service for service in services if _is_alertmanager(service)]
    with_address = [service for service in matching if service.spec.cluster_ip != "None"]
    return tuple(with_address or matching)


def _is_alertmanager(service: ServiceStruct) -> bool:
    meta = service.metadata
    return meta.name == "alertmanager" or any(labels.items() <= meta.labels.items() for labels in _LABELS)


def _read(endpoint: Endpoint) -> Alertmanager:
    with closing(Web(endpoint, "Alertmanager")) as web:
        return alertmanager_config(web.get("api/v2/status", _Status).config.original, web.url)
