"""The rows of doctor: for a terminal, and as JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from textwrap import wrap
from typing import Literal

from rich.console import Console
from rich.text import Text

from maintainer.model.doctor import Row, State
from maintainer.model.message import Message, message
from maintainer.render.document import Document
from maintainer.render.visible import VISIBLE, on_a_line
from maintainer.render.words import Catalogue, say

Format = Literal["text", "json"]

_STYLES: Mapping[State, str] = {"ok": "green", "warning": "yellow", "broken": "bold red", "not-checked": "dim"}
_STATES: Mapping[State, Message] = {
    "ok": message("doctor/state.ok"),
    "warning": message("doctor/state.warning"),
    "broken": message("doctor/state.broken"),
    "not-checked": message("doctor/state.not-checked"),
}
_NARROW = 72
"""Columns below which a sentence stands under its row, and not beside it."""
_NARROWEST = 20


def as_document(rows: Sequence[Row], catalogue: Catalogue, hide: Callable[[str], str]) -> Document:
    """The rows in words, without secrets: ``maintainer.doctor/v1``."""
    return {
        "schema": "maintainer.doctor/v1",
        "rows": [
            {
                "id": row.id,
                "state": row.state,
                "seen": hide(say(catalogue, row.seen)),
                "next": hide(row.next),
                "because": row.because,
                "rbac": hide(row.rbac),
            }
            for row in rows
        ],
    }


def doctor_text(document: Document, catalogue: Catalogue, *, width: int, colour: bool) -> str:
    """A line for each row, and then what to type, each command from the first column, so that it can be copied.

    Only the codes of its own colours act on the terminal. ``width`` is in columns; commands are never broken.
    """
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, emoji=False)
    for line in _rows(document, catalogue, width):
        console.print(line, soft_wrap=True)
    for row in document["rows"]:
        if row["next"]:
            console.print(Text(f"\n{say(catalogue, message('doctor/type', row=row['id']))}", style="bold"))
            console.print(Text(row["next"].translate(VISIBLE)), soft_wrap=True)
    if not any(row["next"] for row in document["rows"]):
        console.print(Text(f"\n{say(catalogue, message('doctor/all-well'))}", style="bold"), soft_wrap=True)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _rows(document: Document, catalogue: Catalogue, width: int) -> Iterator[Text]:
    """The lines of the rows: state and id, with what was seen beside them, or below where there is no room."""
    states = {state: say(catalogue, said) for state, said in _STATES.items()}
    first = max(map(len, states.values())) + 2
    second = max(len(row["id"]) for row in document["rows"]) + 2
    indent = 4 if width < _NARROW else first + second
    room = max(width - indent, _NARROWEST)
    for row in document["rows"]:
        seen = wrap(on_a_line(row["seen"]), room, break_on_hyphens=False, break_long_words=False)
        head = Text(f"{states[row['state']]:{first}}", style=_STYLES[row["state"]]) + Text(f"{row['id']:{second}}")
        yield head + Text(seen.pop(0) if width >= _NARROW and seen else "")
        yield from (Text(" " * indent + line) for line in seen)
