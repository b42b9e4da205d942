"""Jinja set up for the templates of the reports: where they lie, and what they may call."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from maintainer.model.message import Param, message
from maintainer.render.document import Document
from maintainer.render.evidence import SHOWN, blocks, records, scalars
from maintainer.render.grids import diff_lines, grid, shares
from maintainer.render.words import Catalogue, number, say

# What would act on the reader's screen instead of being read: control characters become their pictures, and
# marks that turn the direction of the text around become a replacement character. Tabs and line ends stay.
VISIBLE = {
    **{code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"},
    0x7F: 0x2421,
    **dict.fromkeys(
        (*range(0x80, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD
    ),
}


def templates() -> Path:
    """The folder of the templates: in the package once it is built, in the source tree before."""
    packaged = Path(__file__).with_name("templates")
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "reports" / "templates"


def environment(catalogue: Catalogue, finalize: Callable[[Any], Any]) -> Environment:
    """Jinja for one kind of output. ``finalize`` is handed every value just before it is written.

    Templates say a sentence with ``t(id, **params)`` and turn sections and evidence into cells with the
    functions of :mod:`maintainer.render.grids`. A name that is not there is an error; HTML is escaped.
    """

    def t(id_: str, **params: Param) -> str:
        return say(catalogue, message(id_, **params))

    made = Environment(
        loader=FileSystemLoader(templates()),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "t": t,
        "grid": lambda section: grid(section, catalogue),
        "diff_lines": diff_lines,
        "shares": shares,
        "shown": SHOWN,
    }
    made.filters |= {
        "number": number,
        "scalars": scalars,
        "records": records,
        "blocks": blocks,
        "subject": _subject,
        "linked": _linked,
    }
    return made


def _subject(subject: Document) -> str:
    return "/".join(part for part in (subject["kind"], subject["namespace"], subject["name"]) if part)


def _linked(page: str) -> bool:
    """Whether the page of a check can be reached from wherever the report is read."""
    return page.startswith(("https://", "http://"))
