"""What Kubernetes has around the controller and around Prometheus, each source on its own."""

import re
from functools import partial
from urllib.parse import urlsplit

from maintainer.clients import monitoring
from maintainer.clients.cluster import Cluster
from maintainer.collect.connections import find_prometheus
from maintainer.collect.sources import SourceReader, Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Key
from maintainer.model.pipeline import ControllerState, Pod
from maintainer.model.scope import Scope

LEASE = "argo-rollouts-controller-lock"
_IN_CLUSTER = re.compile(r"([^.]+)\.([^.]+)\.svc(\..+)?")
_PROXIED = re.compile(r"/api/v1/namespaces/([^/]+)/services/(?:https?:)?([^/:]+)(?::[^/]*)?/proxy.*")


def controller_state(sources: Sources, scope: Scope) -> ControllerState:
    """The controller's Service, its pods, its ready endpoints and its Lease, as they are now."""
    cluster, ask = sources.cluster, SourceReader()
    if cluster is None:
        return ControllerState()
    namespace = scope.controller_namespace
    service = ask("services", partial(monitoring.service, cluster, namespace, scope.service))
    pods = ask("pods", partial(monitoring.pods, cluster, namespace))
    ready = ask("endpointslices", partial(monitoring.ready_endpoints, cluster, namespace, scope.service))
    lease, holder = ask("leases", partial(_leader, cluster, scope)) or ("", "")
    return ControllerState(
        looked=True, service=service, pods=pods, ready=ready, lease=lease, holder=holder, unavailable=ask.unavailable
    )


def _leader(cluster: Cluster, scope: Scope) -> tuple[str, str]:
    """The controller's Lease and its holder; before v1.10.0 its name does not hold the instance id."""
    for name in (f"{LEASE}-{scope.instance_id}", LEASE) if scope.instance_id else (LEASE,):
        if holder := monitoring.lease_holder(cluster, scope.controller_namespace, name):
            return name, holder
    return "", ""


def pods_of_prometheus(cluster: Cluster, url: str) -> tuple[Pod, ...]:
    """The pods that Prometheus runs in. Raises :class:`SourceUnavailable` where that cannot be told."""
    namespace, name = service_of(url) or _only_prometheus(cluster, url)
    service = monitoring.service(cluster, namespace, name)
    selector = service.selector.items() if service else ()
    pods = tuple(pod for pod in monitoring.pods(cluster, namespace) if selector and selector <= pod.labels.items())
    if not pods:
        raise SourceUnavailable("no-prometheus-pods", permanent=True, namespace=namespace, service=name)
    return pods


def service_of(url: str) -> Key | None:
    """The Service that a URL names, by a name of the cluster's or by the API server's proxy."""
    parts = urlsplit(url)
    if found := _PROXIED.fullmatch(parts.path):
        return found[1], found[2]
    found = _IN_CLUSTER.fullmatch(parts.hostname or "")
    return (found[2], found[1]) if found else None


def _only_prometheus(cluster: Cluster, url: str) -> Key:
    candidates = find_prometheus(cluster.services())
    if len(candidates) != 1:
        raise SourceUnavailable("no-prometheus-service", permanent=True, url=url, count=len(candidates))
    return candidates[0].namespace, candidates[0].name
