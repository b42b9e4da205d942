"""The value of a key of a ConfigMap as it was deployed, with what is kept of the one that stands there."""

import json
from collections.abc import Collection
from textwrap import indent
from typing import Any

import yaml

from maintainer.analyse.drift.taken import taken
from maintainer.model import trees
from maintainer.model.drift import Path
from maintainer.model.source_text import Edit, spliced

_SCALARS = ("bool", "float", "int", "null", "str", "timestamp", "value")


class _Scalar(str):
    """A scalar as it is written. To Prometheus ``yes`` may be a text, and ``012`` another number than to Python."""

    __slots__ = ("style", "tag")
    style: str | None
    tag: str


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # of two classes
    """Reads scalars as they are written."""


class _Dumper(yaml.SafeDumper):
    """Writes scalars as they were read, and what stands twice as two."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 # the signature is PyYAML's
        """Write no anchors."""
        return True


def _read_scalar(_: yaml.SafeLoader, node: yaml.ScalarNode) -> _Scalar:
    made = _Scalar(node.value)
    made.tag, made.style = node.tag, node.style
    return made


def _written_scalar(_: yaml.SafeDumper, value: _Scalar) -> yaml.ScalarNode:
    return yaml.ScalarNode(value.tag, str(value), style=value.style)


for _tag in _SCALARS:
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _read_scalar)
_Dumper.add_representer(_Scalar, _written_scalar)


def carried(desired: str, live: str, kept: Collection[Path]) -> str | None:
    """The text ``desired`` with what ``live`` has at the paths; ``None`` if one of them cannot be read.

    Items that are kept are added to the text, and the rest of it stays. Only for other values it is written anew.
    """
    if not kept:
        return desired
    wanted, there = _read(desired), _read(live)
    if wanted is None or there is None:
        return None
    made = taken(wanted, there, kept)
    if desired.lstrip().startswith("{"):
        return json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    added = _added(desired, wanted, made)
    return added if added and _read(added) == made else _dumped(made)


def _dumped(value: Any) -> str:
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def _added(text: str, wanted: Any, made: Any) -> str:
    """The text with the items that are only in ``made`` at the ends of their lists; "" if more than that differs."""
    whole = text if text.endswith("\n") else f"{text}\n"
    edits = _insertions(yaml.compose(whole, _Loader), wanted, made)
    if edits is None:
        return ""
    ends = ((at if whole[at - 1] == "\n" else whole.index("\n", at) + 1, new) for at, new in edits)
    return spliced(whole, (Edit(at, at, new) for at, new in ends))


def _insertions(node: yaml.Node | None, wanted: Any, made: Any) -> list[tuple[int, str]] | None:
    """Where in the text of ``wanted`` what is to be inserted; ``None`` if it cannot become ``made`` by that."""
    if wanted == made:
        return []
    if isinstance(node, yaml.MappingNode) and isinstance(made, dict) and wanted.keys() == made.keys():
        values = {key.value: value for key, value in node.value}
        inner = [(values.get(str(name)), wanted[name], made[name]) for name in wanted]
    elif isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value and isinstance(made, list):
        inner = list(zip(node.value, wanted, made, strict=False))
    else:
        return None
    found = [_insertions(*triple) for triple in inner]
    if any(edits is None for edits in found):
        return None
    edits = [edit for part in found if part for edit in part]
    if isinstance(made, list) and len(made) > len(wanted):
        edits.append((_end(node), indent(_dumped(made[len(wanted) :]), " " * node.start_mark.column)))
    return edits


def _end(node: yaml.Node) -> int:
    """Where the last scalar of a list ends."""
    while isinstance(node, yaml.CollectionNode) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _read(text: str) -> Any:
    """The JSON or YAML; ``None`` if it is neither, or too large with its aliases written out."""
    try:
        trees.documents(text)
        return json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, _Loader)  # noqa: S506 # safe
    except (trees.Broken, yaml.YAMLError, ValueError, RecursionError):
        return None
