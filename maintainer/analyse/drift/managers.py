"""Who wrote a field last, by the entries of ``metadata.managedFields``."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from maintainer.analyse.drift.differences import Steps
from maintainer.model.drift import Content, FieldManager
from maintainer.model.report import Json

_NEVER = datetime.min.replace(tzinfo=UTC)


def owners(managers: Sequence[FieldManager], steps: Steps) -> tuple[FieldManager, ...]:
    """The managers that own a field of an object, or the whole in which it stands, such as a list without keys.

    The last writer comes first. ``steps`` leads to the field in the object as it is stored.
    """
    found = [manager for manager in managers if not manager.subresource and owns(manager.fields, steps)]
    return tuple(sorted(found, key=lambda manager: manager.time or _NEVER, reverse=True))


def owns(fields: Content, steps: Steps) -> bool:
    """Whether these ``fieldsV1`` hold a field. A field without fields below it is owned with all that is in it."""
    node: Json = fields
    for depth, step in enumerate(steps):
        if not isinstance(node, Mapping):
            return False
        if not node:
            return depth > 0
        key = next((key for key in node if _leads(key, step)), None)
        if key is None:
            return False
        node = node[key]
    return isinstance(node, Mapping)


def whole(fields: Content, steps: Steps) -> bool:
    """Whether these ``fieldsV1`` hold a field without saying what is in it: all of it has one owner."""
    return owns(fields, (*steps, "")) and owns(fields, steps)


def _leads(key: str, step: Json) -> bool:
    """Whether a key of ``fieldsV1`` leads to this field or item."""
    kind, _, text = key.partition(":")
    if kind == "f":
        return text == step
    if kind not in {"k", "v"}:
        return False
    try:
        wanted = json.loads(text)
    except ValueError:
        return False
    if kind == "v" or not isinstance(wanted, dict):
        return bool(wanted == step)
    return isinstance(step, Mapping) and all(step.get(name) == value for name, value in wanted.items())


def leaves(content: Json, steps: Steps = ()) -> Iterator[Steps]:
    """The way to each single value of an object, and to each list."""
    if isinstance(content, Mapping) and content:
        for name, value in content.items():
            yield from leaves(value, (*steps, name))
    else:
        yield steps
