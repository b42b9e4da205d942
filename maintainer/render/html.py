"""The report as a self-contained HTML file, which loads nothing and can be read without its script."""

import re
from typing import Any

from maintainer.render.document import Document
from maintainer.render.environment import environment
from maintainer.render.inline import inline
from maintainer.render.outline import outline
from maintainer.render.visible import VISIBLE
from maintainer.render.words import Catalogue

# Between two words of a query or a command, behind its punctuation.
BREAK = re.compile(r"(?<=[,;|=~&/(){}\[\]])(?<!//)(?=[\w$\"'])|(?<=[.:])(?=[^\W\d])")


def html(document: Document, catalogue: Catalogue) -> str:
    """The document as an HTML page. Its content security policy allows only its style and its script, by hash.

    Raises jinja2.UndefinedError if the document lacks a key.
    """
    jinja = environment(catalogue, visible)
    jinja.filters["pieces"] = pieces
    return jinja.get_template("report.html.j2").render(
        report=document,
        outline=outline(document, catalogue),
        language=catalogue.language,
        **inline(jinja, "report.css", "pictures.css", "controls.css", "print.css"),
    )


def pieces(code: str) -> list[str]:
    """The pieces of a query or a command between which a line may end: behind punctuation, so never within a name."""
    return BREAK.split(code)


def visible(value: Any) -> Any:
    """A value of a template in which no character acts on the reader's screen."""
    return value.translate(VISIBLE) if isinstance(value, str) else value
