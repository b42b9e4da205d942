"""Who deployed an object, and who else keeps it as it is: such an owner would undo what this program writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from maintainer.analyse.drift.managers import leaves, owns
from maintainer.model.drift import Content, DesiredObject, FieldManager, StoredObject

OwnerKind = Literal["argocd", "flux-kustomization", "flux-helmrelease", "owner"]

RELEASE = "meta.helm.sh/release-name"
RELEASE_NAMESPACE = "meta.helm.sh/release-namespace"
HELM_FIELDS: Mapping[str, tuple[str, ...]] = {
    "labels": ("app.kubernetes.io/managed-by",),
    "annotations": (RELEASE, RELEASE_NAMESPACE),
}
"""What Helm itself adds to the metadata of an object."""

EDITORS = frozenset(
    f"kubectl-{command}" for command in ("annotate", "autoscale", "edit", "expose", "label", "patch", "scale", "set")
)
"""Field managers of kubectl's commands that change an object: they deploy nothing."""

_ARGO_ID = "argocd.argoproj.io/tracking-id"
_ARGO_INSTANCE = "argocd.argoproj.io/instance"
_FLUX: Mapping[OwnerKind, str] = {
    "flux-kustomization": "kustomize.toolkit.fluxcd.io",
    "flux-helmrelease": "helm.toolkit.fluxcd.io",
}


@dataclass(frozen=True, slots=True)
class ForeignOwner:
    """Who keeps an object: an Application of Argo CD, a resource of Flux, or the ``owner`` that its metadata names.

    ``where`` is the kind of the owner, as kubectl takes it, to be mended instead of the object.
    """

    kind: OwnerKind
    where: str
    namespace: str
    name: str


def deployer(desired: DesiredObject, stored: StoredObject) -> FieldManager | None:
    """The entry of ``managedFields`` under which the object was deployed; ``None`` if none owns a declared field.

    That is the one that owns what Helm itself adds, or else the most declared fields, or else the first.
    """
    declared = [steps for steps in leaves(desired.content) if steps[:1] not in (("apiVersion",), ("kind",))]
    counted = [
        (_owns_of_helm(manager), sum(owns(manager.fields, steps) for steps in declared), manager)
        for manager in stored.managers
        if not manager.subresource and manager.name not in EDITORS
    ]
    best = max(counted, key=lambda manager: manager[:2], default=None)
    return best[2] if best and any(best[:2]) else None


def foreign_owner(stored: StoredObject) -> ForeignOwner | None:
    """Who keeps an object; ``None`` for one that only a person or a release of Helm changes."""
    labels, annotations = metadata_of(stored, "labels"), metadata_of(stored, "annotations")
    if tracking := annotations.get(_ARGO_ID) or labels.get(_ARGO_INSTANCE) or annotations.get(_ARGO_INSTANCE):
        namespace, _, application = str(tracking).partition(":")[0].rpartition("_")
        return ForeignOwner("argocd", "applications.argoproj.io", namespace, application)
    for kind, group in _FLUX.items():
        if name := labels.get(f"{group}/name"):
            plural = "kustomizations" if kind == "flux-kustomization" else "helmreleases"
            return ForeignOwner(kind, f"{plural}.{group}", str(labels.get(f"{group}/namespace", "")), str(name))
    return _controller(stored)


def _controller(stored: StoredObject) -> ForeignOwner | None:
    """The object that made this one: the one that controls it, else any that its metadata names."""
    metadata = stored.content.get("metadata")
    references = metadata.get("ownerReferences") if isinstance(metadata, Mapping) else None
    listed = references if isinstance(references, Sequence) else ()
    named = [reference for reference in listed if isinstance(reference, Mapping)]
    if not named:
        return None
    first = next((reference for reference in named if reference.get("controller") is True), named[0])
    group = str(first.get("apiVersion", "")).rpartition("/")[0]
    where = ".".join(filter(None, (str(first.get("kind", "")).lower(), group)))
    return ForeignOwner("owner", where, stored.id.namespace, str(first.get("name", "")))


def _owns_of_helm(manager: FieldManager) -> bool:
    return owns(manager.fields, ("metadata", "annotations", RELEASE)) and bool(manager.fields)


def metadata_of(stored: StoredObject | None, name: str) -> Content:
    """The labels or the annotations of a stored object."""
    metadata = stored.content.get("metadata") if stored else None
    found = metadata.get(name) if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}
