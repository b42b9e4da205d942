"""What a cluster holds besides Rollouts: Services, the controller's pods and its Lease (``cluster.yaml``)."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any

import yaml

from maintainer.sandbox.rollouts import fill, stamp
from maintainer.sandbox.store import Store


def furnish(store: Store, instances: Mapping[str, str], *, prometheus_port: int, now: datetime) -> None:
    """Put the objects in the store; ``instances`` is host:port by pod, the first pod being the leader."""
    document = yaml.safe_load(files("maintainer.sandbox").joinpath("cluster.yaml").read_text("utf-8"))
    pods = list(instances)
    shared = {
        "pods": len(pods),
        "holder": f"{pods[0]}_{uuid.uuid4()}",
        "prometheusPort": prometheus_port,
        "micro": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    for pod, instance in instances.items():
        port = int(instance.rpartition(":")[2])
        _put(store, document["pod"], words={"pod": pod, "port": port, "now": stamp(now)})
    _put(store, document["shared"], words=shared)


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
