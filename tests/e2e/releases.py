"""The guide's two charts as Helm 4 installs them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import helm_python
from plane import Plane

CHARTS = Path(__file__).parents[2] / "helm" / "management-base"
SERVICE = "argo-rollouts-monitoring", "argo-rollouts"
MONITORING = "monitoring", "monitoring"


def install(
    plane: Plane, chart: str, release: tuple[str, str], values: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """``helm upgrade --install NAME CHART --namespace NAMESPACE --create-namespace``; returns what Helm says of it."""
    name, namespace = release
    with helm_python.Config(kubeconfig_path=plane.folder / "kubeconfig", namespace=namespace) as helm:
        there = any(one["name"] == name for one in helm.list(all_namespaces=False))
        if there:
            return helm.upgrade(CHARTS / chart, name, dict(values or {}), namespace=namespace)
        return helm.install(CHARTS / chart, name, dict(values or {}), namespace=namespace, create_namespace=True)
