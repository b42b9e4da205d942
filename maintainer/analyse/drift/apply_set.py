"""What is sent to restore an object, so that its deployer owns all that it declares, and nothing else is touched."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from maintainer.analyse.drift.field_sets import blocked, counterpart, overlaid, owned, united
from maintainer.analyse.drift.taken import taken
from maintainer.model.drift import Content, FieldManager, Path, StoredObject
from maintainer.model.report import Json
from maintainer.model.restoring import OWN_MANAGER, ObjectWrite

_IDENTITY = ("apiVersion", "kind")
_METADATA = ("name", "namespace", "labels", "annotations")
"""What of the metadata a deployer declares. The rest is the API server's."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What an object is to be: ``wanted`` are the fields to restore, ``pruned`` the paths at which extras go."""

    stored: StoredObject
    deployer: FieldManager
    wanted: Content
    pruned: Collection[Path] = ()


def forth_and_back(restored: Restored) -> tuple[tuple[ObjectWrite, ...], tuple[ObjectWrite, ...]]:
    """The requests that restore an object, and those that put its values back as they are now."""
    live, fields = plain(restored.stored.content), united(restored.stored.managers)
    body = _apply_set(restored, live, fields)
    after = _mapping(taken(overlaid(live, body, fields), body, restored.pruned))
    if restored.deployer.operation == "Update":
        return (_patch(live, after, restored.deployer.name),), (_patch(after, live, restored.deployer.name),)
    before = _mapping(counterpart(live, body, fields))
    first = [*blocked(live, body, fields), *restored.pruned]
    there = taken(live, after, first)
    back = [*blocked(after, before, fields), *restored.pruned]
    name = restored.deployer.name
    return (
        (*_own(live, _mapping(there)), *_applied(name, body)),
        (*_own(after, _mapping(taken(after, live, back))), *_applied(name, before)),
    )


def _applied(manager: str, body: Content) -> tuple[ObjectWrite, ObjectWrite]:
    return ObjectWrite("apply", manager, body, forced=True), ObjectWrite("disown", manager)


def _own(before: Content, after: Content) -> tuple[ObjectWrite, ...]:
    """The patch that a deployer cannot make, because others own what must go before it applies."""
    return () if before == after else (_patch(before, after, OWN_MANAGER),)


def _patch(before: Content, after: Content, manager: str) -> ObjectWrite:
    return ObjectWrite("patch", manager, merge_patch(before, after))


def _apply_set(restored: Restored, live: Content, fields: Content) -> Content:
    """All that the deployer owns, with the wanted values, and all that is wanted."""
    who = restored.deployer
    owned_now = _mapping(owned(live, who.fields)) if who.operation == "Apply" and who.fields else {}
    body = taken(overlaid(owned_now, restored.wanted, fields), restored.wanted, restored.pruned)
    return {**{name: live[name] for name in _IDENTITY if name in live}, **_mapping(body)}


def plain(content: Content) -> Content:
    """An object without what only the API server writes."""
    metadata = _mapping(content.get("metadata"))
    kept = {name: metadata[name] for name in _METADATA if name in metadata}
    return {**{name: value for name, value in content.items() if name != "status"}, "metadata": kept}


def merge_patch(before: Content, after: Content) -> Content:
    """The JSON merge patch (RFC 7396) that turns one object into the other."""
    made: dict[str, Json] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            if inner := merge_patch(old, value):
                made[name] = inner
        elif name not in before or old != value:
            made[name] = value
    return made


def _mapping(value: Json) -> Content:
    return value if isinstance(value, Mapping) else {}
