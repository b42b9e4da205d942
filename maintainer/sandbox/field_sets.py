"""Which fields an object has, as paths of ``fieldsV1``: how the API server merges lists and maps is in the table."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Path = tuple[str, ...]
"""The steps to a field: ``f:NAME``, or ``k:{…}`` for an item of a list that is merged by keys."""

_CONTAINER = {
    ".ports": ("containerPort", "protocol"),
    ".env": ("name",),
    ".volumeMounts": ("mountPath",),
}
_POD = ".spec.template.spec"
KEYED: Mapping[str, tuple[str, ...]] = {
    ".metadata.ownerReferences": ("uid",),
    "Service.spec.ports": ("port", "protocol"),
    f"{_POD}.volumes": ("name",),
    **{
        f"{_POD}.{kind}{field}": keys
        for kind in ("containers", "initContainers")
        for field, keys in {"": ("name",), **_CONTAINER}.items()
    },
}
"""Lists whose items are merged by these keys, by place; other lists are owned as a whole. Without a kind: of any."""

ATOMIC = frozenset((".spec.selector", ".roleRef"))
"""Maps that are owned as a whole."""

MAPS = frozenset((".data", ".binaryData", ".metadata.labels", ".metadata.annotations", f"{_POD}.nodeSelector"))
"""Maps whose keys are data. Whoever updates an object that has none owns the map too."""

_OF_THE_SERVER = frozenset(
    ("creationTimestamp", "generation", "managedFields", "name", "namespace", "resourceVersion", "selfLink", "uid")
)
_CONTAINER_ITSELF = object()
_DEFAULTS = {"protocol": "TCP"}


def fields(item: Mapping[str, Any], *, containers: bool) -> dict[Path, Any]:
    """The fields of an object with their values; ``containers``: also maps and lists as such."""
    kind, metadata = item.get("kind", ""), item.get("metadata") or {}
    declared = {name: value for name, value in metadata.items() if name not in _OF_THE_SERVER}
    rest = {name: value for name, value in item.items() if name not in {"apiVersion", "kind", "status", "metadata"}}
    return {
        path: value
        for path, value in _fields(kind, {**rest, "metadata": declared}, "", ())
        if containers or value is not _CONTAINER_ITSELF
    }


def step_of(item: Mapping[str, Any], keys: Iterable[str]) -> str:
    """The step to an item of a list that is merged by these keys."""
    said = {key: item.get(key, _DEFAULTS.get(key)) for key in keys}
    return "k:" + json.dumps(said, separators=(",", ":"), sort_keys=True)


def keys_of(kind: str, place: str) -> tuple[str, ...]:
    """The keys by which a list is merged; () if it is owned as a whole."""
    return KEYED.get(f"{kind}{place}") or KEYED.get(place, ())


def is_atomic(place: str) -> bool:
    """Whether a map is owned as a whole."""
    return place in ATOMIC


def tree(paths: Iterable[Path]) -> dict[str, Any]:
    """The paths as ``fieldsV1``; ``.`` is a place that is owned besides what is in it."""
    members = frozenset(paths)
    made: dict[str, Any] = {}
    for path in sorted(members):
        node = made
        for depth, step in enumerate(path):
            if path[:depth] in members:
                node.setdefault(".", {})
            node = node.setdefault(step, {})
    return made


def paths(fields_v1: Mapping[str, Any], above: Path = ()) -> Iterator[Path]:
    """``fieldsV1`` as paths."""
    for step, inner in fields_v1.items():
        if step == ".":
            continue
        if not inner or "." in inner:
            yield (*above, step)
        yield from paths(inner, (*above, step))


def _fields(kind: str, value: Any, place: str, path: Path) -> Iterator[tuple[Path, Any]]:
    keys = keys_of(kind, place)
    if isinstance(value, list) and keys:
        yield path, _CONTAINER_ITSELF
        for item in value:
            step = step_of(item, keys)
            yield (*path, step), None
            for name, inner in item.items():
                yield from _fields(kind, inner, f"{place}.{name}", (*path, step, f"f:{name}"))
    elif isinstance(value, Mapping) and not is_atomic(place) and (value or not path):
        if place in MAPS:
            yield path, _CONTAINER_ITSELF
        for name, inner in value.items():
            yield from _fields(kind, inner, f"{place}.{name}", (*path, f"f:{name}"))
    elif path != ("f:metadata",):
        yield path, value
