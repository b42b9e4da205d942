"""What is left to do of a rewrite that was begun, by what the object is now."""

from collections.abc import Mapping, Sequence
from typing import Any

from maintainer.model.drift import StoredObject
from maintainer.model.restoring import ObjectWrite, RestoringRecord, Rewrite

_OWNING = frozenset(("apply", "disown"))
"""Requests that can be repeated: they change no value that is as they want it."""


def is_untouched(rewrite: Rewrite, now: StoredObject | None) -> bool:
    """Whether the object is the one that the rewrite was made for."""
    return (now.version if now else "") == rewrite.version


def left_to_write(rewrite: Rewrite, now: StoredObject | None) -> tuple[ObjectWrite, ...] | None:
    """The requests that are missing; ``None`` if somebody else has changed the object."""
    if is_untouched(rewrite, now):
        return rewrite.requests
    if now is None or not holds(now.content, rewrite.body):
        return None
    return tuple(request for request in rewrite.requests if request.verb in _OWNING)


def left_to_undo(rewrite: Rewrite, now: StoredObject | None) -> tuple[ObjectWrite, ...] | None:
    """The requests that bring the old values back; ``None`` if somebody else has changed the object."""
    made = not rewrite.version
    if now is None:
        return () if made else None
    if holds(now.content, rewrite.body):
        return None if made and _has_other_writers(rewrite, now) else rewrite.undo
    if made or not holds(now.content, rewrite.body_before):
        return None
    # Of several requests, the last ones may be missing. They follow a patch, which has brought the values back.
    return tuple(request for request in rewrite.undo[1:] if request.verb in _OWNING) if len(rewrite.undo) > 2 else ()


def _has_other_writers(rewrite: Rewrite, now: StoredObject) -> bool:
    """Whether an object has what somebody else has written since it was made: deleting it would delete that."""
    made_by = {request.manager for request in rewrite.requests}
    return any(manager.name not in made_by and not manager.subresource for manager in now.managers)


def other_state(record: RestoringRecord, now: StoredObject | None) -> Mapping[str, Any]:
    """What the object was before it was written, or put back; empty if it did not exist."""
    previous, content = record.previous or {}, now.content if now else {}
    is_put_back = all(content.get(part) == previous.get(part) for part in ("data", "spec"))
    return record.rewrite.body if is_put_back else previous


def same_values(one: StoredObject, other: StoredObject) -> bool:
    """Whether two versions of an object have the same values."""
    metadata, others = one.content.get("metadata"), other.content.get("metadata")
    same = holds(metadata, _declared(others)) and holds(others, _declared(metadata))
    return same and {**one.content, "metadata": None} == {**other.content, "metadata": None}


def _declared(metadata: object) -> Mapping[str, Any]:
    found: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
    return {name: found[name] for name in ("annotations", "labels") if name in found}


def holds(content: object, values: object) -> bool:
    """Whether an object has all these values; ``None`` is a field that it must not have.

    The API server leaves out some fields that are zero or empty.
    """
    if isinstance(values, Mapping):
        there: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
        return all(holds(there.get(name), value) for name, value in values.items())
    if isinstance(values, Sequence) and not isinstance(values, str):
        items = content if isinstance(content, Sequence) and not isinstance(content, str) else ()
        return all(any(holds(item, value) for item in items) for value in values)
    return content == values or (content is None and values in (False, 0, ""))
