"""A dashboard that stands in a template of the chart: its JSON, in which braces are actions of Helm.

An action such as ``{{ "{{" }}`` or ``{{ .Values.source }}`` may stand anywhere in a text, also with quotes in it. For
the time of the edit it is replaced by marks that are as long, so that the rest can be read as JSON and stays in its
place.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from maintainer.analyse.adopt.json_text import parsed, rewritten
from maintainer.model.report import Json
from maintainer.model.trees import Broken

# One that does not end is found as well, so that each character is looked at once.
_ACTION = re.compile(r"""\{\{(?:"(?:[^"\\\n]|\\.)*+"|`[^`]*+`|[^"`}\n])*+(?:\}\})?""")
_LITERAL = re.compile(r"""\{\{-?\s*(?:"(?P<quoted>[^"\\]*)"|`(?P<raw>[^`]*)`)\s*-?\}\}""")
_FIRST, _MOST, _FILLER, _BRACES = 0xE000, 6000, "\uf8fe", "\uf8ff"
"""Characters of private use: the first stands for the first action, and so on, each followed by fillers."""

Merged = Callable[[Json], Json]
"""Makes of the document of a file the one that it is to be."""


@dataclass(frozen=True, slots=True)
class InTemplate:
    """The JSON in a template: the text ``before`` and ``after`` it, and the actions that its marks stand for."""

    before: str
    marked: str
    after: str
    actions: tuple[str, ...]

    @property
    def document(self) -> Json:
        """What it says, as far as that can be known without rendering it."""
        return _walked(parsed(self.marked).value, self._said)

    def with_changes(self, merged: Merged) -> str:
        """The whole template with another document in it; actions stay wherever their text does."""
        known: dict[str, str] = {}

        def note(text: str) -> str:
            known.setdefault(self._said(text), text)
            return text

        _walked(parsed(self.marked).value, note)
        wanted = _walked(merged(self.document), lambda text: known.get(text) or text.replace("{{", _BRACES))
        marked = rewritten(self.marked, wanted)
        return self.before + self._without_marks(marked) + self.after

    def _said(self, text: str) -> str:
        """A text with what its literal actions give."""
        return _marks(text, lambda index: _given(self.actions[index]) or self.actions[index])

    def _without_marks(self, text: str) -> str:
        found = _marks(text, self.actions.__getitem__)
        return found.replace(_BRACES, "{{`{{`}}").replace("\\uf8ff", "{{`{{`}}")


def in_template(text: str, key: str) -> InTemplate | None:
    """The JSON that a template has as the block of a key; ``None`` if there is none that can be read."""
    head = re.search(rf"""^([ ]*)["']?{re.escape(key)}["']?:[ ]*[|>][-+0-9]*[ ]*\n""", text, re.MULTILINE)
    if head is None:
        return None
    end = _end_of_block(text, head.end(), len(head[1]))
    actions: list[str] = []

    def mark(found: re.Match[str]) -> str:
        if not found[0].endswith("}}"):
            return found[0]
        actions.append(found[0])
        return chr(_FIRST + len(actions) - 1) + _FILLER * (len(found[0]) - 1)

    marked = _ACTION.sub(mark, text[head.end() : end])
    if len(actions) > _MOST:
        return None
    found = InTemplate(text[: head.end()], marked, text[end:], tuple(actions))
    try:
        parsed(marked)
    except Broken:
        return None
    return found


def _end_of_block(text: str, begin: int, indent: int) -> int:
    at = end = begin
    for line in text[begin:].splitlines(keepends=True):
        if line.strip() and len(line) - len(line.lstrip(" ")) <= indent:
            break
        at += len(line)
        end = at if line.strip() else end
    return end


def _given(action: str) -> str:
    """What an action gives that is a mere text, "" for any other."""
    found = _LITERAL.fullmatch(action)
    return (found["quoted"] or found["raw"] or "") if found else ""


def _marks(text: str, told: Callable[[int], str]) -> str:
    return re.sub(f"[\ue000-\uf8fd]{_FILLER}*", lambda found: told(ord(found[0][0]) - _FIRST), text)


def _walked(value: Json, text: Callable[[str], str]) -> Json:
    """The value with other texts in it."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return {name: _walked(inner, text) for name, inner in value.items()}
    return [_walked(item, text) for item in value] if isinstance(value, (list, tuple)) else value
