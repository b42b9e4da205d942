"""Strings that know where they stand in a file, so that a part of them can be changed there.

A query may be a YAML scalar of any style, a JSON string, or a JSON string inside a YAML scalar. Its value differs from
its source: quotes are doubled, characters escaped, lines folded and indented. A :class:`SourceText` keeps the text
around it, so that a position in the value can be traced back to the file, layer by layer.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, Self

from maintainer.model.message import Message
from maintainer.model.queries import Place, Query

Style = Literal["plain", "'", '"', "|", ">", "part"]
"""How a value is written in the text around it: a YAML style, ``"`` for JSON, or ``part`` for a verbatim part."""

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_VERBATIM = re.compile(r"\S+")
_PIECES: Mapping[Style, re.Pattern[str]] = {
    "'": re.compile(r"''|[^\s']+"),
    '"': re.compile(r"\\(?:x\w{2}|(?:u[dD][89abAB]\w\w\\)?u\w{4}|U\w{8}|\r?\n[ \t]*|.)|[^\s\\]+"),
}
_LETTERS: Mapping[str, str] = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip


class Edit(NamedTuple):
    """A replacement: ``text`` for the characters from ``start`` to before ``end``."""

    start: int
    end: int
    text: str


class _Run(NamedTuple):
    """``size`` characters of a value, from ``at``, stand in the text around as ``width`` characters from ``start``."""

    at: int
    size: int
    start: int
    width: int


@lru_cache(maxsize=2)
def line_starts(text: str) -> tuple[int, ...]:
    """Where each line of a text starts. It is kept, because a large file is asked for thousands of lines."""
    return 0, *(end.end() for end in re.finditer("\n", text))


class SourceText(str):
    """A value and the text ``around`` it, where it is written from ``start`` to before ``end``, quotes included."""

    __slots__ = ("_runs", "around", "end", "start", "style")

    around: str
    start: int
    end: int
    style: Style
    _runs: tuple[_Run, ...]

    def __new__(cls, value: str, around: str, *, start: int, end: int, style: Style) -> Self:
        """``around`` is the text of the file, or itself a :class:`SourceText`."""
        made = super().__new__(cls, value)
        made.around, made.start, made.end, made.style, made._runs = around, start, end, style, ()
        return made

    def part(self, start: int, end: int) -> "SourceText":
        """The characters from ``start`` to before ``end``, as a :class:`SourceText`."""
        return SourceText(self[start:end], self, start=start, end=end, style="part")

    @property
    def layer(self) -> int:
        """The texts that it stands in, the file among them."""
        around, layer = self.around, 1
        while isinstance(around, SourceText):
            around, layer = around.around, layer + 1
        return layer

    @property
    def line(self) -> int:
        """The line of the file, counted from 1, on which the text begins; leading white space is skipped."""
        at = len(self) - len(self.lstrip())
        begin, (edit,) = self.lifted([Edit(at, at + 1, "")])
        return bisect_right(line_starts(begin.around), begin.lift(edit).start)

    def lifted(self, edits: Iterable[Edit]) -> tuple["SourceText", list[Edit]]:
        """The outermost text that is not the whole file, and the edits as edits of that text."""
        outer, same = self, list(edits)
        while isinstance(outer.around, SourceText):
            same = [outer.lift(edit) for edit in same]
            outer = outer.around
        return outer, same

    def lift(self, edit: Edit) -> Edit:
        """The edit as an edit of the text right around, quoted and escaped as it needs to be there."""
        return Edit(self._raw(edit.start)[0], self._raw(edit.end - 1)[1], _spelled(edit.text, self.style))

    def _raw(self, at: int) -> tuple[int, int]:
        """From where to where the character is written in the text around; for white space, the nearest place."""
        if self.style == "part":
            return self.start + at, self.start + at + 1
        if not self._runs:
            self._runs = tuple(_runs(self)) or (_Run(0, 0, self.start, 0),)
        run = self._runs[max(bisect_right(self._runs, at, key=lambda run: run.at) - 1, 0)]
        if run.size != run.width:
            return run.start, run.start + run.width
        start = run.start + min(at - run.at, run.size)
        return start, min(start + 1, run.start + run.width)


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Something that may hold queries and could not be read, and why."""

    place: Place
    name: str
    reason: Message


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Something that is not judged: a query of another data ``source``, or a ``description`` that names a metric."""

    place: Place
    name: str
    why: Literal["source", "description"]


@dataclass(frozen=True, slots=True)
class FoundQueries:
    """The queries of a file, in its order; the text of each is a :class:`SourceText` where it can be changed."""

    queries: tuple[Query, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    passed: tuple[PassedOver, ...] = ()


def spliced(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits, which must not overlap."""
    pieces: list[str] = []
    end = 0
    for edit in sorted(set(edits)):
        pieces += text[end : edit.start], edit.text
        end = edit.end
    return "".join((*pieces, text[end:]))


def _runs(written: SourceText) -> Iterator[_Run]:
    """Which characters of the value stand where; without white space, which the styles fold and indent."""
    at = 0
    for piece, start, width in _pieces(written):
        at = written.find(piece, at)
        if at < 0:
            return
        yield _Run(at, len(piece), start, width)
        at += len(piece)


def _pieces(written: SourceText) -> Iterator[tuple[str, int, int]]:
    """The pieces of a value in order, each with the start and the width of its source."""
    start, end = _inside(written)
    for piece in _PIECES.get(written.style, _VERBATIM).finditer(written.around, start, end):
        yield _value(piece[0], written.style), piece.start(), len(piece[0])


def _inside(written: SourceText) -> tuple[int, int]:
    """From where to where the content stands: without anchor, tag, quotes and the header of a block scalar."""
    properties = _PROPERTIES.match(written.around, written.start, written.end)
    start = properties.end() if properties else written.start
    match written.style:
        case "'" | '"':
            return start + 1, written.end - 1
        case "|" | ">":
            header = written.around.find("\n", start, written.end)
            return (header + 1, written.end) if header >= 0 else (written.end, written.end)
        case _:
            return start, written.end


def _value(piece: str, style: Style) -> str:
    """The value of a piece of source."""
    if style == "'":
        return piece.replace("''", "'")
    if style != '"' or not piece.startswith("\\"):
        return piece
    letter, digits = piece[1], piece[2:]
    if letter == "u":
        return str(json.loads(f'"{piece}"'))
    if digits and letter in "xU":
        return chr(int(digits, 16))
    return "" if letter in "\r\n" else _LETTERS.get(letter, letter)


def _spelled(text: str, style: Style) -> str:
    """The source of a text in a style."""
    match style:
        case "'":
            return text.replace("'", "''")
        case '"':
            return json.dumps(text, ensure_ascii=False)[1:-1]
        case _:
            return text
