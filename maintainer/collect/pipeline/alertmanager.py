"""Finds an Alertmanager that this process can reach and reads its routes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing

import msgspec

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.objects import ServiceStruct
from maintainer.clients.web import Web
from maintainer.collect.pipeline.configs import alertmanager_config
from maintainer.collect.pipeline.same_service import services_behind
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
_TIMEOUT = 10.0
_MAX_TRIED = 2
"""The Alertmanagers of a group have the same configuration; an unreachable Alertmanager costs 15 seconds."""


class _Config(msgspec.Struct):
    original: str


class _Status(msgspec.Struct):
    config: _Config


def alertmanager(sources: Sources, url: str, *, active: Sequence[str]) -> Alertmanager:
    """The routes and receivers of the Alertmanager at ``url``.

    With ``url`` "" it is the first that can be reached of ``active``, the URLs to which Prometheus sends alerts. From
    outside the cluster it may also be the Service behind one of them, through the API server. Raises
    :class:`SourceUnavailable` if none can be reached: another Alertmanager of the cluster has other routes.
    """
    if url:
        return _read(Endpoint(url, timeout=_TIMEOUT, limits=sources.limits))
    cluster = None if sources.cluster is None or sources.cluster.inside else sources.cluster
    services, _ = sources.attempt("services", cluster.services) if cluster else ((), ())
    candidates = find_alertmanager(services or ())
    first_error: SourceUnavailable | None = None
    for endpoint in _endpoints(sources, active, services=services or (), candidates=candidates):
        try:
            return _read(endpoint)
        except SourceUnavailable as error:
            first_error = first_error or error
    names = ", ".join("/".join((service.metadata.namespace, service.metadata.name)) for service in candidates)
    raise SourceUnavailable(
        "other-alertmanager" if names else "no-alertmanager",
        urls=", ".join(active) or "-",
        detail=_detail(first_error) if first_error else "no address",
        names=names,
    )


def _detail(error: SourceUnavailable) -> str:
    return str(error.params.get("detail") or error.params.get("said") or error.reason)


def _endpoints(
    sources: Sources, active: Sequence[str], *, services: Sequence[ServiceStruct], candidates: Sequence[ServiceStruct]
) -> Iterator[Endpoint]:
    """The endpoints to try, in this order. None gets the credentials that are meant for another server."""
    tried = active[:_MAX_TRIED]
    yield from (Endpoint(address, timeout=_TIMEOUT, limits=sources.limits) for address in tried)
    if sources.cluster and services:
        behind = services_behind(sources.cluster, tried, services=services, candidates=candidates[:_MAX_TRIED])
        yield from map(sources.cluster.proxy, behind)


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
