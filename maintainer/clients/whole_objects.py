"""Objects of any kind with all that the API server has of them, and with who wrote which field."""

from typing import Any, Literal

import msgspec

from maintainer.clients.api_request import SERVER
from maintainer.clients.cluster import Cluster
from maintainer.clients.decoding import Moment, shortened
from maintainer.errors import SourceUnavailable
from maintainer.model.drift import FieldManager, ObjectId, StoredObject


class _Write(msgspec.Struct, rename="camel"):
    """An entry of ``metadata.managedFields``."""

    operation: Literal["Apply", "Update"]
    manager: str = ""
    time: Moment | None = None
    subresource: str = ""
    fields: dict[str, Any] = msgspec.field(name="fieldsV1", default={})


class _Meta(msgspec.Struct, rename="camel"):
    resource_version: str = ""
    managed_fields: list[_Write] = []


def stored_object(cluster: Cluster, found: ObjectId, plural: str) -> StoredObject | None:
    """The object, or ``None`` if it does not exist. Raises :class:`SourceUnavailable`."""
    resource = found.api_version, plural
    content = cluster.get(resource, (found.namespace, found.name), type_=dict[str, Any])
    return None if content is None else as_stored(cluster, found, content)


def as_stored(cluster: Cluster, found: ObjectId, content: dict[str, Any]) -> StoredObject:
    """The object in an answer of the API server. Raises :class:`SourceUnavailable`."""
    try:
        metadata = msgspec.convert(content.get("metadata"), _Meta)
    except msgspec.ValidationError as error:
        detail = f"metadata of {found.subject}: {shortened(str(error))}"
        raise SourceUnavailable("web-broken-answer", who=SERVER, url=cluster.url, detail=detail) from error
    content["metadata"].pop("managedFields", None)
    managers = tuple(
        FieldManager(write.manager, write.operation, write.time, write.fields, write.subresource)
        for write in metadata.managed_fields
    )
    return StoredObject(found, content, metadata.resource_version, managers)
