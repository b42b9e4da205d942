"""The guide's two charts as Helm 4 installs them."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import helm_python
import yaml

from maintainer.clients import helm
from maintainer.clients.cluster import connect
from tests.e2e.plane import Plane

CHARTS = Path(__file__).parents[2] / "helm" / "management-base"
SERVICE = "argo-rollouts-monitoring", "argo-rollouts"
MONITORING = "monitoring", "monitoring"


def install(
    plane: Plane, chart: str, release: tuple[str, str], values: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """``helm upgrade --install NAME CHART --namespace NAMESPACE --create-namespace``; returns what Helm says of it."""
    name, namespace = release
    with helm_python.Config(kubeconfig_path=plane.folder / "kubeconfig", namespace=namespace) as charts:
        there = any(installed["name"] == name for installed in charts.list(all_namespaces=False))
        if there:
            return charts.upgrade(CHARTS / chart, name, dict(values or {}), namespace=namespace)
        return charts.install(CHARTS / chart, name, dict(values or {}), namespace=namespace, create_namespace=True)


def manifests(plane: Plane, release: tuple[str, str]) -> str:
    """``helm get manifest NAME --namespace NAMESPACE``."""
    name, namespace = release
    with closing(connect("", str(plane.folder / "kubeconfig"))) as cluster:
        return helm.contents(cluster, helm.revisions(cluster, namespace, name)[0])[1]


def rendered(
    chart: str, release: tuple[str, str], values: Mapping[str, Any]
) -> dict[tuple[str, str], Mapping[str, str]]:
    """The data of the ConfigMaps that a release has with these values, by namespace and name."""
    name, namespace = release
    with helm_python.Chart.load(CHARTS / chart) as loaded:
        texts = loaded.render(dict(values), name=name, namespace=namespace)
    manifests = [
        manifest
        for file, text in texts.items()
        if file.endswith(".yaml")
        for manifest in yaml.safe_load_all(text)
        if manifest
    ]
    maps = [manifest for manifest in manifests if manifest["kind"] == "ConfigMap"]
    return {
        (config_map["metadata"]["namespace"], config_map["metadata"]["name"]): config_map["data"] for config_map in maps
    }
