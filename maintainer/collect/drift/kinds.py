"""The kinds of objects that are compared with what was deployed."""

from collections.abc import Mapping
from dataclasses import dataclass

from maintainer.model.drift import ObjectId


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind as the API has it: its plural name, and whether its objects are in a namespace."""

    plural: str
    namespaced: bool = True


_RBAC, _OPERATOR = "rbac.authorization.k8s.io", "monitoring.coreos.com"

KINDS: Mapping[tuple[str, str], Kind] = {
    ("", "ConfigMap"): Kind("configmaps"),
    ("", "Service"): Kind("services"),
    ("", "ServiceAccount"): Kind("serviceaccounts"),
    (_RBAC, "ClusterRole"): Kind("clusterroles", namespaced=False),
    (_RBAC, "ClusterRoleBinding"): Kind("clusterrolebindings", namespaced=False),
    (_RBAC, "Role"): Kind("roles"),
    (_RBAC, "RoleBinding"): Kind("rolebindings"),
    ("apps", "Deployment"): Kind("deployments"),
    ("apps", "StatefulSet"): Kind("statefulsets"),
    (_OPERATOR, "Alertmanager"): Kind("alertmanagers"),
    (_OPERATOR, "PodMonitor"): Kind("podmonitors"),
    (_OPERATOR, "Prometheus"): Kind("prometheuses"),
    (_OPERATOR, "PrometheusRule"): Kind("prometheusrules"),
    (_OPERATOR, "ServiceMonitor"): Kind("servicemonitors"),
}
"""By group and kind."""


def plural_of(found: ObjectId) -> str:
    """The plural name of an object's kind, which is one of :data:`KINDS`."""
    return KINDS[group_of(found.api_version), found.kind].plural


def group_of(api_version: str) -> str:
    """The group of an API version; "" for ``v1``."""
    return api_version.rpartition("/")[0]
