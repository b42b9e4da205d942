"""Where in a chart a change might be written. Which of these places is the right one is seen when they are rendered.

A chart's template decides what becomes of a value, so nothing is taken for granted here: a place is a candidate because
it has the deployed value, or because its neighbours are written there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from maintainer.analyse.adopt.dashboards import TEMPLATES
from maintainer.analyse.adopt.retold import other_value, retold
from maintainer.analyse.adopt.template_text import template_edits
from maintainer.analyse.adopt.yaml_text import (
    Entry,
    entries,
    with_document,
    with_entry,
    with_value,
    without_entry,
)
from maintainer.analyse.drift.scalars import same_value
from maintainer.model.drift import Change
from maintainer.model.report import Json

VALUES = "values.yaml"
MOST = 24
"""The most candidates of a change in the values, and in the templates: the chart is rendered for each."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file of the chart with the change made in it, at ``place``."""

    path: str
    place: str
    text: str


def candidates(change: Change, files: Mapping[str, str], siblings: Mapping[str, Json]) -> Iterator[Candidate]:
    """The places, the likely ones first; ``siblings`` are the items of the list that is changed, or in which the item
    stands that is changed, by their names."""
    for found in (_in_values(change, files.get(VALUES, ""), siblings), _in_templates(change, files)):
        yield from islice((candidate for candidate in found if candidate.text), MOST)


def names(change: Change) -> tuple[str, ...]:
    """The names on the way to a change: of fields, and of items such as alerts."""
    steps = (str(step) for step in change.path if isinstance(step, str))
    return tuple(step.split("=", 1)[1].split("#")[0] if "=" in step else step for step in steps)


def _in_values(change: Change, text: str, siblings: Mapping[str, Json]) -> Iterator[Candidate]:
    there = _ranked(entries(text), change)
    if change.live is None:
        yield from _taken_away(change, text, there)
        return
    if change.desired is not None:
        for entry in there:
            new = _new_value(entry, change.desired, change.live)
            if new:
                yield _at(entry, with_value(text, entry, new))
    yield from _added(change, text, there, siblings)


def _taken_away(change: Change, text: str, there: Sequence[Entry]) -> Iterator[Candidate]:
    """Without what the live object lacks: switched off where there is a switch, else without its entry."""
    named = [entry for entry in there if entry.path and _is_named(entry, change)]
    for entry in named:
        switch = next((one for one in there if one.path == (*entry.path, "enabled")), None)
        if switch and switch.value == "true":
            yield _at(switch, with_value(text, switch, "false"))
    for entry in named:
        yield _at(entry, without_entry(text, entry.key))


def _added(change: Change, text: str, there: Sequence[Entry], siblings: Mapping[str, Json]) -> Iterator[Candidate]:
    """A new item among its siblings, a new field of an item, or the first item of an empty list or mapping."""
    way, learned = names(change), _learned(there, siblings)
    for entry in there if way else ():
        for key, value in _new_entries(change, entry, siblings, learned):
            if isinstance(entry.value, dict) and key not in entry.value:
                yield _at(entry, with_entry(text, entry.value, key, value))
    for entry in there if change.desired is None else ():
        for value in (change.live, [change.live], {way[-1]: change.live} if way else None):
            if isinstance(value, (list, tuple) if entry.value == [] else Mapping):
                yield _at(entry, with_document(text, entry, value))


def _new_entries(
    change: Change, entry: Entry, siblings: Mapping[str, Json], learned: Mapping[tuple[str, ...], str]
) -> Iterator[tuple[str, Json]]:
    """What a mapping may get: a new item if its siblings are in it, a new field if it is of an item on the way."""
    way = names(change)
    if (
        isinstance(change.live, Mapping)
        and isinstance(entry.value, dict)
        and not siblings.keys().isdisjoint(entry.value)
    ):
        for written in _written(change.live, learned):
            yield way[-1], written
    elif entry.path and entry.path[-1] in way[:-1]:
        yield from _as_fields(change, learned)


def _as_fields(change: Change, learned: Mapping[tuple[str, ...], str]) -> Iterator[tuple[str, Json]]:
    """How a new field may be called in the values: as in other items, in the letters of values, or as it is."""
    steps = tuple(str(step) for step in change.path if isinstance(step, str) and "=" not in step)
    last, around = steps[-1], steps[-2] if len(steps) > 1 else ""
    yield from ((key, change.live) for path, key in learned.items() if path[-1] == last)
    yield _camel(last), change.live
    yield around, {last: change.live}


def _written(item: Mapping[str, Json], learned: Mapping[tuple[str, ...], str]) -> Iterator[Json]:
    """A new item as its siblings are written in the values. What none of them has may be left out there, as the
    template gives it by itself, or be called in one way or the other."""
    flat = dict(_flat((), item))
    known = {learned[path]: value for path, value in flat.items() if path in learned}
    others = [path for path in flat if path not in learned and path not in (("alert",), ("record",))]
    for ways in product(("omitted", "own", "inside"), repeat=len(others)):
        written: dict[str, Json] = dict(known)
        for path, way in zip(others, ways, strict=True):
            if way == "own":
                written[_camel(path[-1])] = flat[path]
            elif way == "inside" and len(path) > 1:
                around = written.get(path[0])
                written[path[0]] = {**(around if isinstance(around, Mapping) else {}), path[-1]: flat[path]}
        yield written


def _learned(there: Sequence[Entry], siblings: Mapping[str, Json]) -> Mapping[tuple[str, ...], str]:
    """By the path of a field in an item, how the values call it: seen where siblings are written there."""
    found: dict[tuple[str, ...], str] = {}
    for entry in there:
        item = siblings.get(str(entry.path[-1])) if entry.path else None
        if not isinstance(entry.value, dict) or not isinstance(item, Mapping):
            continue
        keys = {_normal(key): str(key) for key, value in entry.value.items() if isinstance(value, str)}
        found |= {path: keys[_normal(path[-1])] for path, _ in _flat((), item) if _normal(path[-1]) in keys}
    return found


def _flat(path: tuple[str, ...], item: Json) -> Iterator[tuple[tuple[str, ...], Json]]:
    if isinstance(item, Mapping) and item:
        for key, value in item.items():
            yield from _flat((*path, str(key)), value)
    elif path:
        yield path, item


def _new_value(entry: Entry, desired: Json, live: Json) -> str:
    """What a value has to be for the live one, "" if the deployed one does not come of it."""
    if not (_is_scalar(desired) and _is_scalar(live) and isinstance(entry.value, str) and entry.value):
        return ""
    value, before, after = str(entry.value), str(desired), str(live)
    if same_value(value.strip(), before.strip()):
        return after
    return retold(value, before, after) if "{{" in value else other_value(value, before, after)


def _ranked(there: Sequence[Entry], change: Change) -> list[Entry]:
    """The entries, first those with most of the names on the way to the change, the last name before all."""
    wanted = [_normal(name) for name in names(change)]

    def strangeness(entry: Entry) -> tuple[int, int]:
        own = [_normal(str(step)) for step in entry.path]
        common = sum(name in own for name in wanted)
        return -common - 2 * (bool(own) and bool(wanted) and own[-1] == wanted[-1]), len(own)

    return sorted(there, key=strangeness)


def _is_named(entry: Entry, change: Change) -> bool:
    return _normal(str(entry.path[-1])) == _normal(names(change)[-1]) if names(change) else False


def _in_templates(change: Change, files: Mapping[str, str]) -> Iterator[Candidate]:
    for path, text in files.items():
        if path.startswith(TEMPLATES):
            for line, changed in template_edits(change, text):
                yield Candidate(path, f"line {line}", changed)


def _at(entry: Entry, text: str) -> Candidate:
    return Candidate(VALUES, ".".join(map(str, entry.path)), text)


def _is_scalar(value: Json) -> bool:
    return isinstance(value, (str, int, float))


def _normal(name: str) -> str:
    """A name without what tells the ways of writing names apart: ``keepFiringFor`` and ``keep_firing_for``."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _camel(name: str) -> str:
    first, *others = re.split(r"[_-]", name)
    return first + "".join(other.capitalize() for other in others)
