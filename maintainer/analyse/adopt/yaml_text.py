"""A text of YAML, changed at one place: a value is set, an entry of a mapping is added or taken away."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

import yaml

from maintainer.analyse.adopt.retold import MOST_CHARACTERS
from maintainer.model.report import Json
from maintainer.model.source_text import Edit, SourceText, spliced
from maintainer.model.trees import Broken, Tree, from_yaml

Keys = tuple[str | int, ...]
"""Where a value stands in a document."""

_TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z0-9_./$-][\w./$%*+ ()-]*(?<! )", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of a document: ``path`` leads to it, ``key`` is the text of its key, "" for an item of a list."""

    path: Keys
    key: str
    value: Tree


def entries(text: str) -> tuple[Entry, ...]:
    """All values of the first document of a text, lists and mappings too; () for what is no YAML."""
    try:
        trees = from_yaml(text)
    except Broken:
        return ()
    return tuple(_entries((), "", trees[0])) if trees else ()


def with_value(text: str, entry: Entry, new: str) -> str:
    """The text with another single value in the place of one, "" if it cannot be written there."""
    old = entry.value
    if not isinstance(old, SourceText):
        return ""
    if old.style in {"|", ">"}:  # whose line ends are those of its header
        new = new.rstrip("\n") + old[len(old.rstrip("\n")) :]
    intended = [(each.path, new if each.path == entry.path else each.value) for each in _leaves(text)]
    for edits in (_word_edits(old, new), [_whole(text, old, new)]):
        if _ordered(edits):
            found = spliced(text, edits)
            if [(each.path, each.value) for each in _leaves(found)] == intended:
                return found
    return ""


def with_document(text: str, entry: Entry, value: Json) -> str:
    """The text with a list or a mapping in the place of one that is empty and written in one line, "" if it is not."""
    key = entry.key
    if entry.value not in ([], {}) or not isinstance(key, SourceText):
        return ""
    written = re.compile(r"[ \t]*:[ \t]*(\[\]|\{\})").match(text, key.end)
    if not written:
        return ""
    indent = " " * (_indent_at(text, key.start) + 2)
    return spliced(text, [Edit(*written.span(), ":\n" + indented(value, indent).rstrip("\n"))])


def with_entry(text: str, mapping: Mapping[str, Tree], name: str, value: Json) -> str:
    """The text with another entry at the end of a mapping that is written in lines, "" if it is not."""
    last = [*mapping][-1] if mapping else ""
    if not isinstance(last, SourceText):
        return ""
    begin, end = _lines_of(text, last)
    indent = text[begin : last.start]
    if indent.strip(" "):
        return ""
    before = "" if text[:end].endswith("\n") else "\n"
    return text[:end] + before + indented({name: value}, indent) + text[end:]


def without_entry(text: str, key: str) -> str:
    """The text without the lines of an entry, "" if it does not stand in lines of its own."""
    if not isinstance(key, SourceText):
        return ""
    begin, end = _lines_of(text, key)
    return "" if text[begin : key.start].strip(" ") else text[:begin] + text[end:]


def indented(value: Json, indent: str) -> str:
    """A list or a mapping as lines of YAML; texts of several lines as they read."""
    dumped = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100_000)
    return "".join(f"{indent}{line}" if line.strip() else line for line in dumped.splitlines(keepends=True))


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as a block."""


def _represented(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represented)


def _entries(path: Keys, key: str, node: Tree) -> Iterator[Entry]:
    yield Entry(path, key, node)
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _entries((*path, str(name)), name, value)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _entries((*path, index), "", value)


def _leaves(text: str) -> list[Entry]:
    return [entry for entry in entries(text) if isinstance(entry.value, str) or not entry.value]


def _word_edits(old: SourceText, new: str) -> list[Edit]:
    """The edits of the file for the words that differ; none for a text that is too long to compare them."""
    if max(len(old), len(new)) > MOST_CHARACTERS:
        return []
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    starts = [0]
    for token in before:
        starts.append(starts[-1] + len(token))
    found = [
        Edit(starts[begin], starts[end], "".join(after[at:until]))
        for what, begin, end, at, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        if what != "equal"
    ]
    if any(edit.start == edit.end for edit in found):
        return []
    outer, same = old.lifted(found)
    return [outer.lift(edit) for edit in same]


def _whole(text: str, old: SourceText, new: str) -> Edit:
    """The edit that writes a value anew, as a block where it was one."""
    if old.style in {"|", ">"} and "\n" in text[old.start : old.end]:
        header, body = text[old.start : old.end].split("\n", 1)
        indent = " " * (len(body) - len(body.lstrip(" ")))
        tail = body[len(body.rstrip()) :]
        lines = (f"{indent}{line}" if line else "" for line in new.rstrip("\n").split("\n"))
        return Edit(old.start, old.end, "\n".join((header, *lines)) + tail)
    if old.style == "'" and new.isprintable():
        return Edit(old.start, old.end, "'" + new.replace("'", "''") + "'")
    plain = old.style == "plain" and _PLAIN.fullmatch(new)
    return Edit(old.start, old.end, new if plain else json.dumps(new, ensure_ascii=False))


def _ordered(edits: Sequence[Edit]) -> bool:
    ordered = sorted(set(edits))
    return bool(ordered) and all(before.end <= after.start for before, after in pairwise(ordered))


def _indent_at(text: str, position: int) -> int:
    begin = text.rfind("\n", 0, position) + 1
    line = text[begin:]
    return len(line) - len(line.lstrip(" "))


def _lines_of(text: str, key: SourceText) -> tuple[int, int]:
    """From where to where the lines of an entry stand, without blank lines and comments that belong to the next."""
    begin = text.rfind("\n", 0, key.start) + 1
    indent = _indent_at(text, key.start)
    first, *others = text[begin:].splitlines(keepends=True)
    at = end = begin + len(first)
    for line in others:
        said, inside = line.strip(), len(line) - len(line.lstrip(" ")) > indent
        if said and not inside and not said.startswith("#"):
            break
        at += len(line)
        end = at if said and inside else end
    return begin, end
