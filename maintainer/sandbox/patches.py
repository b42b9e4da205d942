"""Changes of an object as ``kubectl patch``, ``label`` and ``annotate`` send them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from maintainer.sandbox.statuses import bad_request, unsupported
from maintainer.sandbox.store import Object, key_of

MERGE, JSON_PATCH = "application/merge-patch+json", "application/json-patch+json"


def patched(item: Object, *, media_type: str, body: bytes) -> Object:
    """The object with the change in the body: a merge patch, or a JSON patch that adds and replaces.

    Raises ``Refusal`` for any other patch, and for one that cannot be applied.
    """
    if media_type not in _APPLIED:
        raise unsupported(_APPLIED)
    try:
        change = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise bad_request(f"error decoding patch: {error}") from error
    try:
        changed: Object = _APPLIED[media_type](item, change)
        same = key_of(changed) == key_of(item)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise bad_request(f"the patch cannot be applied: {error!r}") from error
    if not same:
        raise bad_request("the name and the namespace of an object cannot be changed")
    return changed


def _merged(made: Any, change: Any) -> Any:
    """A JSON merge patch (RFC 7396)."""
    if not isinstance(change, Mapping):
        return change
    before = made if isinstance(made, Mapping) else {}
    both = {**before, **{name: _merged(before.get(name), value) for name, value in change.items()}}
    return {name: value for name, value in both.items() if value is not None}


def _added(made: Any, operations: Any) -> Any:
    """A JSON patch (RFC 6902) of operations that add or replace."""
    for operation in operations:
        if operation["op"] not in ("add", "replace"):
            raise ValueError(f"the operation {operation['op']} is not served here")
        pointer = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
        made = _with(made, pointer, operation["value"], insert=operation["op"] == "add")
    return made


def _with(made: Any, pointer: Sequence[str], value: Any, *, insert: bool) -> Any:
    """A copy that has the value at the pointer, in a list before what is there if it is to be inserted."""
    if not pointer:
        return value
    first, *rest = pointer
    if not isinstance(made, list):
        return {**made, first: _with(made[first] if rest else None, rest, value, insert=insert)}
    at = len(made) if first == "-" else int(first)
    kept = [] if rest or not insert else made[at : at + 1]
    return [*made[:at], _with(made[at] if rest else None, rest, value, insert=insert), *kept, *made[at + 1 :]]


_APPLIED: Mapping[str, Callable[[Any, Any], Any]] = {MERGE: _merged, JSON_PATCH: _added}
