"""The report as Markdown that is also readable where it is not rendered."""

import re
from typing import Any
from urllib.parse import quote

from maintainer.render.document import Document
from maintainer.render.environment import environment
from maintainer.render.outline import outline
from maintainer.render.visible import VISIBLE
from maintainer.render.words import Catalogue

# Markup anywhere in a line; an underscore only where it is markup, so that names stay legible.
ANYWHERE = re.compile(r"[\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_])")
AT_THE_START = re.compile(r"^(?:[#>=+-]|\d+(?=[.)](?:\s|$)))")
ENTITY = re.compile(r"&(?=#?\w+;)")


class Ready(str):
    """Markdown that is already escaped."""

    __slots__ = ()


def markdown(document: Document, catalogue: Catalogue) -> str:
    """The document as Markdown with GitHub's tables and without HTML.

    Every value is escaped, unless it has gone through a filter: ``code``, ``fenced`` or ``address``. Raises as
    :func:`maintainer.render.html.html` does.
    """
    jinja = environment(catalogue, _finalize)
    jinja.filters |= {"code": code, "fenced": fenced, "address": address}
    return jinja.get_template("report.md.j2").render(report=document, outline=outline(document, catalogue))


def escape(text: str) -> str:
    """Text on a single line that Markdown shows as it is, in a paragraph or a cell of a table."""
    line = " ".join(text.split())
    line = ENTITY.sub("&amp;", ANYWHERE.sub(r"\\\g<0>", line)).replace("<", "&lt;")
    start = AT_THE_START.match(line)
    if not start:
        return line
    return f"\\{line}" if not line[0].isdigit() else f"{start[0]}\\{line[start.end() :]}"


def code(text: str) -> Ready:
    """Text as inline code; not for cells of a table. Its fence is longer than any run of backticks in it."""
    line = " ".join(text.split())
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if "`" in line else ""
    return Ready(f"{fence}{pad}{line}{pad}{fence}")


def fenced(text: str, language: str = "") -> Ready:
    """Text as a block of code; its fence is longer than any run of backticks in it."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return Ready(f"{fence}{language}\n{text}\n{fence}")


def address(url: str) -> Ready:
    """A URL for the parentheses of a link."""
    return Ready(quote(url, safe="%/:?#@!$&'*+,;=~"))


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _finalize(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    visible = value.translate(VISIBLE)
    return visible if isinstance(value, Ready) else escape(visible)
