"""Which permissions Prometheus' discovery needs, and whether its ServiceAccount has them."""

from collections.abc import Mapping, Sequence

from maintainer.clients.cluster import Cluster
from maintainer.clients.monitoring import may
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Target
from maintainer.model.pipeline import Discovery, Permission, Permissions, Pod, PrometheusConfig

_DISCOVERY, _NETWORKING = "discovery.k8s.io", "networking.k8s.io"
_RESOURCES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "pod": (("", "pods"),),
    "service": (("", "services"),),
    "endpoints": (("", "endpoints"), ("", "services"), ("", "pods")),
    "endpointslice": ((_DISCOVERY, "endpointslices"), ("", "services"), ("", "pods")),
    "ingress": ((_NETWORKING, "ingresses"),),
    "node": (("", "nodes"),),
}
"""API group and name of the resources that each discovery role lists and watches.

Source: https://prometheus.io/docs/prometheus/latest/configuration/configuration/#kubernetes_sd_config
"""
_CLUSTER_SCOPED = {"nodes", "namespaces"}


def permissions(
    cluster: Cluster, config: PrometheusConfig, *, targets: Sequence[Target], pods: Sequence[Pod], namespace: str
) -> Permissions:
    """The permissions that the jobs of the controller's ``targets`` need, each granted or refused.

    Without targets, these are the jobs that discover in the controller's ``namespace``. ``pods`` are Prometheus'.
    Raises :class:`SourceUnavailable`, also if the pods have more than one ServiceAccount.
    """
    accounts = sorted({(pod.namespace, pod.account) for pod in pods})
    discoveries = _concerned(config, targets, namespace=namespace)
    foreign = tuple(sorted({discovery.job for discovery in discoveries if discovery.foreign}))
    needed = sorted({right for discovery in discoveries if not discovery.foreign for right in _needed(discovery)})
    if len(accounts) != 1:
        names = ", ".join("/".join(account) for account in accounts)
        raise SourceUnavailable("many-accounts", permanent=True, names=names)
    account = accounts[0]
    granted = {right: may(cluster, account, right) for right in needed}
    return Permissions(
        account=account,
        granted=tuple(right for right in needed if granted[right]),
        refused=tuple(right for right in needed if not granted[right]),
        foreign=foreign,
        rollouts=may(cluster, account, Permission("argoproj.io", "rollouts", "", "list")) if needed else None,
    )


def _concerned(config: PrometheusConfig, targets: Sequence[Target], *, namespace: str) -> list[Discovery]:
    if pools := {target.pool for target in targets if target.pool}:
        return [discovery for discovery in config.discoveries if discovery.job in pools]
    return [
        discovery for discovery in config.discoveries if not discovery.namespaces or namespace in discovery.namespaces
    ]


def _needed(discovery: Discovery) -> list[Permission]:
    resources = (*_RESOURCES.get(discovery.role, ()), *(("", name) for name in discovery.attached))
    return [
        Permission(group, resource, "" if resource in _CLUSTER_SCOPED else namespace, verb)
        for group, resource in resources
        for namespace in discovery.namespaces or ("",)
        for verb in ("list", "watch")
    ]
