"""The resources that the pretended API serves, and what a request's path asks of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """One row of the table: where a resource lives and what its objects are called."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """``apps/v1``, or ``v1`` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def custom(self) -> bool:
        """Whether a CRD defines it: then each item of a list says its kind."""
        return self.group == "argoproj.io"

    @property
    def qualified(self) -> str:
        """How error messages name it: ``rollouts.argoproj.io``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


RESOURCES = (
    Resource("argoproj.io", "v1alpha1", "rollouts", "Rollout"),
    Resource("", "v1", "services", "Service"),
    Resource("", "v1", "pods", "Pod"),
    Resource("", "v1", "configmaps", "ConfigMap"),
    Resource("", "v1", "endpoints", "Endpoints"),
    Resource("", "v1", "namespaces", "Namespace", namespaced=False),
    Resource("", "v1", "serviceaccounts", "ServiceAccount"),
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    Resource("coordination.k8s.io", "v1", "leases", "Lease"),
    Resource("apps", "v1", "deployments", "Deployment"),
    Resource("apps", "v1", "replicasets", "ReplicaSet"),
    Resource("rbac.authorization.k8s.io", "v1", "roles", "Role"),
    Resource("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
    Resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False),
    Resource("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False),
)


@dataclass(frozen=True, slots=True)
class Target:
    """What a path asks for: one object (``name``), a namespace's objects, or all (``namespace`` ``None``)."""

    resource: Resource
    namespace: str | None
    name: str | None


def target(path: str) -> Target | None:
    """The target of ``/apis/GROUP/VERSION/[namespaces/NS/]PLURAL[/NAME]``, or ``None`` for any other path."""
    head, *rest = path.strip("/").split("/")
    groups, depth = {"api": ("", 1), "apis": (rest[0] if rest else "", 2)}.get(head, ("", 0))
    if not depth or len(rest) <= depth:
        return None
    version, within = rest[depth - 1], rest[depth:]
    namespace = None
    if within[0] == "namespaces" and len(within) > 2:
        namespace, within = within[1], within[2:]
    found = [row for row in RESOURCES if (row.group, row.version, row.plural) == (groups, version, within[0])]
    if not found or len(within) > 2 or (namespace is not None and not found[0].namespaced):
        return None
    name = within[1] if len(within) == 2 else None
    cluster_object = not found[0].namespaced and name is not None
    return Target(found[0], "" if cluster_object else namespace, name)
