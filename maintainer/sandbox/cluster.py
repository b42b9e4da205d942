"""What a cluster holds besides Rollouts (``cluster.yaml``): the controller's pods, Services, rights, ConfigMaps."""

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
"""A pod that led once and is no more."""

LEADERLESS = timedelta(minutes=10)
"""For how long nobody has renewed a lease that nobody holds."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers of the cluster are: host:port by controller pod, the leader first, and ports."""

    controllers: Mapping[str, str]
    prometheus: int
    alertmanager: int


def furnish(store: Store, addresses: Addresses, *, led: bool, now: datetime) -> None:
    """Put the objects in the store; where none of the pods has ``led``, the lease ran out when its holder went."""
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
        _put(store, document["pod"], words={"pod": pod, "port": port, "now": stamp(now)})
    _put(store, document["shared"], words=shared)


def configure(store: Store, prometheus: Mapping[str, str], dashboard: Mapping[str, Any]) -> None:
    """Put the ConfigMaps of the monitoring in the store: Prometheus' files by name, and the dashboard."""
    board = {"argo-rollouts-dashboard.json": json.dumps(dashboard, indent=2, ensure_ascii=False)}
    for name, labels, data in (
        ("prometheus-config", {"app.kubernetes.io/name": "prometheus"}, prometheus),
        ("grafana-dashboard-argo-rollouts", {"grafana_dashboard": "1"}, board),
    ):
        metadata = {"namespace": "monitoring", "name": name, "labels": labels}
        store.put("configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(data)})


def namespaces(store: Store, names: Iterable[str]) -> None:
    """Put Namespace objects in the store."""
    for name in names:
        labels = {"kubernetes.io/metadata.name": name}
        item = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        store.put("namespaces", {**item, "status": {"phase": "Active"}})


def _put(store: Store, described: Mapping[str, list[Any]], *, words: Mapping[str, Any]) -> None:
    for resource, items in described.items():
        for item in items:
            store.put(resource, fill(item, words))
