"""The resources of the simulated API, and which of them the path of a request is about."""

from dataclasses import dataclass

ROLLOUTS, OPERATOR = "argoproj.io", "monitoring.coreos.com"
"""The API groups that are defined by CRDs: of Argo Rollouts, and of the Prometheus operator."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource: its API group and version, its plural name, the kind of its objects, and what is served."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    verbs: tuple[str, ...] = ("create", "delete", "get", "list", "patch")

    @property
    def api_version(self) -> str:
        """``apps/v1``, or ``v1`` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def custom(self) -> bool:
        """Whether a CRD defines it. Then each item of a list has ``apiVersion`` and ``kind``."""
        return self.group in (ROLLOUTS, OPERATOR)

    @property
    def qualified(self) -> str:
        """Its name in error messages, such as ``rollouts.argoproj.io``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


RESOURCES = (
    Resource(ROLLOUTS, "v1alpha1", "rollouts", "Rollout"),
    Resource("", "v1", "services", "Service"),
    Resource("", "v1", "pods", "Pod"),
    Resource("", "v1", "configmaps", "ConfigMap"),
    Resource("", "v1", "secrets", "Secret"),
    Resource("", "v1", "endpoints", "Endpoints"),
    Resource("", "v1", "namespaces", "Namespace", namespaced=False),
    Resource("", "v1", "serviceaccounts", "ServiceAccount"),
    Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    Resource("storage.k8s.io", "v1", "storageclasses", "StorageClass", namespaced=False),
    Resource("coordination.k8s.io", "v1", "leases", "Lease"),
    Resource("apps", "v1", "deployments", "Deployment"),
    Resource("apps", "v1", "replicasets", "ReplicaSet"),
    Resource("apps", "v1", "statefulsets", "StatefulSet"),
    Resource("rbac.authorization.k8s.io", "v1", "roles", "Role"),
    Resource("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
    Resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", namespaced=False),
    Resource("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced=False),
    Resource(OPERATOR, "v1", "servicemonitors", "ServiceMonitor"),
    Resource(OPERATOR, "v1", "podmonitors", "PodMonitor"),
    Resource(OPERATOR, "v1", "prometheusrules", "PrometheusRule"),
    Resource(OPERATOR, "v1", "prometheuses", "Prometheus"),
    Resource(OPERATOR, "v1", "thanosrulers", "ThanosRuler"),
    Resource(OPERATOR, "v1alpha1", "prometheusagents", "PrometheusAgent"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """An object, or all objects of a namespace (``name`` ``None``), or of the cluster (``namespace`` ``None`` too)."""

    resource: Resource
    namespace: str | None
    name: str | None


def target(path: str) -> Target | None:
    """The target of ``/apis/GROUP/VERSION/[namespaces/NS/]PLURAL[/NAME]``, or ``None`` for any other path.

    The path of the core group is ``/api/VERSION/…``.
    """
    root, *rest = path.strip("/").split("/")
    group, depth = {"api": ("", 1), "apis": (rest[0] if rest else "", 2)}.get(root, ("", 0))
    if not depth or len(rest) <= depth:
        return None
    version, parts = rest[depth - 1], rest[depth:]
    namespace = None
    if parts[0] == "namespaces" and len(parts) > 2:
        namespace, parts = parts[1], parts[2:]
    wanted = group, version, parts[0]
    resource = next((row for row in RESOURCES if (row.group, row.version, row.plural) == wanted), None)
    if resource is None or len(parts) > 2 or (namespace is not None and not resource.namespaced):
        return None
    name = parts[1] if len(parts) == 2 else None
    cluster_object = not resource.namespaced and name is not None
    return Target(resource, "" if cluster_object else namespace, name)
