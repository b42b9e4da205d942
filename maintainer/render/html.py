"""The report as a self-contained HTML file, without scripts and without anything to load."""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

from maintainer.render.document import Document
from maintainer.render.environment import environment
from maintainer.render.outline import outline
from maintainer.render.visible import VISIBLE
from maintainer.render.words import Catalogue

# Between two words of a query or a command, behind its punctuation.
BREAK = re.compile(r"(?<=[,;|=~&/(){}\[\]])(?<!//)(?=[\w$\"'])|(?<=[.:])(?=[^\W\d])")


def html(document: Document, catalogue: Catalogue) -> str:
    """The document as an HTML page. Its content security policy allows only its style element, by hash.

    Raises jinja2.UndefinedError if the document lacks a key.
    """
    jinja = environment(catalogue, visible)
    jinja.filters["pieces"] = pieces
    style = "".join(jinja.get_template(name).render() for name in ("report.css", "pictures.css"))
    return jinja.get_template("report.html.j2").render(
        report=document,
        outline=outline(document, catalogue),
        language=catalogue.language,
        style=style,
        style_hash=style_hash(style),
    )


def style_hash(style: str) -> str:
    """The hash of a style element by which a content security policy allows it."""
    return b64encode(sha256(style.encode()).digest()).decode()


def pieces(code: str) -> list[str]:
    """The pieces of a query or a command between which a line may end: behind punctuation, so never within a name."""
    return BREAK.split(code)


def visible(value: Any) -> Any:
    """A value of a template in which no character acts on the reader's screen."""
    return value.translate(VISIBLE) if isinstance(value, str) else value
