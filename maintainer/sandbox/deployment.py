"""Objects as a release of Helm has deployed them, and as others have edited them since."""

import base64
import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from maintainer.sandbox import managed
from maintainer.sandbox.resources import RESOURCES
from maintainer.sandbox.rollouts import stamp
from maintainer.sandbox.store import Object, Store
from maintainer.sandbox.writes import with_defaults

HELM = "helm"
"""Helm's field manager."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A release: its namespace and name, the objects that it deploys, and when it did."""

    namespace: str
    name: str
    objects: Sequence[Object]
    at: datetime


@dataclass(frozen=True, slots=True)
class Writer:
    """Who has written, by the name of the field manager, and when."""

    name: str
    at: datetime


def install(store: Store, release: Installed) -> None:
    """Put the objects in the store as Helm 4 applies them, and the Secret that holds the release."""
    added = {
        "labels": {"app.kubernetes.io/managed-by": "Helm"},
        "annotations": {
            "meta.helm.sh/release-name": release.name,
            "meta.helm.sh/release-namespace": release.namespace,
        },
    }
    for item in release.objects:
        metadata = item["metadata"]
        own = {field: {**metadata.get(field, {}), **texts} for field, texts in added.items()}
        sent = {**item, "metadata": {**metadata, **own}}
        made = with_defaults(managed.applied(None, sent, HELM, force=True))
        store.put(plural_of(item), _written_at(made, HELM, release.at))
    store.put("secrets", _secret(release))


def edit(store: Store, plural: str, key: tuple[str, str], change: Callable[[Any], object], *, by: Writer) -> None:
    """Change an object as somebody else has done it."""
    before = store.get(plural, key)
    if before is None:
        raise KeyError(key)
    made = json.loads(json.dumps(before))
    change(made)
    store.put(plural, _written_at(managed.updated(before, made, by.name), by.name, by.at))


def plural_of(item: Object) -> str:
    """The plural name of the object's kind."""
    return next(row.plural for row in RESOURCES if (row.api_version, row.kind) == (item["apiVersion"], item["kind"]))


def _written_at(item: Object, manager: str, at: datetime) -> Object:
    """The object as if its manager had written it at this time."""
    entries = [
        {**entry, "time": stamp(at)} if entry["manager"] == manager else entry
        for entry in item["metadata"]["managedFields"]
    ]
    return {**item, "metadata": {**item["metadata"], "managedFields": entries}}


def _secret(release: Installed) -> Object:
    labels = {"owner": "helm", "name": release.name, "version": "1", "status": "deployed"}
    content: Mapping[str, Any] = {
        "name": release.name,
        "namespace": release.namespace,
        "version": 1,
        "info": {"status": "deployed"},
        "manifest": yaml.safe_dump_all(release.objects, sort_keys=False),
        "apply_method": "ssa",
    }
    packed = base64.b64encode(gzip.compress(json.dumps(content).encode()))
    name = f"sh.helm.release.v1.{release.name}.v1"
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"namespace": release.namespace, "name": name, "labels": labels},
        "type": "helm.sh/release.v1",
        "data": {"release": base64.b64encode(packed).decode()},
    }
