"""Objects for the tests of drift: small ones, and some that a real API server has stored."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from maintainer.model.drift import DesiredObject, FieldManager, ObjectId, Operation, StoredObject
from maintainer.model.report import Json

RECORDED = Path(__file__).parent / "recorded"
DEPLOYED, EDITED = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 29, 3, 0, tzinfo=UTC)

Pair = tuple[DesiredObject, StoredObject]


def recorded(name: str) -> tuple[Pair, ...]:
    """What was deployed and what Kubernetes 1.34 stored of it, for each object of a file.

    ``helm-4``: installed by Helm 4. ``edited``: the same with some edits by hand. ``applied``, ``created`` and
    ``kubectl-applied``: values that the API server rewrites, by a server-side apply, a POST and ``kubectl apply``.
    """
    rows = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    return tuple((desired(row["desired"]), stored(row["live"])) for row in rows)


def desired(content: Mapping[str, Any], origin: str = "manifests.yaml") -> DesiredObject:
    return DesiredObject(id_of(content), content, origin)


def stored(content: Mapping[str, Any]) -> StoredObject:
    """An object as the API server returns it, with its ``managedFields``."""
    metadata = dict(content["metadata"])
    managers = tuple(_manager(entry) for entry in metadata.pop("managedFields", ()))
    version = metadata.get("resourceVersion", "1")
    return StoredObject(id_of(content), {**content, "metadata": metadata}, version, managers)


def id_of(content: Mapping[str, Any]) -> ObjectId:
    metadata = content["metadata"]
    return ObjectId(content["apiVersion"], content["kind"], metadata.get("namespace", ""), metadata["name"])


def config_map(data: Mapping[str, str], **more: Json) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"namespace": "monitoring", "name": "prometheus-config"},
        "data": dict(data),
        **more,
    }


def managed(name: str, operation: Operation, at: datetime, *paths: Sequence[str]) -> dict[str, Any]:
    """An entry of ``managedFields`` that owns these fields."""
    fields: dict[str, Any] = {}
    for path in paths:
        node = fields
        for step in path:
            node = node.setdefault(step if step.startswith(("k:", "v:")) else f"f:{step}", {})
    return {"manager": name, "operation": operation, "time": at.isoformat(), "fieldsV1": fields}


def _manager(entry: Mapping[str, Any]) -> FieldManager:
    time = datetime.fromisoformat(entry["time"]) if "time" in entry else None
    return FieldManager(entry["manager"], entry["operation"], time, entry["fieldsV1"], entry.get("subresource", ""))
