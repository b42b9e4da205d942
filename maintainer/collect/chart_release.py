"""What a chart renders as one of its releases: with the values that were given when that was deployed."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from maintainer.clients import helm
from maintainer.clients.cluster import Cluster
from maintainer.clients.helm_template import Rendering
from maintainer.collect.drift.manifests import rendered_objects
from maintainer.errors import SourceUnavailable
from maintainer.model.drift import Content, DesiredObject, ObjectId, Release, StoredObject

NAME, NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"
"""The annotations by which an object says of which release it is."""


def releases_of(
    objects: Iterable[DesiredObject], stored: Mapping[ObjectId, StoredObject | None]
) -> tuple[tuple[str, str], ...]:
    """The namespaces and names of the releases of these objects."""
    found: dict[tuple[str, str], None] = {}
    for desired in objects:
        live = stored.get(desired.id)
        if desired.release:
            found[desired.release.namespace, desired.release.name] = None
        elif live and (named := _annotated(live.content)):
            found[named] = None
    return tuple(found)


def renderer(
    rendering: Rendering, release: tuple[str, str], cluster: Cluster
) -> Callable[[Mapping[str, str]], Mapping[ObjectId, DesiredObject]]:
    """Renders the chart with other texts of its files. Raises :class:`SourceUnavailable`; so does what is returned."""
    values = _given(cluster, release)
    return partial(_objects, rendering, release, values)


def _objects(
    rendering: Rendering, release: tuple[str, str], values: Mapping[str, Any], texts: Mapping[str, str]
) -> Mapping[ObjectId, DesiredObject]:
    text = rendering.manifests(texts, release, values)
    return {found.id: found for found in rendered_objects(text, Release(*release, 0))}


def _given(cluster: Cluster, release: tuple[str, str]) -> Mapping[str, Any]:
    """The values that were given at the deployment; none where Helm's own records are not there or not to be read."""
    try:
        revisions = helm.revisions(cluster, *release)
        current = next((one for one in revisions if one.release.status == "deployed"), None)
        return helm.given_values(cluster, current) if current else {}
    except SourceUnavailable:
        return {}


def _annotated(content: Content) -> tuple[str, str] | None:
    metadata = content.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    if not isinstance(annotations, Mapping) or NAME not in annotations:
        return None
    return str(annotations.get(NAMESPACE, "")), str(annotations[NAME])
