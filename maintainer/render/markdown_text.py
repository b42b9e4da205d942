"""Texts for Markdown: each reads as it is, rendered or not, and cannot act as markup."""

import re
from collections.abc import Callable
from html import escape as escape_html
from typing import Any
from urllib.parse import quote

from maintainer.render.visible import VISIBLE

_WORD = re.compile(r"[!-~]+")
"""A word, as far as it is ASCII: a Korean particle that follows is not part of a name."""
_CODE = re.compile(r"[\\`*\[\]|~{}_$@]|www\.|[^<>=!][<>=]|[<>=][^<>=]|://|^#+$|^/?[a-z][a-z\d.-]*(?:/[a-z\d.-]+)+$")
"""What is markup somewhere in a line, and what names, matchers and queries have."""
_AT_THE_START = re.compile(r"^(?:[#>=+-]|\d+(?=[.)](?:\s|$)))")
_ENTITY = re.compile(r"&#?\w+;")
_CLAUSE = re.compile(r"(?:\([^()]*\)|(?![:;]\s).)*", re.DOTALL)
_POINTS = ".,:;!?"
_NUMBER = re.compile(r"-|[\d,.]*")


class Ready(str):
    """Markdown that is already escaped."""

    __slots__ = ()


def escape(text: str) -> Ready:
    """Text on a single line that Markdown shows as it is, but not in a cell of a table.

    Words that are markup, or look like a name or a query, become code, so nothing has a backslash before it.
    """
    line = _in_code(" ".join(text.split()), code)
    start = _AT_THE_START.match(line)
    if not start:
        return Ready(line)
    return Ready(f"\\{line}" if not line[0].isdigit() else f"{start[0]}\\{line[start.end() :]}")


def cell(text: str) -> Ready:
    """The same for a cell of a table."""
    return Ready(_in_code(" ".join(text.split()), code_cell))


def code(text: str) -> Ready:
    """Text as inline code; not for cells of a table. Its fence is longer than any run of backticks in it."""
    line = " ".join(text.split())
    if not line:
        return Ready("")
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return Ready(f"{fence}{pad}{line}{pad}{fence}")


def code_cell(text: str) -> Ready:
    """Text as inline code in a cell of a table, where parsers do not agree on a backslash before a bar."""
    if "\\|" in text:
        entities = "".join(char if char.isalnum() or char == " " else f"&#{ord(char)};" for char in text)
        return Ready(f"<code>{' '.join(entities.split())}</code>")
    return Ready(code(text).replace("|", "\\|"))


def value(text: str) -> Ready:
    """A value in a paragraph: a number as it is, anything else as code."""
    return Ready(text) if _NUMBER.fullmatch(text) else code(text)


def value_cell(text: str) -> Ready:
    """The same for a cell of a table."""
    return Ready(text) if _NUMBER.fullmatch(text) else code_cell(text)


def clause(text: str) -> str:
    """The first clause of a sentence, which says what to do; how to do it follows behind a colon or a semicolon."""
    found = _CLAUSE.match(text)
    return found[0] if found else text


def fenced(text: str, language: str = "") -> Ready:
    """Text as a block of code; its fence is longer than any run of backticks in it."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return Ready(f"{fence}{language}\n{text}\n{fence}")


def address(url: str) -> Ready:
    """A URL for the parentheses of a link."""
    return Ready(quote(url, safe="%/:?#@!$&'*+,;=~"))


def anchor(heading: str) -> Ready:
    """The address of a heading within the file, as GitHub and GitLab give it to a heading of words and numbers."""
    return Ready("#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-"))


def in_html(text: str) -> Ready:
    """Text on a single line of HTML, such as the summary of a fold."""
    return Ready(escape_html(" ".join(text.split())))


def finalized(written: Any) -> Any:
    """What a template writes: texts are escaped, unless a function of this module has done so."""
    if not isinstance(written, str):
        return written
    visible = written.translate(VISIBLE)
    return Ready(visible) if isinstance(written, Ready) else escape(visible)


def _in_code(line: str, as_code: Callable[[str], str]) -> str:
    """The line, with each word as code that would be markup or is a name."""
    return _WORD.sub(lambda found: _word(found[0], as_code), line)


def _word(word: str, as_code: Callable[[str], str]) -> str:
    before, core, after = _parted(word)
    if word == "~" or not (_CODE.search(core) or _ENTITY.search(word)):
        return word
    return f"{before}{as_code(core)}{after}"


def _parted(word: str) -> tuple[str, str, str]:
    """A word without the punctuation of its sentence, which stands before and after it."""
    core = word.lstrip("(\"'")
    before = word[: len(word) - len(core)]
    core = core.rstrip(_POINTS)
    for end in (")", '"', "'"):
        # One that was opened within the word is a part of it.
        opened = core.count("(") >= core.count(")") if end == ")" else core.count(end) % 2 == 0
        if core.endswith(end) and not opened:
            core = core.removesuffix(end).rstrip(_POINTS)
    return before, core, word[len(before) + len(core) :]


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
