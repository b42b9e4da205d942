"""The objects of a cluster besides Rollouts (``cluster.yaml``): controller pods, Services, RBAC, ConfigMaps."""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import yaml

from maintainer.sandbox.rollouts import fill, stamp
from maintainer.sandbox.store import Store

GONE = "argo-rollouts-5f9c8d7b6-k4w2p"
"""The name of a deleted pod, which was the leader before."""

LEADERLESS = timedelta(minutes=10)
"""The time since the last renewal of the Lease, if there is no leader."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of the servers: host:port by controller pod, the leader first, and the ports of the others."""

    controllers: Mapping[str, str]
    prometheus: int
    alertmanager: int


def furnish(store: Store, addresses: Addresses, *, led: bool, now: datetime) -> None:
    """Put the objects in the store. If ``led`` is false, a deleted pod holds the Lease, which has expired."""
    document = yaml.safe_load(files("maintainer.sandbox").joinpath("cluster.yaml").read_text("utf-8"))
    pods, renewed = list(addresses.controllers), now if led else now - LEADERLESS
    shared = {
        "pods": len(pods),
        "holder": f"{pods[0] if led else GONE}_{uuid.uuid4()}",
        "prometheusPort": addresses.prometheus,
        "alertmanagerPort": addresses.alertmanager,
        "now": stamp(now),
        "micro": renewed.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    for pod, instance in addresses.controllers.items():
        port = int(instance.rpartition(":")[2])
        _put(store, document["pod"], variables={"pod": pod, "port": port, "now": stamp(now)})
    _put(store, document["shared"], variables=shared)


def configure(store: Store, *, prometheus: Mapping[str, str], dashboard: Mapping[str, Any]) -> None:
    """Put two ConfigMaps in the store: ``prometheus``, the text of each file by its name, and the dashboard."""
    dashboards = {"argo-rollouts-dashboard.json": json.dumps(dashboard, indent=2, ensure_ascii=False)}
    for name, labels, data in (
        ("prometheus-config", {"app.kubernetes.io/name": "prometheus"}, prometheus),
        ("grafana-dashboard-argo-rollouts", {"grafana_dashboard": "1"}, dashboards),
    ):
        metadata = {"namespace": "monitoring", "name": name, "labels": labels}
        store.put("configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(data)})


def namespaces(store: Store, names: Iterable[str]) -> None:
    """Put Namespace objects in the store."""
    for name in names:
        labels = {"kubernetes.io/metadata.name": name}
        item = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        store.put("namespaces", {**item, "status": {"phase": "Active"}})


def _put(store: Store, objects: Mapping[str, list[Any]], *, variables: Mapping[str, Any]) -> None:
    for resource, items in objects.items():
        for item in items:
            store.put(resource, fill(item, variables))
