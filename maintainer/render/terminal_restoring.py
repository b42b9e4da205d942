"""What a restoring did and did not do, for a terminal."""

from collections.abc import Iterator
from functools import partial

from rich.padding import Padding
from rich.text import Text

from maintainer.model.message import message
from maintainer.render.document import Document
from maintainer.render.environment import subject_name
from maintainer.render.words import Catalogue, say

_TABLES = ("restoring-plan", "not-restored")
"""What differs, and in what, is a finding already, and is not printed once more."""


def restoring(document: Document, catalogue: Catalogue) -> Iterator[Text | Padding]:
    """What was changed in the cluster, and of a reconcile what is to be done and what was left, each below a title."""
    in_words = partial(say, catalogue)
    if document["actions"]:
        yield from _title(in_words(message("report/actions")))
    for action in document["actions"]:
        kind = in_words(message(f"report/action.{action['kind']}"))
        yield Text(f"{kind}: {subject_name(action['subject'])}. {action['detail']}")
    for section in document["sections"] if document["job"] == "reconcile" else ():
        if section["kind"] == "text":
            yield from _title(section["title"])
            yield from map(Text, section["paragraphs"])
        elif section.get("name") in _TABLES:
            yield from _title(section["title"])
            yield Text(section["lead"])
            yield from _rows(section)


def _title(title: str) -> Iterator[Text]:
    yield Text()
    yield Text(title, style="bold")


def _rows(table: Document) -> Iterator[Text | Padding]:
    """Each row below its first cell: some cells are sentences, for which a column would be too narrow."""
    for name, *cells in table["rows"]:
        yield Text(str(name), style="bold")
        for column, cell in zip(table["columns"][1:], cells, strict=True):
            if cell != "-":
                yield Padding(Text(f"{column}: {cell}"), (0, 0, 0, 3))
