"""A template of a chart, changed at lines that say a deployed value as it is, without braces."""

import json
import re
from collections.abc import Iterator

from maintainer.analyse.drift.identities import SETS
from maintainer.analyse.drift.scalars import same_value
from maintainer.model.drift import Change
from maintainer.model.report import Json
from maintainer.model.trees import Broken, from_yaml

_LINE = re.compile(r"(?P<lead>[ \t]*(?:- )?)(?P<key>[\w./-]+):(?:[ \t]+(?P<value>[^\s{][^{]*?))?[ \t]*")
_PLAIN = re.compile(r"[A-Za-z_/$][\w./$-]*", re.ASCII)


def template_edits(change: Change, text: str) -> Iterator[tuple[int, str]]:
    """The text with the change made, at each line where that may be right, with the number of that line."""
    if "{{" in json.dumps(change.live, default=str) or not change.path:
        return
    lines = text.split("\n")
    for index, line in enumerate(lines):
        found = _LINE.fullmatch(line)
        for new in _changed(change, lines, index, found) if found else ():
            yield index + 1, "\n".join(new)


def _changed(change: Change, lines: list[str], index: int, found: re.Match[str]) -> Iterator[list[str]]:
    last, *around = (str(step) for step in reversed(change.path))
    says, value = found["key"], found["value"] or ""
    if _names(last, says, value) and change.live is None:
        yield lines[:index] + lines[index + _length(lines, index) :]
    elif says == last and change.desired is not None and _says(value, change.desired, last):
        kept = f"{found['lead']}{says}: "
        yield lines[:index] + ([] if change.live is None else [kept + _flow(change.live, value)]) + lines[index + 1 :]
    elif around and change.desired is None and _names(around[0], says, value):
        indent = " " * len(found["lead"])
        yield [*lines[: index + 1], f"{indent}{last}: {_flow(change.live)}", *lines[index + 1 :]]


def _names(step: str, key: str, value: str) -> bool:
    """Whether a line begins the item that a step of a path names."""
    return step == f"{key}={value.strip(chr(34) + chr(39))}"


def _says(value: str, desired: Json, field: str) -> bool:
    try:
        said = from_yaml(value)
    except Broken:
        return False
    if not said or isinstance(desired, dict):
        return False
    if isinstance(desired, (list, tuple)):
        own = [*map(str, said[0])] if isinstance(said[0], list) else None
        wanted = [*map(str, desired)]
        return own is not None and (sorted(own) == sorted(wanted) if field in SETS else own == wanted)
    return isinstance(said[0], str) and same_value(str(said[0]), _word(desired))


def _flow(value: Json, like: str = "") -> str:
    """A value in one line, quoted as the one that it replaces."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if like[:1] not in {"'", '"'} and (not isinstance(value, str) or _PLAIN.fullmatch(value) or like):
        return _word(value)
    return json.dumps(_word(value), ensure_ascii=False)


def _word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _length(lines: list[str], index: int) -> int:
    """How many lines an item has: up to one that is not indented more than its first, or that begins with braces."""
    indent = len(lines[index]) - len(lines[index].lstrip())
    for number, line in enumerate(lines[index + 1 :], 1):
        if line.strip() and (len(line) - len(line.lstrip()) <= indent or line.lstrip().startswith("{{")):
            return number
    return 1
