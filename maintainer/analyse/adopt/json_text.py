"""A text of JSON, changed at the places where its document is to be another one: all else of the text stays."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from maintainer.analyse.drift.identities import pairs
from maintainer.model.report import Json
from maintainer.model.source_text import Edit, spliced
from maintainer.model.trees import Broken, from_json

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[{}\[\]]|[^\s"{}\[\],:]+', re.DOTALL)
_INDENT = re.compile(r"\n([ \t]+)\S")

MOST_PAIRS = 4_000_000
"""Of lists with more pairs of items, those with the same index are taken for the same item."""


@dataclass(slots=True)
class Node:
    """A value and where it is written: from ``start`` to before ``end``.

    ``items`` are the values in it. That of a mapping has its ``name``, and ``begin`` is where the name begins.
    """

    value: Json
    start: int
    end: int
    begin: int
    name: str
    items: list["Node"]


@dataclass(frozen=True, slots=True)
class _Style:
    """How a file is written: what indents a level, and whether other letters than those of ASCII are escaped."""

    indent: str
    ascii: bool

    def inline(self, value: Json, *, tight: bool) -> str:
        separators = (",", ":") if tight else (", ", ": ")
        return json.dumps(value, ensure_ascii=self.ascii, separators=separators)

    def lines(self, value: Json, indent: str) -> str:
        written = json.dumps(value, ensure_ascii=self.ascii, indent=self.indent)
        return written.replace("\n", f"\n{indent}")


def rewritten(text: str, document: Json) -> str:
    """The text with the places changed in which its document differs from this one. Raises ``Broken``."""
    root = parsed(text)
    found = _INDENT.search(text)
    style = _Style(found[1] if found else "  ", ascii=text.isascii() and "\\u" in text)
    return spliced(text, _edits(text, root, document, style=style, field=""))


def parsed(text: str) -> Node:
    """The document of a text of JSON. Raises ``Broken``."""
    from_json(text)  # knows what is too large or nested too deeply
    root = Node([], 0, 0, 0, "", [])
    open_: list[Node] = [root]
    name: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        if token[0] in "}]":
            closed = open_.pop()
            closed.end = end
            closed.value = (
                {item.name: item.value for item in closed.items}
                if token[0] == "}"
                else [item.value for item in closed.items]
            )
            continue
        if isinstance(open_[-1].value, dict) and name is None:
            name = token
            continue
        value: Json = {} if token[0] == "{" else [] if token[0] == "[" else json.loads(token[0])
        node = Node(value, start, end, name.start() if name else start, json.loads(name[0]) if name else "", [])
        name = None
        open_[-1].items.append(node)
        if token[0] in "{[":
            open_.append(node)
    if len(root.items) != 1:
        raise Broken("not JSON that can be read", 1)
    return root.items[0]


def same(value: Json, other: Json) -> bool:
    """Whether two values are equal, where ``true`` is not ``1``; the order of keys does not count."""
    return json.dumps(value, sort_keys=True) == json.dumps(other, sort_keys=True)


def _edits(text: str, node: Node, value: Json, *, style: _Style, field: str) -> Iterator[Edit]:
    """The edits by which a value becomes another; ``field`` is the name of the list or the mapping it stands in."""
    if same(node.value, value):
        return
    old = node.value
    if isinstance(old, Mapping) and isinstance(value, Mapping) and node.items and value:
        partners = {index: value.get(item.name) for index, item in enumerate(node.items) if item.name in value}
        order = [*value]
        kept = {item.name: index for index, item in enumerate(node.items) if item.name in value}
        plan = [(kept.get(name), value[name], name) for name in order]
        yield from _of_items(text, node, plan, style=style)
        for index, wanted in partners.items():
            yield from _edits(text, node.items[index], wanted, style=style, field=node.items[index].name)
    elif isinstance(old, list) and isinstance(value, (list, tuple)) and node.items and value:
        matched = _matched(field, old, value)
        yield from _of_items(text, node, [(matched.get(at), item, None) for at, item in enumerate(value)], style=style)
        for at, index in matched.items():
            yield from _edits(text, node.items[index], value[at], style=style, field=field)
    else:
        yield Edit(node.start, node.end, _written(text, node, value, style))


def _matched(field: str, old: Sequence[Json], new: Sequence[Json]) -> Mapping[int, int]:
    """Which item of the new list is which of the old one: by their names, else by their order."""
    named = pairs(field, old, new)
    if named is not None:
        places = {id(item): index for index, item in enumerate(old)}
        others = {id(item): at for at, item in enumerate(new)}
        if len(places) == len(old) and len(others) == len(new):
            return {others[id(pair.live)]: places[id(pair.desired)] for pair in named if pair.side == "both"}
    found: dict[int, int] = {}
    if len(old) * len(new) > MOST_PAIRS:
        return {index: index for index in range(min(len(old), len(new)))}
    before, after = ([json.dumps(item, sort_keys=True) for item in items] for items in (old, new))
    for _, begin, end, at, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        found |= dict(zip(range(at, until), range(begin, end), strict=False))
    return found


_Plan = Sequence[tuple[int | None, Json, str | None]]
"""The items that a list or a mapping is to have, in order: the index of the one that is there, or a value to be added,
and its name in a mapping."""


def _of_items(text: str, node: Node, plan: _Plan, *, style: _Style) -> Iterator[Edit]:
    """Take away the items that are not in the plan, and add those that are new."""
    kept = sorted(index for index, _, _ in plan if index is not None)
    if not kept:
        yield Edit(node.start, node.end, _written(text, node, _value(plan), style))
        return
    yield from _without(node, kept)
    written = _writer(text, node, style)
    before: int | None = None
    for new, group in groupby(plan, key=lambda item: item[0] is None):
        items = [*group]
        if not new:
            before = items[-1][0]
            continue
        added, between = [written(value, name) for _, value, name in items], _between(text, node)
        if before is None:
            first = node.items[kept[0]].begin
            yield Edit(first, first, "".join(one + between for one in added))
        else:
            end = node.items[before].end
            yield Edit(end, end, "".join(between + one for one in added))


def _without(node: Node, kept: Sequence[int]) -> Iterator[Edit]:
    """Take away all items but these."""
    items, wanted = node.items, set(kept)
    for keep, group in groupby(range(len(items)), key=wanted.__contains__):
        gone = [*group]
        if keep:
            continue
        if gone[-1] + 1 < len(items):
            yield Edit(items[gone[0]].begin, items[gone[-1] + 1].begin, "")
        else:
            yield Edit(items[gone[0] - 1].end, items[-1].end, "")


def _value(plan: _Plan) -> Json:
    if any(name is not None for _, _, name in plan):
        return {name: value for _, value, name in plan if name is not None}
    return [value for _, value, _ in plan]


def _between(text: str, node: Node) -> str:
    """What stands between two items: a comma, and white space as before the first one."""
    begin = node.items[0].begin
    blank = text[node.start + 1 : begin]
    if "\n" in blank:
        return "," + blank[blank.rindex("\n") :]
    second = text[node.items[0].end : node.items[1].begin] if len(node.items) > 1 else ""
    return second or (", " if '": ' in text else ",")


def _writer(text: str, node: Node, style: _Style) -> Callable[[Json, str | None], str]:
    """Writes a new item as the others of its list or mapping are written."""
    inner = _between(text, node)
    tight = '": ' not in text
    broad = "\n" in inner and not (
        len(node.items) > 1
        and all("\n" not in text[item.start : item.end] for item in node.items)
        and any(item.items for item in node.items)
    )

    def written(value: Json, name: str | None) -> str:
        said = style.lines(value, inner[inner.rindex("\n") + 1 :]) if broad else style.inline(value, tight=tight)
        return said if name is None else style.inline(name, tight=tight) + (":" if tight else ": ") + said

    return written


def _written(text: str, node: Node, value: Json, style: _Style) -> str:
    """A value in the place of another: in one line where there were no lines."""
    line = text[text.rfind("\n", 0, node.start) + 1 : node.start]
    indent = line[: len(line) - len(line.lstrip())]
    alone = "\n" not in text.strip()
    return style.inline(value, tight='": ' not in text) if alone else style.lines(value, indent)
