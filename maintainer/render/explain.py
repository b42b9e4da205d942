"""What ``maintainer explain`` prints: a check in words, or all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Console
from rich.text import Text

from maintainer.model.message import message
from maintainer.model.report import Severity
from maintainer.render.words import Catalogue, say


@dataclass(frozen=True, slots=True)
class ExplainedCheck:
    """A check of the table: the facts that it needs, and by fact where each is read."""

    id: str
    severity: Severity
    needs: Sequence[str]
    read_from: Mapping[str, str]


def explained(check: ExplainedCheck, catalogue: Catalogue, *, docs_url: str, width: int) -> str:
    """What a check means, what to do, what it needs, and where its page is; ``width`` in columns."""
    in_words = partial(say, catalogue)
    paragraph = partial(_wrapped, width=width, mark="  ")
    item = partial(_wrapped, width=width, mark="  - ")
    needs = [
        item(in_words(message(f"fact/from.{check.read_from[fact]}", fact=message(f"fact/{fact}"))))
        for fact in check.needs
    ]
    severity = message(f"report/severity.{check.severity}")
    page = message("report/page", check=check.id, docs=(docs_url or "docs").rstrip("/"))
    lines = (
        in_words(message("explain/severity", check=check.id, severity=severity)),
        "",
        in_words(message("explain/means")),
        paragraph(in_words(message(f"{check.id}.means"))),
        "",
        in_words(message("explain/remedy")),
        paragraph(in_words(message(f"{check.id}.remedy"))),
        "",
        in_words(message("explain/needs")),
        *(needs or [paragraph(in_words(message("explain/nothing")))]),
        "",
        in_words(message("explain/page", page=page)),
    )
    return "".join(f"{line}\n" for line in lines)


def all_explained(ids: Sequence[str], catalogue: Catalogue, *, width: int) -> str:
    """Every check with what it means."""
    paragraph = partial(_wrapped, width=width, mark="  ")
    rows = (f"{id_}\n{paragraph(say(catalogue, message(f'{id_}.means')))}\n" for id_ in ids)
    return "".join(rows) + f"\n{say(catalogue, message('explain/more'))}\n"


def _wrapped(text: str, *, width: int, mark: str) -> str:
    """The text in lines of ``width`` columns, of which a Korean letter takes two; the first begins with the mark."""
    columns = width - len(mark)
    lines = Text(text).wrap(Console(width=columns), columns)
    return mark + f"\n{' ' * len(mark)}".join(line.plain.rstrip() for line in lines)
