"""What Prometheus' discovery needs of the API, and whether its ServiceAccount has it."""

from collections.abc import Mapping, Sequence

from maintainer.clients.cluster import Cluster
from maintainer.clients.monitoring import may
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Target
from maintainer.model.pipeline import Discovery, Permission, Permissions, Pod, PrometheusConfig

_DISCOVERY, _NETWORKING = "discovery.k8s.io", "networking.k8s.io"
_NEEDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "pod": (("", "pods"),),
    "service": (("", "services"),),
    "endpoints": (("", "endpoints"), ("", "services"), ("", "pods")),
    "endpointslice": ((_DISCOVERY, "endpointslices"), ("", "services"), ("", "pods")),
    "ingress": ((_NETWORKING, "ingresses"),),
    "node": (("", "nodes"),),
}
"""Group and name of the resources that each role of discovery lists and watches."""
_OF_CLUSTER = {"nodes", "namespaces"}
"""Resources that are in no namespace."""


def permissions(
    cluster: Cluster, config: PrometheusConfig, targets: Sequence[Target], *, pods: Sequence[Pod], namespace: str
) -> Permissions:
    """What the jobs that gave the controller's targets need; of no targets, all that reach its ``namespace``.

    ``pods`` are Prometheus'. Raises :class:`SourceUnavailable` where their ServiceAccount cannot be told.
    """
    accounts = sorted({(pod.namespace, pod.account) for pod in pods})
    asking = _concerned(config, targets, namespace)
    foreign = tuple(sorted({one.job for one in asking if one.foreign}))
    needed = sorted({right for one in asking if not one.foreign for right in _needed(one)})
    if len(accounts) != 1:
        raise SourceUnavailable("many-accounts", permanent=True, names=", ".join("/".join(one) for one in accounts))
    account = accounts[0]
    granted = {right: may(cluster, account, right) for right in needed}
    return Permissions(
        account=account,
        granted=tuple(right for right in needed if granted[right]),
        refused=tuple(right for right in needed if not granted[right]),
        foreign=foreign,
        rollouts=may(cluster, account, Permission("argoproj.io", "rollouts", "", "list")) if needed else None,
    )


def _concerned(config: PrometheusConfig, targets: Sequence[Target], namespace: str) -> list[Discovery]:
    pools = {one.pool for one in targets if one.pool}
    if pools:
        return [one for one in config.discoveries if one.job in pools]
    return [one for one in config.discoveries if not one.namespaces or namespace in one.namespaces]


def _needed(discovery: Discovery) -> list[Permission]:
    resources = (*_NEEDS.get(discovery.role, ()), *(("", name) for name in discovery.attached))
    return [
        Permission(group, resource, "" if resource in _OF_CLUSTER else namespace, verb)
        for group, resource in resources
        for namespace in discovery.namespaces or ("",)
        for verb in ("list", "watch")
    ]
