"""Turns a document into a message for Slack."""

from collections.abc import Iterable, Iterator
from functools import partial

from maintainer.model.message import message
from maintainer.model.slack_post import Block, SlackPost
from maintainer.render.actions import Card
from maintainer.render.document import Document, Say
from maintainer.render.gap_reasons import Reason
from maintainer.render.head import Figure
from maintainer.render.outline import Outline, outline
from maintainer.render.slack_blocks import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_SENTENCE,
    LONGEST_TEXT,
    Element,
    context,
    emoji,
    escaped,
    line,
    plain,
    rich_text,
    short,
    words,
)
from maintainer.render.standing import size_change
from maintainer.render.words import Catalogue, say

MOST_CARDS = 5
"""The things to do that a message names; the file in its thread has all."""
MOST_FIGURES = 10
"""The fields of a section."""
MOST_GAPS = 3

# In characters. Slack takes 150 in a header, 2,000 in a field, and about 13,000 in all blocks together.
LONGEST_HEADER = 150
LONGEST_FIELD = 100


def slack_post(document: Document, catalogue: Catalogue, *, place: str = "", maybe_repeat: bool = False) -> SlackPost:
    """The message about a document: a single line if there is nothing to do.

    ``place`` says where the report is, "" if its files are in the thread. ``maybe_repeat`` says in the message that it
    may stand there twice, because the answer to the first attempt was lost.
    """
    in_words, outlined = partial(say, catalogue), outline(document, catalogue)
    repeat = in_words(message("slack/repeat")) if maybe_repeat else ""
    notes = tuple(short(note, LONGEST_NOTE) for note in (place, repeat) if note)
    headline = _headline(document, outlined, in_words)
    text = escaped(" ".join((headline, *notes)), LONGEST_TEXT)
    if outlined.tone == "ok":
        return SlackPost(text, (rich_text(line(emoji("ok"), words(f" {headline}"))), *context(notes)))
    scope = (short(outlined.scope, LONGEST_NOTE),) if outlined.scope else ()
    blocks = (
        {"type": "header", "text": plain(outlined.title, LONGEST_HEADER)},
        rich_text(line(*_verdict(document, outlined, in_words))),
        *_figures(outlined.figures[:MOST_FIGURES], in_words),
        *_cards(outlined.cards, in_words),
        *_gaps(outlined.open_gaps, in_words),
        *context((*scope, *notes)),
    )
    return SlackPost(text, blocks)


def _headline(document: Document, outlined: Outline, in_words: Say) -> str:
    """Such as ``Argo Rollouts monitoring, October 2026, production: Everything agrees.``"""
    subject = ", ".join(name for name in (outlined.title, short(document["cluster"], LONGEST_NAME)) if name)
    return " ".join((f"{subject}: {outlined.verdict}.", *_changed(document, in_words)))


def _changed(document: Document, in_words: Say) -> tuple[str, ...]:
    """What is new, larger, smaller and resolved since the report before; nothing if there is none."""
    since = (document["comparedWith"] or "")[:10]
    new = sum(finding["state"] == "new" for finding in document["findings"])
    resolved = len(document["resolved"])
    change = size_change(document["findings"])
    if not since:
        return ()
    if change:
        return (in_words(message("slack/changed.sizes", new=new, resolved=resolved, change=change, since=since)),)
    if not new and not resolved:
        return (in_words(message("slack/unchanged", since=since)),)
    return (in_words(message("slack/changed", new=new, resolved=resolved, since=since)),)


def _verdict(document: Document, outlined: Outline, in_words: Say) -> Iterator[Element]:
    yield emoji(outlined.tone)
    yield words(f" {outlined.verdict}", bold=True)
    if cluster := short(document["cluster"], LONGEST_NAME):
        yield words(f" · {cluster}")
    for changed in _changed(document, in_words):
        yield words(f"\n{changed}")


def _figures(figures: Iterable[Figure], in_words: Say) -> Iterator[Block]:
    """A section with a field for each figure that is known."""
    known = [(figure, figure.value) for figure in figures if figure.value is not None]
    fields = [
        plain(
            in_words(message("slack/figure.part", label=figure.label, value=value, whole=figure.whole))
            if figure.whole is not None
            else in_words(message("slack/figure", label=figure.label, value=value)),
            LONGEST_FIELD,
        )
        for figure, value in known
    ]
    if fields:
        yield {"type": "section", "fields": fields}


def _cards(cards: Iterable[Card], in_words: Say) -> Iterator[Block]:
    """The most important findings with what to do, and how many there are beside these."""
    found = [card for card in cards if card.findings]
    if not found:
        return
    elements = [line(*_card(card, in_words)) for card in found[:MOST_CARDS]]
    others = len(found) - MOST_CARDS
    more = [line(words(in_words(message("slack/more.actions", count=others)), italic=True))] if others > 0 else []
    yield rich_text(*elements, *more)


def _card(card: Card, in_words: Say) -> Iterator[Element]:
    yield emoji("error" if card.severity == "error" else "warning")
    yield words(f" {short(card.findings[0]['summary'], LONGEST_SENTENCE)}", bold=True)
    if change := size_change(card.findings[:1]):
        yield words(f" ({change})")
    if others := len(card.findings) - 1:
        yield words(f" {in_words(message('slack/more.findings', count=others))}")
    yield words(f"\n→ {short(card.action, LONGEST_SENTENCE)}\n")


def _gaps(reasons: tuple[Reason, ...], in_words: Say) -> Iterator[Block]:
    """What could not be checked, and why."""
    if not reasons:
        return
    title = line(words(in_words(message("slack/gaps")), bold=True))
    lines = [line(words(short(reason.text, LONGEST_SENTENCE))) for reason in reasons[:MOST_GAPS]]
    listed: Element = {"type": "rich_text_list", "style": "bullet", "elements": lines}
    others = len(reasons) - MOST_GAPS
    more = [line(words(in_words(message("slack/more.gaps", count=others)), italic=True))] if others > 0 else []
    yield rich_text(title, listed, *more)
