"""The Kubernetes objects on the metrics' way as typed structs, and the facts that are read of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from maintainer.clients.cluster import Cluster
from maintainer.clients.objects import ServiceStruct
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Key
from maintainer.model.pipeline import Permission, Pod, Port, Service

_REVIEWS = "authorization.k8s.io/v1", "subjectaccessreviews"


class _Managed(msgspec.Struct):
    time: datetime | None = None


class _Meta(msgspec.Struct, rename="camel"):
    name: str
    namespace: str = ""
    labels: dict[str, str] = {}
    managed_fields: list[_Managed] = []

    @property
    def changed(self) -> datetime | None:
        """When the object was last written, as far as its managers tell."""
        return max((one.time for one in self.managed_fields if one.time), default=None)


class _ListMeta(msgspec.Struct):
    next_page: str = msgspec.field(name="continue", default="")


class _ContainerPort(msgspec.Struct, rename="camel"):
    container_port: int
    name: str = ""


class _Container(msgspec.Struct):
    image: str = ""
    command: list[str] = []
    args: list[str] = []
    ports: list[_ContainerPort] = []


class _ConfigMapVolume(msgspec.Struct):
    name: str = ""


class _Projection(msgspec.Struct, rename="camel"):
    config_map: _ConfigMapVolume | None = None


class _Projected(msgspec.Struct):
    sources: list[_Projection] | None = None


class _Volume(msgspec.Struct, rename="camel"):
    config_map: _ConfigMapVolume | None = None
    projected: _Projected | None = None


class _PodSpec(msgspec.Struct, rename="camel"):
    containers: list[_Container] = []
    volumes: list[_Volume] = []
    service_account_name: str = ""


class _PodIp(msgspec.Struct):
    ip: str = ""


class _PodCondition(msgspec.Struct):
    type: str
    status: str
    reason: str = ""
    message: str = ""


class _PodStatus(msgspec.Struct, rename="camel"):
    phase: str = ""
    pod_ips: list[_PodIp] = msgspec.field(name="podIPs", default=[])
    conditions: list[_PodCondition] = []


class _PodStruct(msgspec.Struct):
    metadata: _Meta
    spec: _PodSpec
    status: _PodStatus = msgspec.field(default_factory=_PodStatus)


class _PodPage(msgspec.Struct):
    metadata: _ListMeta
    items: list[_PodStruct]


class _EndpointConditions(msgspec.Struct):
    ready: bool | None = None


class _EndpointStruct(msgspec.Struct):
    conditions: _EndpointConditions = msgspec.field(default_factory=_EndpointConditions)


class _Slice(msgspec.Struct):
    endpoints: list[_EndpointStruct] | None = None


class _SlicePage(msgspec.Struct):
    metadata: _ListMeta
    items: list[_Slice]


class _LeaseSpec(msgspec.Struct, rename="camel"):
    holder_identity: str | None = None


class _Lease(msgspec.Struct):
    spec: _LeaseSpec = msgspec.field(default_factory=_LeaseSpec)


class Held(msgspec.Struct):
    """A ConfigMap or a PrometheusRule: its texts, or its groups of rules."""

    metadata: _Meta
    data: dict[str, str] = {}
    spec: dict[str, Any] = {}


class _HeldPage(msgspec.Struct):
    metadata: _ListMeta
    items: list[Held]


class _ReviewStatus(msgspec.Struct, rename="camel"):
    allowed: bool
    evaluation_error: str = ""


class _Review(msgspec.Struct):
    status: _ReviewStatus


def service(cluster: Cluster, namespace: str, name: str) -> Service | None:
    """One Service; ``None`` where there is none of that name."""
    found = cluster.one(("v1", "services"), (namespace, name), ServiceStruct)
    return service_fact(found) if found else None


def service_fact(found: ServiceStruct) -> Service:
    """The facts of a Service; a port that names no other leads to the same number."""
    ports = tuple(Port(one.name, one.port, str(one.target_port or one.port)) for one in found.spec.ports)
    return Service(found.metadata.namespace, found.metadata.name, found.spec.selector, ports)


def pods(cluster: Cluster, namespace: str) -> tuple[Pod, ...]:
    """The pods of a namespace that are not over."""
    return tuple(
        _pod(one)
        for page in cluster.pages(("v1", "pods"), namespace, _PodPage)
        for one in page.items
        if one.status.phase not in {"Succeeded", "Failed"}
    )


def ready_endpoints(cluster: Cluster, namespace: str, name: str) -> int:
    """How many endpoints of a Service are ready; one that does not say counts as ready, as in the API."""
    selector = f"kubernetes.io/service-name={name}"
    slices = cluster.pages(("discovery.k8s.io/v1", "endpointslices"), namespace, _SlicePage, selector=selector)
    found = [one for page in slices for each in page.items for one in each.endpoints or ()]
    return sum(one.conditions.ready is not False for one in found)


def lease_holder(cluster: Cluster, namespace: str, name: str) -> str:
    """The pod that holds a Lease: an identity is the pod's name and a UUID. "" where nobody does."""
    found = cluster.one(("coordination.k8s.io/v1", "leases"), (namespace, name), _Lease)
    return (found.spec.holder_identity or "").rpartition("_")[0] if found else ""


def config_map(cluster: Cluster, namespace: str, name: str) -> Held | None:
    """One ConfigMap with the time of its last change."""
    return cluster.one(("v1", "configmaps"), (namespace, name), Held)


def prometheus_rules(cluster: Cluster) -> tuple[Held, ...]:
    """All PrometheusRules; none where the API does not know them."""
    resource = "monitoring.coreos.com/v1", "prometheusrules"
    try:
        return tuple(one for page in cluster.pages(resource, "", _HeldPage) for one in page.items)
    except SourceUnavailable as error:
        if error.reason == "cluster-no-resource":
            return ()
        raise


def may(cluster: Cluster, account: Key, right: Permission) -> bool:
    """Whether a ServiceAccount has a right. Asking changes nothing."""
    namespace, name = account
    wanted = {"verb": right.verb, "group": right.group, "resource": right.resource, "namespace": right.namespace}
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
    spec = {
        "user": f"system:serviceaccount:{namespace}:{name}",
        "groups": groups,
        "resourceAttributes": {key: value for key, value in wanted.items() if value},
    }
    body = {"apiVersion": _REVIEWS[0], "kind": "SubjectAccessReview", "spec": spec}
    answer = cluster.create(_REVIEWS, body, _Review).status
    if answer.evaluation_error and not answer.allowed:
        raise SourceUnavailable("cluster-no-review", said=answer.evaluation_error)
    return answer.allowed


def _pod(one: _PodStruct) -> Pod:
    containers = one.spec.containers
    ready = next((each for each in one.status.conditions if each.type == "Ready"), None)
    return Pod(
        namespace=one.metadata.namespace,
        name=one.metadata.name,
        labels=one.metadata.labels,
        addresses=tuple(each.ip for each in one.status.pod_ips),
        ports=tuple((port.name, port.container_port) for each in containers for port in each.ports),
        images=tuple(each.image for each in containers),
        words=tuple(word for each in containers for word in (*each.command, *each.args)),
        config_maps=tuple(dict.fromkeys(_mounted(one.spec.volumes))),
        account=one.spec.service_account_name or "default",
        ready=ready is not None and ready.status == "True",
        why_not=": ".join(part for part in (ready.reason, ready.message) if part) if ready else one.status.phase,
    )


def _mounted(volumes: list[_Volume]) -> Iterator[str]:
    for one in volumes:
        sources = one.projected.sources if one.projected else None
        for volume in (one.config_map, *(each.config_map for each in sources or ())):
            if volume and volume.name:
                yield volume.name
