"""What the objects of one deployment have in common: under which name they were written, and what Helm adds to them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from maintainer.analyse.drift.audit import ComparedObject
from maintainer.analyse.drift.owners import HELM_FIELDS, RELEASE, RELEASE_NAMESPACE, deployer
from maintainer.model.drift import Content, DesiredObject, FieldManager, Release, StoredObject
from maintainer.model.report import Json

Deployment = tuple[str, ...]
_CHART = ("helm.sh/chart", "app.kubernetes.io/instance")


@dataclass(frozen=True, slots=True)
class Siblings:
    """``manager`` has written most of the objects; its fields do not count. ``metadata`` has what Helm adds to each."""

    manager: FieldManager
    metadata: Mapping[str, Mapping[str, Json]]

    def deployer(self, found: ComparedObject) -> FieldManager:
        """The entry under which an object was deployed: that of the usual manager, if the object has one."""
        managers = found.stored.managers if found.stored else ()
        usual = (one for one in managers if _named(one) == _named(self.manager) and not one.subresource)
        own = next(usual, None) or (deployer(found.desired, found.stored) if found.stored else None)
        return own or self.manager

    def with_helms_own(self, body: Content, live: Content) -> Content:
        """An object with what Helm adds, as far as the ``live`` one does not have it.

        Without it, Helm refuses the next upgrade: the object would not be its own.
        """
        metadata, there = dict(_mapping(body.get("metadata"))), _mapping(live.get("metadata"))
        for field, own in self.metadata.items():
            lacking = {name: value for name, value in own.items() if name not in _mapping(there.get(field))}
            if lacking:
                metadata[field] = {**_mapping(metadata.get(field)), **lacking}
        return {**body, "metadata": metadata}


def siblings(objects: Iterable[ComparedObject]) -> Mapping[Deployment, Siblings]:
    """The siblings of each deployment."""
    found: dict[Deployment, list[ComparedObject]] = {}
    for compared in objects:
        found.setdefault(deployment(compared.desired), []).append(compared)
    return {key: _siblings(members) for key, members in found.items()}


def deployment(desired: DesiredObject) -> Deployment:
    """What tells the deployments of one origin apart: a file may hold the manifests of several charts."""
    labels = _mapping(_mapping(desired.content.get("metadata")).get("labels"))
    return (desired.origin, *(str(labels.get(name, "")) for name in _CHART))


def _siblings(objects: list[ComparedObject]) -> Siblings:
    release = objects[0].desired.release
    found = (deployer(one.desired, one.stored) for one in objects if one.stored)
    usual = Counter(_named(manager) for manager in found if manager).most_common(1)
    manager = FieldManager("helm", release.applied, None) if release else FieldManager("kubectl", "Apply", None)
    if usual:
        name, operation = usual[0][0]
        manager = replace(manager, name=name, operation="Apply" if operation == "Apply" else "Update")
    return Siblings(manager, _of_release(release) if release else _of_helm(one.stored for one in objects if one.stored))


def _of_release(release: Release) -> Mapping[str, Mapping[str, Json]]:
    return {
        "labels": {"app.kubernetes.io/managed-by": "Helm"},
        "annotations": {RELEASE: release.name, RELEASE_NAMESPACE: release.namespace},
    }


def _of_helm(objects: Iterable[StoredObject]) -> Mapping[str, Mapping[str, Json]]:
    """What Helm has added to the first of the objects that it has installed."""
    for stored in objects:
        metadata = _mapping(stored.content.get("metadata"))
        if RELEASE in _mapping(metadata.get("annotations")):
            return {
                field: {name: value for name, value in _mapping(metadata.get(field)).items() if name in names}
                for field, names in HELM_FIELDS.items()
            }
    return {}


def _named(manager: FieldManager) -> tuple[str, str]:
    return manager.name, manager.operation


def _mapping(value: Json) -> Content:
    return value if isinstance(value, Mapping) else {}
