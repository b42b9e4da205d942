"""The objects in which a store remembers: ConfigMaps with binary data, and the Lease that keeps two runs apart."""

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from maintainer.clients.cluster import Cluster

CONFIG_MAPS = "v1", "configmaps"
LEASES = "coordination.k8s.io/v1", "leases"
MANAGER = "maintainer"
"""The field manager of all writes, and the value of the label ``app.kubernetes.io/managed-by``."""

_KINDS = {CONFIG_MAPS: "ConfigMap", LEASES: "Lease"}

T = TypeVar("T")


class _Meta(msgspec.Struct, rename="camel"):
    name: str = ""
    resource_version: str = ""


class StoredConfigMap(msgspec.Struct, rename="camel", kw_only=True):
    """A ConfigMap with all its data."""

    metadata: _Meta
    data: dict[str, str] | None = None
    binary_data: dict[str, bytes] | None = None

    @property
    def holds(self) -> tuple[dict[str, str], dict[str, bytes]]:
        """The texts and the bytes in it, by key."""
        return self.data or {}, self.binary_data or {}


class LeaseSpec(msgspec.Struct, rename="camel"):
    """Who holds a Lease, and since when; ``renew_time`` is the last sign of the holder."""

    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    renew_time: datetime | None = None


class StoredLease(msgspec.Struct):
    """A Lease; a new one has no ``spec``."""

    metadata: _Meta
    spec: LeaseSpec = msgspec.field(default_factory=LeaseSpec)


class StoredObjects:
    """The objects of a namespace. Can be used by several threads: requests go out one at a time.

    All methods raise :class:`SourceUnavailable`, and those that write :class:`ObjectChanged`.
    """

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self.namespace = namespace
        self._cluster = cluster
        self._one_at_a_time = threading.Lock()

    def get(self, resource: tuple[str, str], name: str, *, type_: type[T]) -> T | None:
        """The object; ``None`` if it does not exist."""
        with self._one_at_a_time:
            return self._cluster.get(resource, (self.namespace, name), type_=type_)

    def ensure(self, resource: tuple[str, str], name: str, *, type_: type[T]) -> T:
        """The object, which is made without content if it does not exist, and is left as it is if it does."""
        metadata = {"namespace": self.namespace, "name": name}
        body = {"apiVersion": resource[0], "kind": _KINDS[resource], "metadata": metadata}
        with self._one_at_a_time:
            return self._cluster.apply(resource, body, type_=type_, manager=MANAGER)

    def patch(
        self, resource: tuple[str, str], name: str, *, version: str, body: Mapping[str, Any], type_: type[T]
    ) -> T:
        """Merge ``body`` into the object, if it has this resourceVersion."""
        labels = {"app.kubernetes.io/managed-by": MANAGER}
        metadata = {"resourceVersion": version, "labels": labels, **body.get("metadata", {})}
        with self._one_at_a_time:
            merged = {**body, "metadata": metadata}
            return self._cluster.patch(resource, (self.namespace, name), body=merged, type_=type_, manager=MANAGER)

    def delete(self, resource: tuple[str, str], name: str, *, version: str) -> None:
        """Delete the object, if it has this resourceVersion."""
        with self._one_at_a_time:
            self._cluster.delete(resource, (self.namespace, name), version)

    def close(self) -> None:
        """Close the connections."""
        self._cluster.close()
