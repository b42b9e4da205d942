"""Objects put together after ``metadata.managedFields``, which say how the API server merges each list and map.

A set of fields is a tree: ``f:NAME`` is a field, ``k:{…}`` an item of a list whose items are merged by these keys,
``v:…`` an item that is its own key, and ``.`` the field itself. What has nothing below it is owned as a whole.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TypeGuard

from maintainer.model.drift import Content, FieldManager, Path
from maintainer.model.report import Json

_UNIQUE = ("name", "nodePort")
"""Fields by which the API server tells ports apart too, although it merges them by others."""

List = Sequence[Json]


def united(managers: Iterable[FieldManager]) -> Content:
    """All fields that somebody owns, without those of subresources such as the status."""
    return reduce(_union, (manager.fields for manager in managers if not manager.subresource), {})


def below(fields: Content | None, step: str) -> Content | None:
    """The tree below a step; ``None`` if the set does not have it."""
    found = fields.get(step) if fields else None
    return found if isinstance(found, Mapping) else None


def owned(content: Json, fields: Content) -> Json:
    """The part of an object that is in the set."""
    if not fields:
        return content
    if isinstance(content, Mapping):
        return {
            name: owned(content[name], below(fields, f"f:{name}") or {})
            for name in (step[2:] for step in fields if step.startswith("f:"))
            if name in content
        }
    if is_list(content) and (keys := merged_by(fields)):
        found = ((item, _step_of(item, fields, keys)) for item in content)
        return [owned(item, below(fields, step) or {}) for item, step in found if step]
    if is_list(content):
        return [value for value in content if f"v:{_text(value)}" in fields]
    return content


def overlaid(live: Json, wanted: Json, fields: Content | None) -> Json:
    """``live`` with all that ``wanted`` has; what only ``live`` has stays, if that can be.

    What is owned as a whole is replaced as a whole, and an item that stands in the way of a wanted one goes.
    """
    if isinstance(live, Mapping) and isinstance(wanted, Mapping) and not is_whole(live, fields):
        both = {name: overlaid(live.get(name), value, below(fields, f"f:{name}")) for name, value in wanted.items()}
        return {**live, **both}
    if is_list(live) and is_list(wanted) and (keys := merged_by(fields)):
        kept = [item for item in live if not _is_in_the_way(item, wanted, keys)]
        return [_overlaid_item(item, wanted, fields, keys) for item in kept] + [
            item for item in wanted if not any(_same(other, item, keys) for other in live)
        ]
    if is_list(live) and is_list(wanted) and any(step.startswith("v:") for step in fields or ()):
        return [*live, *(value for value in wanted if value not in live)]
    return wanted


def blocked(live: Json, wanted: Json, fields: Content | None, path: Path = ()) -> Iterator[Path]:
    """The lists of ``live`` with an item beside which the API server would refuse a wanted one."""
    if isinstance(live, Mapping) and isinstance(wanted, Mapping):
        for name, value in wanted.items():
            yield from blocked(live.get(name), value, below(fields, f"f:{name}"), (*path, name))
    elif is_list(live) and is_list(wanted):
        keys = merged_by(fields)
        if keys and any(_is_in_the_way(item, wanted, keys) for item in live):
            yield path


def counterpart(live: Json, body: Json, fields: Content | None) -> Json:
    """The part of ``live`` that an apply of ``body`` changes: the same fields, and items that stand in the way."""
    if isinstance(live, Mapping) and isinstance(body, Mapping) and not is_whole(live, fields):
        there = (name for name in body if name in live)
        return {name: counterpart(live[name], body[name], below(fields, f"f:{name}")) for name in there}
    if not (is_list(live) and is_list(body) and (keys := merged_by(fields))):
        return live
    made: list[Json] = []
    for item in live:
        if (match := next((other for other in body if _same(item, other, keys)), None)) is not None:
            made.append(counterpart(item, match, below(fields, _step_of(item, fields or {}, keys))))
        elif _is_in_the_way(item, body, keys):
            made.append(item)
    return made


def is_whole(content: Json, fields: Content | None) -> bool:
    """Whether a map or list is owned as a whole, so that nobody can own a part of it."""
    return bool(content) and fields is not None and not fields


def merged_by(fields: Content | None) -> tuple[str, ...]:
    """The keys by which the API server merges the items of a list; () if it does not merge them by keys."""
    first = next((step for step in fields or () if step.startswith("k:")), None)
    return tuple(json.loads(first[2:])) if first else ()


def is_list(value: Json) -> TypeGuard[List]:
    """Whether a value is a list."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def _union(one: Content, other: Content) -> Content:
    return {step: _union(below(one, step) or {}, below(other, step) or {}) for step in dict.fromkeys((*one, *other))}


def _overlaid_item(item: Json, wanted: List, fields: Content | None, keys: tuple[str, ...]) -> Json:
    match = next((other for other in wanted if _same(item, other, keys)), None)
    return item if match is None else overlaid(item, match, below(fields, _step_of(item, fields or {}, keys)))


def _same(live: Json, wanted: Json, keys: tuple[str, ...]) -> bool:
    """Whether both have the same keys. Those that ``wanted`` does not say have a default."""
    if not isinstance(live, Mapping) or not isinstance(wanted, Mapping):
        return False
    return all(live.get(key) == wanted[key] for key in keys if key in wanted)


def _is_in_the_way(item: Json, wanted: List, keys: tuple[str, ...]) -> bool:
    """Whether the item is none of the wanted ones, and has what only one item may have and a wanted one has."""
    if not isinstance(item, Mapping) or any(_same(item, other, keys) for other in wanted):
        return False
    unique = (name for name in _UNIQUE if name not in keys and name in item)
    return any(isinstance(other, Mapping) and other.get(name) == item[name] for name in unique for other in wanted)


def _step_of(item: Json, fields: Content, keys: tuple[str, ...]) -> str:
    """The step of the set that leads to the item; "" if there is none."""
    if isinstance(item, Mapping):
        said = {key: item.get(key) for key in keys}
        for step in fields:
            if step.startswith("k:") and json.loads(step[2:]) == said:
                return step
    return ""


def _text(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"))
