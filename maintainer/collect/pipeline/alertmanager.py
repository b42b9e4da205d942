"""Finds an Alertmanager that can be reached from here and reads its routes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing

import msgspec

from maintainer.clients.cluster import Cluster
from maintainer.clients.endpoint import Endpoint
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
"""Labels that Alertmanager's Services have, by the charts and operators that make them."""
_PORTS = ("http", "web", "http-web")
_MOST = 2
"""Of a group that shares its configuration, so many are tried; each that is out of reach costs a quarter minute."""


class _Config(msgspec.Struct):
    original: str


class _Status(msgspec.Struct):
    config: _Config


def alertmanager(sources: Sources, url: str, active: Sequence[str]) -> Alertmanager:
    """The routes of the Alertmanager at ``url``, else of those that Prometheus sends to, else behind the API's proxy.

    Raises :class:`SourceUnavailable` where none can be reached.
    """
    why: SourceUnavailable | None = None
    for endpoint in _endpoints(sources, url, active):
        try:
            return _read(endpoint)
        except SourceUnavailable as error:
            why = why or error
    if url and why:
        raise why
    detail = str(why.params.get("detail") or why.params.get("said") or why.reason) if why else "no address"
    raise SourceUnavailable("no-alertmanager", urls=", ".join(active) or "-", detail=detail)


def _endpoints(sources: Sources, url: str, active: Sequence[str]) -> Iterator[Endpoint]:
    """Where to look, in order; none with the credentials of another server."""
    if url:
        yield Endpoint(url, timeout=10.0)
        return
    yield from (Endpoint(one, timeout=10.0) for one in active[:_MOST])
    if sources.cluster and not sources.cluster.inside:
        yield from _proxied(sources.cluster)


def _proxied(cluster: Cluster) -> Iterator[Endpoint]:
    """The API server's proxy to the one Service that looks like Alertmanager; of several none is chosen."""
    found = find_alertmanager(cluster.services())
    if len(found) == 1:
        spec, meta = found[0].spec, found[0].metadata
        ports = [one.port for one in spec.ports if one.name in _PORTS] or [one.port for one in spec.ports] or [9093]
        yield cluster.proxy(meta.namespace, meta.name, str(ports[0]))


def find_alertmanager(services: Iterable[ServiceStruct]) -> tuple[ServiceStruct, ...]:
    """The Services that are Alertmanagers; a headless one counts only where there is no other."""
    alike = [
        one
        for one in services
        if one.metadata.name == "alertmanager" or any(want.items() <= one.metadata.labels.items() for want in _LABELS)
    ]
    usable = [one for one in alike if one.spec.cluster_ip != "None"]
    return tuple(usable or alike)


def _read(endpoint: Endpoint) -> Alertmanager:
    with closing(Web(endpoint, "Alertmanager")) as web:
        return alertmanager_config(web.get("api/v2/status", _Status).config.original, web.url)
