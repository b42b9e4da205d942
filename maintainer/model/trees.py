"""JSON and YAML as dicts, lists, and texts that know where they stand in the file.

YAML is read from the parser's events and without recursion, so that deep nesting cannot end the process. Tags are
ignored: Prometheus takes ``expr: 1`` for a text as well.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import yaml

from maintainer.model.source_text import SourceText, Style
from maintainer.model.yaml_problem import unquoted

Tree = str | list["Tree"] | dict[str, "Tree"]
"""A document. Scalars are texts, also numbers, ``true`` and ``null``."""


class Limits(NamedTuple):
    """The deepest nesting that is read, and how many lists, mappings and texts with the aliases written out."""

    deepest: int = 500
    nodes: int = 1_000_000


LIMITS = Limits()
"""No known file has more."""

_JSON = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}\[\]]|[^\s"{}\[\],:]+', re.DOTALL)
_HALF = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair, which JSON can escape and no file can hold. Prometheus reads it as U+FFFD as well."""
_STYLES: Mapping[str, Style] = {"'": "'", '"': '"', "|": "|", ">": ">"}
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Broken(Exception):
    """A text is not valid JSON or YAML; ``line`` counts from 1."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


class TooLarge(Broken):
    """A text has more than what is read of it."""


def documents(text: str, *, only_json: bool = False) -> tuple[Tree, ...]:
    """All documents of a text. Raises :class:`Broken`.

    What begins like JSON is read as JSON, with duplicate keys and tabs. If that fails, it may be YAML's flow style.
    """
    begin = text.lstrip()[:2]
    looks_like_json = begin.startswith(("{", "[")) and begin != "{{"
    if not (only_json or looks_like_json):
        return from_yaml(text)
    try:
        return (from_json(text),)
    except Broken as error:
        if only_json or isinstance(error, TooLarge):
            raise
        try:
            return from_yaml(text)
        except Broken:
            raise error from None


def from_json(text: str) -> Tree:
    """The document of a JSON text. Raises :class:`Broken`."""
    if text.count(",") + text.count("[") + text.count("{") > 2 * LIMITS.nodes:
        raise TooLarge(f"not JSON that can be read: it has {_more_than(LIMITS)}", 1)
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise Broken(f"not JSON: {error.msg}", error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise Broken(f"not JSON that can be read: {error}", 1) from error
    tree = _Tree(LIMITS)
    for token in _JSON.finditer(text):
        match token[0][0]:
            case "{":
                tree.open({})
            case "[":
                tree.open([])
            case "}" | "]":
                tree.close()
            case '"':
                value = _HALF.sub("\ufffd", json.loads(token[0])) if "\\" in token[0] else token[0][1:-1]
                tree.put(SourceText(value, text, start=token.start(), end=token.end(), style='"'))
            case _:
                tree.put(token[0])
    return tree.roots[0]


def from_yaml(text: str, limits: Limits = LIMITS) -> tuple[Tree, ...]:
    """The documents of a YAML text, anchors and merge keys resolved. Raises :class:`Broken`."""
    tree = _Tree(limits)
    try:
        for event in yaml.parse(str(text), Loader=_LOADER):
            _take(tree, event, text)
    except yaml.MarkedYAMLError as error:
        scanning = error.context_mark if isinstance(error, yaml.scanner.ScannerError) else None
        mark = scanning or error.problem_mark or error.context_mark
        problem = ", ".join(part for part in (error.context, error.problem) if part)
        raise Broken(f"not YAML: {unquoted(problem)}", mark.line + 1 if mark else 1) from error
    except yaml.reader.ReaderError as error:
        raise Broken(f"not YAML: {error.reason}", text.count("\n", 0, error.position) + 1) from error
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise Broken(f"not YAML: {error}", 1) from error
    return tuple(tree.roots)


def leaves(text: str) -> Iterator[str]:
    """The keys, texts and brackets of the documents in their order; they are equal for texts that mean the same."""
    stack: list[Tree] = list(reversed(documents(text)))
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
        elif id(node) not in seen:
            seen.add(id(node))
            yield "{" if isinstance(node, dict) else "["
            inner = [part for pair in node.items() for part in pair] if isinstance(node, dict) else node
            stack += ["}" if isinstance(node, dict) else "]", *reversed(inner)]


def mappings(node: Tree | None) -> Iterator[dict[str, Tree]]:
    """The mappings of a list, or of the values of a mapping; none where there is neither."""
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        if isinstance(item, dict):
            yield item


def _take(tree: "_Tree", event: yaml.Event, text: str) -> None:
    start, end = event.start_mark, event.end_mark
    match event:
        case yaml.DocumentStartEvent():
            tree.begin()
        case yaml.MappingStartEvent():
            tree.open({}, event.anchor, line=start.line + 1 if start else 1)
        case yaml.SequenceStartEvent():
            tree.open([], event.anchor, line=start.line + 1 if start else 1)
        case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
            tree.close()
        case yaml.ScalarEvent() if start and end:
            style = _STYLES.get(event.style or "", "plain")
            tree.put(SourceText(event.value, text, start=start.index, end=end.index, style=style), event.anchor)
        case yaml.AliasEvent():
            tree.put_alias(event.anchor or "", line=start.line + 1 if start else 1)
        case _:
            return


def _more_than(limits: Limits) -> str:
    return f"more than {limits.nodes:,} keys and values"


class _Tree:
    """Builds documents out of the parts of a text, which come in its order."""

    def __init__(self, limits: Limits) -> None:
        self.roots: list[Tree] = []
        self._limits = limits
        self._total = 0
        self._anchors: dict[str, Tree] = {}
        self._open: list[list[Tree] | dict[str, Tree]] = [self.roots]
        self._keys: list[str | None] = [None]
        self._nodes: list[int] = [0]
        self._nodes_of: dict[int, int] = {}

    def begin(self) -> None:
        """Begin a document: it knows no anchor of the one before."""
        self._anchors.clear()
        self._nodes_of.clear()
        self._nodes = [0]

    def open(self, container: list[Tree] | dict[str, Tree], anchor: str | None = None, *, line: int = 1) -> None:
        """Begin a list or a mapping, to which everything belongs until it is closed."""
        if len(self._open) > self._limits.deepest:
            raise TooLarge("not YAML or JSON that can be read: nested too deeply", line)
        self.put(container, anchor)
        self._open.append(container)
        self._keys.append(None)
        self._nodes.append(0)

    def close(self) -> None:
        """End the innermost list or mapping."""
        nodes = self._nodes.pop()
        self._nodes[-1] += nodes
        self._nodes_of[id(self._open.pop())] = nodes + 1
        self._keys.pop()

    def put(self, value: Tree, anchor: str | None = None) -> None:
        """Add a key or a value to the innermost list or mapping."""
        if anchor:
            self._anchors[anchor] = value
        self._nodes[-1] += 1
        self._total += 1
        if self._total > self._limits.nodes:
            raise TooLarge(f"not YAML or JSON that can be read: it has {_more_than(self._limits)}", 1)
        container, key = self._open[-1], self._keys[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is None:
            self._keys[-1] = value if isinstance(value, str) else ""
        else:
            self._keys[-1] = None
            if key == "<<" and isinstance(key, SourceText) and key.style == "plain":
                _merge(container, value)
            else:
                container[key] = value

    def put_alias(self, anchor: str, *, line: int) -> None:
        """Put what has the anchor. Raises :class:`Broken` if nothing has it, or if it would never end or be huge."""
        if anchor not in self._anchors:
            raise Broken("not YAML: no anchor has the name after the *; a text that begins with * needs quotes", line)
        value = self._anchors[anchor]
        if any(value is container for container in self._open):
            raise TooLarge(f"not YAML that can be read: aliases nested too deep, '{anchor}' contains itself", line)
        more = self._nodes_of.get(id(value), 1) - 1
        self._nodes[-1] += more
        self._total += more
        if self._total > self._limits.nodes:
            raise TooLarge(f"not YAML that can be read: aliases nested too deep, '{anchor}' is huge written out", line)
        self.put(value)


def _merge(into: dict[str, Tree], merged: Tree) -> None:
    """Add what ``<<`` names to a mapping, without the keys that it has."""
    for mapping in merged if isinstance(merged, list) else [merged]:
        if isinstance(mapping, dict):
            for key, value in mapping.items():
                into.setdefault(key, value)
