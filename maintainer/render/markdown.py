"""The report as Markdown that is also readable where it is not rendered."""

from functools import partial

from maintainer.render.card_evidence import card_evidence, unnamed_subjects
from maintainer.render.document import Document
from maintainer.render.environment import environment
from maintainer.render.markdown_text import (
    address,
    anchor,
    cell,
    clause,
    code,
    code_cell,
    fenced,
    finalized,
    in_html,
    value,
    value_cell,
)
from maintainer.render.outline import outline
from maintainer.render.words import Catalogue

FILTERS = {
    "address": address,
    "anchor": anchor,
    "cell": cell,
    "clause": clause,
    "code": code,
    "code_cell": code_cell,
    "fenced": fenced,
    "in_html": in_html,
    "unnamed": unnamed_subjects,
    "value": value,
    "value_cell": value_cell,
}


def markdown(document: Document, catalogue: Catalogue) -> str:
    """The document as Markdown with GitHub's tables, and with no HTML but ``<details>`` around long lists.

    Every value is escaped, unless it has gone through a filter of ``markdown_text``. Raises as
    :func:`maintainer.render.html.html` does.
    """
    jinja = environment(catalogue, finalized)
    jinja.filters |= {**FILTERS, "evidence": partial(card_evidence, catalogue=catalogue)}
    return jinja.get_template("report.md.j2").render(report=document, outline=outline(document, catalogue))
