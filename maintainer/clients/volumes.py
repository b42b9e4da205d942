"""PersistentVolumeClaims and their classes. All functions raise :class:`SourceUnavailable`."""

import msgspec

from maintainer.clients.cluster import Cluster
from maintainer.errors import SourceUnavailable
from maintainer.model.byte_size import quantity_bytes
from maintainer.model.facts import Key
from maintainer.model.storage import Volume

_CLAIMS = "v1", "persistentvolumeclaims"
_CLASSES = "storage.k8s.io/v1", "storageclasses"


class _ClaimSpec(msgspec.Struct, rename="camel"):
    storage_class_name: str | None = None


class _ClaimStatus(msgspec.Struct):
    capacity: dict[str, str] = {}


class _Claim(msgspec.Struct):
    spec: _ClaimSpec = msgspec.field(default_factory=_ClaimSpec)
    status: _ClaimStatus = msgspec.field(default_factory=_ClaimStatus)


class _Class(msgspec.Struct, rename="camel"):
    allow_volume_expansion: bool = False


def claimed_volume(cluster: Cluster, key: Key) -> Volume:
    """The volume of a claim; its size is that of the bound volume, which may be larger than what was asked for."""
    namespace, name = key
    claim = cluster.get(_CLAIMS, key, type_=_Claim)
    capacity = claim.status.capacity.get("storage", "") if claim else ""
    try:
        size = quantity_bytes(capacity)
    except ValueError as error:
        raise SourceUnavailable("no-volume", claim=f"{namespace}/{name}") from error
    class_ = (claim.spec.storage_class_name or "") if claim else ""
    return Volume(size, "claim", claim=f"{namespace}/{name}", storage_class=class_)


def allows_expansion(cluster: Cluster, storage_class: str) -> bool | None:
    """Whether volumes of a class can grow; ``None`` if there is no such class, or none is named."""
    if not storage_class:
        return None
    found = cluster.get(_CLASSES, ("", storage_class), type_=_Class)
    return found.allow_volume_expansion if found else None
