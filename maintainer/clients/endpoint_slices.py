"""The addresses behind a Service, from its EndpointSlices."""

from typing import NamedTuple

import msgspec

from maintainer.clients.cluster import Cluster
from maintainer.clients.objects import ListMeta

_SLICES = "discovery.k8s.io/v1", "endpointslices"


class ServedPort(NamedTuple):
    """A port of a pod behind a Service; ``name`` is that of the Service's port."""

    address: str
    port: int
    name: str


class _Port(msgspec.Struct):
    name: str | None = None
    port: int | None = None


class _Endpoint(msgspec.Struct):
    addresses: list[str] = []


class _Slice(msgspec.Struct):
    endpoints: list[_Endpoint] | None = None
    ports: list[_Port] | None = None


class _SlicePage(msgspec.Struct):
    metadata: ListMeta
    items: list[_Slice]


def served_ports(cluster: Cluster, namespace: str, name: str) -> tuple[ServedPort, ...]:
    """The ports of all pods behind a Service. Raises :class:`SourceUnavailable`."""
    selector = f"kubernetes.io/service-name={name}"
    return tuple(
        ServedPort(address, port.port, port.name or "")
        for page in cluster.pages(_SLICES, namespace, type_=_SlicePage, selector=selector)
        for part in page.items
        for endpoint in part.endpoints or ()
        for address in endpoint.addresses
        for port in part.ports or ()
        if port.port
    )
