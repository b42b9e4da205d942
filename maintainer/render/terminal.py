"""A short summary of a report for a terminal."""

from functools import partial
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from maintainer.model.message import message
from maintainer.render.actions import Card
from maintainer.render.document import Document
from maintainer.render.evidence import SHOWN
from maintainer.render.outline import outline
from maintainer.render.pipeline_picture import PipelinePicture, pipeline_picture
from maintainer.render.standing import accepted_words, standing
from maintainer.render.terminal_restoring import restoring
from maintainer.render.visible import visible_document
from maintainer.render.words import Catalogue, say

_STYLES = {"error": "bold red", "warning": "yellow", "ok": "green", "none": "bold"}


def terminal(document: Document, catalogue: Catalogue, *, width: int, colour: bool) -> str:
    """The verdict, what a run has changed, the findings by action, and the gaps; ``width`` is in columns.

    Only the codes of its own colours act on the terminal, and no text of the document.
    """
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, emoji=False)
    outlined = outline(visible_document(document), catalogue)
    console.print(Text(outlined.verdict, style=_STYLES[outlined.tone]))
    console.print(Text(f"{outlined.changed} {outlined.scope}".strip()))
    if picture := pipeline_picture(visible_document(document), catalogue):
        console.print(Text(picture.summary))
        console.print(_links(picture, catalogue))
    for part in restoring(visible_document(document), catalogue):
        console.print(part)
    for number, card in enumerate(outlined.cards[:SHOWN], 1):
        console.print()
        console.print(_action(number, card))
        console.print(
            _findings(card.findings[:SHOWN], catalogue)
            if card.findings
            else Text(f"   {card.reason.blocks if card.reason else ''}")
        )
        console.print(*_others(len(card.findings), catalogue), sep="", end="")
    console.print(*_others(len(outlined.cards), catalogue), sep="", end="")
    if outlined.accepted:
        console.print()
        console.print(Text(say(catalogue, message("report/findings.accepted")), style="bold"))
        for finding in outlined.accepted:
            words = f"{accepted_words(finding, partial(say, catalogue))} [{finding['check']}]"
            console.print(Text(f"{finding['summary']} {words}", style="dim"))
    if outlined.other_gaps:
        console.print()
        console.print(Text(say(catalogue, message("report/gaps")), style="bold"))
        for reason in outlined.other_gaps:
            accepted = say(catalogue, message("report/gap.accepted", reason=reason.accepted)) if reason.accepted else ""
            console.print(Text(f"{reason.text} {accepted}".rstrip()))
            console.print(Text(f"   {reason.blocks}"))
    if outlined.unused:
        console.print()
        console.print(Text(say(catalogue, message("report/unused")), style="bold"))
        for note in outlined.unused:
            console.print(Text(note))
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def past_report(document: Document, catalogue: Catalogue, *, width: int, colour: bool) -> str:
    """The same of a report that was made before: below its title, and what it is about."""
    outlined = outline(visible_document(document), catalogue)
    facts = (f"{label}: {value}" for label, value in outlined.facts)
    return "\n".join((outlined.title, *facts, "", terminal(document, catalogue, width=width, colour=colour)))


def _action(number: int, card: Card) -> Table:
    """What to do, and below it why and how far it reaches."""
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(Text(f"{number}.", style="bold"), Text(card.action, style="bold"))
    if why := " ".join((card.why, f"({card.reach})" if card.reach else "")).strip():
        table.add_row("", Text(why))
    return table


def _others(count: int, catalogue: Catalogue) -> list[Text]:
    """That there are more than are shown; [] if there are not."""
    words = say(catalogue, message("report/subjects.some", shown=SHOWN, count=count))
    return [Text(f"   {words}\n")] if count > SHOWN else []


def _findings(findings: tuple[Document, ...], catalogue: Catalogue) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 0, 0, 3))
    table.add_column(no_wrap=True)
    # With its usual "ellipsis", rich cuts lines of wide characters that end in a space.
    table.add_column(overflow="fold")
    for finding in findings:
        word = say(catalogue, message(f"report/severity.{finding['severity']}"))
        severity = Text(word, style=_STYLES[finding["severity"]])
        known = [standing(finding, partial(say, catalogue))] if finding["state"] == "still" else []
        table.add_row(severity, Text(f"{finding['summary']} [{', '.join([finding['check'], *known])}]"))
    return table


def _links(picture: PipelinePicture, catalogue: Catalogue) -> Table:
    """A line for each link of the pipeline about which there is something to say."""
    table = Table(box=None, show_header=False, padding=(0, 0, 0, 3))
    for _ in range(3):
        table.add_column(overflow="fold")
    for link in picture.links:
        if link.state != "ok":
            ends = say(catalogue, message("pipeline-picture/link", start=link.start, end=link.end))
            table.add_row(ends, Text(link.word, style=_STYLES.get(link.state, "bold")), link.found)
    return table
