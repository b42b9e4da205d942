"""Objects as the table that kubectl prints: the columns of a resource that has no columns of its own."""

from collections.abc import Iterable, Mapping
from typing import Any

from maintainer.sandbox.store import Object

_NAME = "Name must be unique within a namespace."
_CREATED = "CreationTimestamp is a timestamp representing the server time when this object was created."


def table(objects: Iterable[Object], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """A row of each object; ``metadata`` are those of the list."""
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


def metadata_only(item: Object) -> dict[str, Any]:
    """The object without everything but its metadata."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}
