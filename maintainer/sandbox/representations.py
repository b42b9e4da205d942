"""The forms in which a request can have objects: whole, inside a list, their metadata only, or as rows of a table."""

from collections.abc import Iterable, Mapping
from typing import Any

from maintainer.sandbox.resources import Resource
from maintainer.sandbox.store import Object

_NAME = "Name must be unique within a namespace."
_CREATED = "CreationTimestamp is a timestamp representing the server time when this object was created."


def whole(item: Object, resource: Resource) -> Object:
    """The object with its ``apiVersion`` and ``kind``, which the stored one may lack."""
    return item if "kind" in item else {"apiVersion": resource.api_version, "kind": resource.kind, **item}


def in_list(item: Object, resource: Resource) -> Object:
    """The object as it is inside a list, where built-in objects have no ``apiVersion`` and no ``kind``."""
    if resource.custom:
        return whole(item, resource)
    return {name: value for name, value in item.items() if name not in ("apiVersion", "kind")}


def metadata_only(item: Object) -> dict[str, Any]:
    """The object without everything but its metadata."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}


def table(objects: Iterable[Object], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The table that kubectl prints of a resource without columns of its own; ``metadata`` are those of the list."""
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": [
            {"name": "Name", "type": "string", "format": "name", "description": _NAME, "priority": 0},
            {"name": "Created At", "type": "date", "format": "", "description": _CREATED, "priority": 0},
        ],
        "rows": [
            {
                "cells": [item["metadata"]["name"], item["metadata"]["creationTimestamp"]],
                "object": metadata_only(item),
            }
            for item in objects
        ],
    }
