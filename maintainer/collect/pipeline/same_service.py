"""Which Services of the cluster are certainly behind a URL: by its DNS name, its cluster IP, or a pod's address."""

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from maintainer.clients.cluster import Cluster
from maintainer.clients.endpoint import ServiceAddress
from maintainer.clients.endpoint_slices import served_ports
from maintainer.clients.objects import ServiceStruct
from maintainer.collect.sources import attempt
from maintainer.model.facts import Key
from maintainer.model.guard import unguarded

_DEFAULT_PORTS = {"http": 80, "https": 443}


def services_behind(
    cluster: Cluster, urls: Iterable[str], *, services: Sequence[ServiceStruct], candidates: Sequence[ServiceStruct]
) -> Iterator[ServiceAddress]:
    """The Services that are behind the URLs, with their ports and paths.

    ``services`` are all of the cluster. ``candidates`` are those among whose pods an address is looked for.
    """
    for url in urls:
        try:
            parts = urlsplit(url)
            host, number = parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
        except ValueError:  # a port that is no number
            continue
        if not host:
            continue
        named = [service for service in services if _key(service) == _named(host) or service.spec.cluster_ip == host]
        for service in (*named, *candidates):
            if port := _port(cluster, service, host, number=number, certain=service in named):
                yield ServiceAddress(*_key(service), str(port), parts.path.rstrip("/"), parts.scheme)
                break


def _key(service: ServiceStruct) -> Key:
    return service.metadata.namespace, service.metadata.name


def _named(host: str) -> Key | None:
    """Namespace and name in ``name.namespace.svc…``, ``pod.name.namespace.svc…`` or ``name.namespace``."""
    words = host.split(".")
    if "svc" in words[2:]:
        words = words[: words.index("svc", 2)]
    elif len(words) != 2:
        return None
    return words[-1], words[-2]


def _port(cluster: Cluster, service: ServiceStruct, host: str, *, number: int, certain: bool) -> int | None:
    """The port of the Service that leads to this port of the host; ``None`` if none does.

    ``certain``: the host is the Service itself, or a pod of it that its name says. A headless Service has no ports of
    its own: those of its pods are used.
    """
    ports = {port.name: port.port for port in service.spec.ports}
    if certain and number in ports.values():
        return number
    served, _ = attempt("endpointslices", lambda: served_ports(cluster, *_key(service)), unguarded)
    for pod in served or ():
        if pod.port == number and (certain or pod.address == host) and pod.name in ports:
            return ports[pod.name]
    return None
