"""The Kubernetes objects between the controller and Prometheus, as typed structs and as facts.

All functions raise :class:`SourceUnavailable`, as :class:`Cluster` does.
"""

from collections.abc import Iterator, Mapping

import msgspec

from maintainer.clients.cluster import Cluster
from maintainer.clients.decoding import Moment
from maintainer.clients.objects import ListMeta, ServiceStruct
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Key
from maintainer.model.pipeline import Permission, Pod, Port, Service
from maintainer.model.secret_text import bare_urls

_CERTIFICATES = "kube-root-ca.crt", "openshift-service-ca.crt"
"""ConfigMaps that Kubernetes and OpenShift put in every namespace and mount into every pod."""
_REVIEWS = "authorization.k8s.io/v1", "subjectaccessreviews"


class _PodMeta(msgspec.Struct):
    name: str
    namespace: str = ""
    labels: dict[str, str] = {}


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


class _ClaimVolume(msgspec.Struct, rename="camel"):
    claim_name: str = ""


class _Volume(msgspec.Struct, rename="camel"):
    config_map: _ConfigMapVolume | None = None
    persistent_volume_claim: _ClaimVolume | None = None
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


class _Running(msgspec.Struct, rename="camel"):
    started_at: Moment


class _ContainerState(msgspec.Struct):
    running: _Running | None = None


class _ContainerStatus(msgspec.Struct):
    state: _ContainerState = msgspec.field(default_factory=_ContainerState)


class _PodStatus(msgspec.Struct, rename="camel"):
    phase: str = ""
    pod_ips: list[_PodIp] = msgspec.field(name="podIPs", default=[])
    conditions: list[_PodCondition] = []
    container_statuses: list[_ContainerStatus] = []


class _PodStruct(msgspec.Struct):
    metadata: _PodMeta
    spec: _PodSpec
    status: _PodStatus = msgspec.field(default_factory=_PodStatus)


class _PodPage(msgspec.Struct):
    metadata: ListMeta
    items: list[_PodStruct]


class _EndpointConditions(msgspec.Struct):
    ready: bool | None = None


class _EndpointStruct(msgspec.Struct):
    conditions: _EndpointConditions = msgspec.field(default_factory=_EndpointConditions)


class _Slice(msgspec.Struct):
    endpoints: list[_EndpointStruct] | None = None


class _SlicePage(msgspec.Struct):
    metadata: ListMeta
    items: list[_Slice]


class _LeaseSpec(msgspec.Struct, rename="camel"):
    holder_identity: str | None = None


class _Lease(msgspec.Struct):
    spec: _LeaseSpec = msgspec.field(default_factory=_LeaseSpec)


class _NamespaceMeta(msgspec.Struct):
    name: str
    labels: dict[str, str] = {}


class _NamespaceStruct(msgspec.Struct):
    metadata: _NamespaceMeta


class _NamespacePage(msgspec.Struct):
    metadata: ListMeta
    items: list[_NamespaceStruct]


class _ReviewStatus(msgspec.Struct, rename="camel"):
    allowed: bool
    evaluation_error: str = ""


class _Review(msgspec.Struct):
    status: _ReviewStatus


def service(cluster: Cluster, namespace: str, name: str) -> Service | None:
    """The Service, or ``None`` if it does not exist."""
    struct = cluster.get(("v1", "services"), (namespace, name), type_=ServiceStruct)
    return service_fact(struct) if struct else None


def services(cluster: Cluster) -> tuple[Service, ...]:
    """All Services of the cluster."""
    return tuple(map(service_fact, cluster.services()))


def namespaces(cluster: Cluster) -> Mapping[str, Mapping[str, str]]:
    """The labels of each namespace."""
    pages = cluster.pages(("v1", "namespaces"), "", type_=_NamespacePage)
    return {item.metadata.name: item.metadata.labels for page in pages for item in page.items}


def pods(cluster: Cluster, namespace: str, *, selector: str = "") -> tuple[Pod, ...]:
    """The pods of a namespace, "" for all, without those that have ended (Succeeded or Failed)."""
    return tuple(
        _pod(pod)
        for page in cluster.pages(("v1", "pods"), namespace, type_=_PodPage, selector=selector)
        for pod in page.items
        if pod.status.phase not in {"Succeeded", "Failed"}
    )


def ready_endpoints(cluster: Cluster, namespace: str, name: str) -> int:
    """How many endpoints of a Service are ready. The API counts an endpoint without ``ready`` as ready."""
    selector = f"kubernetes.io/service-name={name}"
    slices = cluster.pages(("discovery.k8s.io/v1", "endpointslices"), namespace, type_=_SlicePage, selector=selector)
    endpoints = [endpoint for page in slices for part in page.items for endpoint in part.endpoints or ()]
    return sum(endpoint.conditions.ready is not False for endpoint in endpoints)


def lease_holder(cluster: Cluster, namespace: str, name: str) -> str:
    """The name of the pod that holds a Lease, or "". The holder's identity is the pod name, ``_`` and a UUID."""
    lease = cluster.get(("coordination.k8s.io/v1", "leases"), (namespace, name), type_=_Lease)
    return (lease.spec.holder_identity or "").rpartition("_")[0] if lease else ""


def may(cluster: Cluster, account: Key, right: Permission) -> bool:
    """Whether a ServiceAccount has a right, by a SubjectAccessReview, which changes nothing in the cluster."""
    namespace, name = account
    attributes = {"verb": right.verb, "group": right.group, "resource": right.resource, "namespace": right.namespace}
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]
    spec = {
        "user": f"system:serviceaccount:{namespace}:{name}",
        "groups": groups,
        "resourceAttributes": {key: value for key, value in attributes.items() if value},
    }
    body = {"apiVersion": _REVIEWS[0], "kind": "SubjectAccessReview", "spec": spec}
    status = cluster.create(_REVIEWS, body, type_=_Review).status
    if status.evaluation_error and not status.allowed:
        raise SourceUnavailable("cluster-no-review", said=status.evaluation_error)
    return status.allowed


def service_fact(struct: ServiceStruct) -> Service:
    """The Service as a fact."""
    meta, spec = struct.metadata, struct.spec
    # Without a targetPort, a Service sends traffic to the same port number.
    ports = tuple(Port(port.name, port.port, str(port.target_port or port.port)) for port in spec.ports)
    return Service(meta.namespace, meta.name, spec.selector, ports, meta.labels)


def _pod(struct: _PodStruct) -> Pod:
    containers = struct.spec.containers
    ready = next((condition for condition in struct.status.conditions if condition.type == "Ready"), None)
    return Pod(
        namespace=struct.metadata.namespace,
        name=struct.metadata.name,
        labels=struct.metadata.labels,
        addresses=tuple(address.ip for address in struct.status.pod_ips),
        started=tuple(
            status.state.running.started_at.timestamp()
            for status in struct.status.container_statuses
            if status.state.running
        ),
        ports=tuple((port.name, port.container_port) for container in containers for port in container.ports),
        images=tuple(container.image for container in containers),
        words=tuple(word for container in containers for word in (*container.command, *container.args)),
        config_maps=tuple(dict.fromkeys(_mounted_config_maps(struct.spec.volumes))),
        claims=tuple(
            volume.persistent_volume_claim.claim_name
            for volume in struct.spec.volumes
            if volume.persistent_volume_claim and volume.persistent_volume_claim.claim_name
        ),
        account=struct.spec.service_account_name or "default",
        ready=ready is not None and ready.status == "True",
        why_not=bare_urls(": ".join(part for part in (ready.reason, ready.message) if part))
        if ready
        else struct.status.phase,
    )


def _mounted_config_maps(volumes: list[_Volume]) -> Iterator[str]:
    for volume in volumes:
        sources = volume.projected.sources if volume.projected else None
        for config_map_volume in (volume.config_map, *(source.config_map for source in sources or ())):
            if config_map_volume and config_map_volume.name not in {"", *_CERTIFICATES}:
                yield config_map_volume.name
