"""Trees put together from two: one of them, with the values of the other at certain paths."""

from collections.abc import Collection, Mapping
from typing import Any

from maintainer.analyse.drift.field_sets import List, is_list
from maintainer.analyse.drift.identities import pairs
from maintainer.model.drift import Path
from maintainer.model.report import Json


def taken(base: Json, other: Json, paths: Collection[Path]) -> Json:
    """``base`` with what ``other`` has at the paths, which are those of their comparison.

    What only ``other`` has comes last in its list. What it does not have is not in the result.
    """
    return _taken(base, other, frozenset(paths), ())


def _taken(base: Json, other: Json, paths: frozenset[Path], path: Path) -> Json:
    if path in paths:
        return other
    if not any(wanted[: len(path)] == path for wanted in paths):
        return base
    if isinstance(base, Mapping) and isinstance(other, Mapping):
        return _mapping(base, other, paths, path)
    if is_list(base) and is_list(other):
        return _list(base, other, paths, path)
    return base


def _mapping(
    base: Mapping[str, Json], other: Mapping[str, Json], paths: frozenset[Path], path: Path
) -> Mapping[str, Json]:
    made: dict[str, Json] = {}
    for name in dict.fromkeys((*base, *other)):
        inner = (*path, name)
        if name in base and name in other:
            made[name] = _taken(base[name], other[name], paths, inner)
        elif (name in other) == (inner in paths):
            made[name] = other[name] if inner in paths else base[name]
    return made


def _list(base: List, other: List, paths: frozenset[Path], path: Path) -> Json:
    field = next((step for step in reversed(path) if isinstance(step, str)), "")
    named = pairs(field, base, other) if base or other else None
    made: list[Any] = []
    if named is None:
        for index in range(max(len(base), len(other))):
            inner = (*path, index)
            if index < len(base) and index < len(other):
                made.append(_taken(base[index], other[index], paths, inner))
            elif (index < len(other)) == (inner in paths):
                made.append(other[index] if inner in paths else base[index])
        return made
    for pair in named:
        inner = (*path, pair.step)
        if pair.side == "both":
            made.append(_taken(pair.desired, pair.live, paths, inner))
        elif (pair.side == "live") == (inner in paths):
            made.append(pair.live if inner in paths else pair.desired)
    return made


def narrowed(content: Json, paths: Collection[Path]) -> Json:
    """The part of an object that leads to the paths. Items of lists keep their ``name``; other lists are whole."""
    if not all(paths):
        return content
    if isinstance(content, Mapping):
        inner = {name: [path[1:] for path in paths if path[0] == name] for name in content}
        return {name: narrowed(content[name], found) for name, found in inner.items() if found}
    if is_list(content) and all(isinstance(item, Mapping) for item in content):
        named = {f"name={item.get('name')}": item for item in content if isinstance(item, Mapping)}
        steps = {path[0] for path in paths}
        return [
            _item(item, [path[1:] for path in paths if path[0] == step])
            for step, item in named.items()
            if step in steps
        ]
    return content


def _item(item: Mapping[str, Json], paths: Collection[Path]) -> Json:
    found = narrowed(item, paths)
    return {"name": item.get("name"), **found} if isinstance(found, Mapping) else item
