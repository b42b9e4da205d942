"""Turns a document into a message for Slack.

Texts of other people stand in ``rich_text`` and ``plain_text`` only, where Slack reads no markup: nobody is notified by
what an annotation says, and bold needs no space around it, which Korean does not have.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from maintainer.model.message import message
from maintainer.model.slack_post import Block, SlackPost
from maintainer.render.actions import Card
from maintainer.render.document import Document, Say
from maintainer.render.gap_reasons import Reason
from maintainer.render.head import Figure
from maintainer.render.headline import Tone
from maintainer.render.outline import Outline, outline
from maintainer.render.standing import size_change
from maintainer.render.visible import on_a_line
from maintainer.render.words import Catalogue, say

Element = Mapping[str, object]

MOST_CARDS = 5
"""The things to do that a message names; the file in its thread has all."""
MOST_FIGURES = 10
"""The fields of a section."""
MOST_GAPS = 3

# In characters. Slack takes 150 in a header, 2,000 in a field, and about 13,000 in all blocks together.
LONGEST_HEADER = 150
LONGEST_NAME = 60
LONGEST_FIELD = 100
LONGEST_SENTENCE = 300
LONGEST_SCOPE = 600
LONGEST_TEXT = 1000

_EMOJI: Mapping[str, str] = {
    "ok": "white_check_mark",
    "error": "red_circle",
    "warning": "large_yellow_circle",
    "none": "white_circle",
}
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def slack_post(document: Document, catalogue: Catalogue, *, place: str = "", maybe_repeat: bool = False) -> SlackPost:
    """The message about a document: a single line if there is nothing to do.

    ``place`` says where the report is, "" if its files are in the thread. ``maybe_repeat`` says in the message that it
    may stand there twice, because the answer to the first attempt was lost.
    """
    in_words, outlined = partial(say, catalogue), outline(document, catalogue)
    repeat = in_words(message("slack/repeat")) if maybe_repeat else ""
    notes = tuple(_short(note, LONGEST_SCOPE) for note in (place, repeat) if note)
    headline = _headline(document, outlined, in_words)
    text = escaped(" ".join((headline, *notes)), LONGEST_TEXT)
    if outlined.tone == "ok":
        return SlackPost(text, (_rich_text(_line(_emoji("ok"), _text(f" {headline}"))), *_context(notes)))
    scope = (_short(outlined.scope, LONGEST_SCOPE),) if outlined.scope else ()
    blocks = (
        {"type": "header", "text": _plain(outlined.title, LONGEST_HEADER)},
        _rich_text(_line(*_verdict(document, outlined, in_words))),
        *_figures(outlined.figures[:MOST_FIGURES], in_words),
        *_cards(outlined.cards, in_words),
        *_gaps(outlined.open_gaps, in_words),
        *_context((*scope, *notes)),
    )
    return SlackPost(text, blocks)


def escaped(text: str, limit: int) -> str:
    """The text on a line as Slack's mrkdwn that shows it as it is, in at most ``limit`` characters.

    It is cut between characters, never inside of an escape.
    """
    pieces = [_ESCAPES.get(character, character) for character in on_a_line(text)]
    if sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    length, kept = 1, 0
    for piece in pieces:
        length += len(piece)
        if length > limit:
            break
        kept += 1
    return f"{''.join(pieces[:kept])}…"


def _headline(document: Document, outlined: Outline, in_words: Say) -> str:
    """Such as ``Argo Rollouts monitoring, October 2026, production: Everything agrees.``"""
    subject = ", ".join(name for name in (outlined.title, _short(document["cluster"], LONGEST_NAME)) if name)
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
    yield _emoji(outlined.tone)
    yield _text(f" {outlined.verdict}", bold=True)
    if cluster := _short(document["cluster"], LONGEST_NAME):
        yield _text(f" · {cluster}")
    for changed in _changed(document, in_words):
        yield _text(f"\n{changed}")


def _figures(figures: Iterable[Figure], in_words: Say) -> Iterator[Block]:
    """A section with a field for each figure that is known."""
    known = [(figure, figure.value) for figure in figures if figure.value is not None]
    fields = [
        _plain(
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
    elements = [_line(*_card(card, in_words)) for card in found[:MOST_CARDS]]
    others = len(found) - MOST_CARDS
    more = [_line(_text(in_words(message("slack/more.actions", count=others)), italic=True))] if others > 0 else []
    yield _rich_text(*elements, *more)


def _card(card: Card, in_words: Say) -> Iterator[Element]:
    yield _emoji("error" if card.severity == "error" else "warning")
    yield _text(f" {_short(card.findings[0]['summary'], LONGEST_SENTENCE)}", bold=True)
    if change := size_change(card.findings[:1]):
        yield _text(f" ({change})")
    if others := len(card.findings) - 1:
        yield _text(f" {in_words(message('slack/more.findings', count=others))}")
    yield _text(f"\n→ {_short(card.action, LONGEST_SENTENCE)}\n")


def _gaps(reasons: tuple[Reason, ...], in_words: Say) -> Iterator[Block]:
    """What could not be checked, and why."""
    if not reasons:
        return
    title = _line(_text(in_words(message("slack/gaps")), bold=True))
    lines = [_line(_text(_short(reason.text, LONGEST_SENTENCE))) for reason in reasons[:MOST_GAPS]]
    listed: Element = {"type": "rich_text_list", "style": "bullet", "elements": lines}
    others = len(reasons) - MOST_GAPS
    more = [_line(_text(in_words(message("slack/more.gaps", count=others)), italic=True))] if others > 0 else []
    yield _rich_text(title, listed, *more)


def _context(notes: Iterable[str]) -> Iterator[Block]:
    if elements := [_plain(note, LONGEST_SCOPE) for note in notes]:
        yield {"type": "context", "elements": elements}


def _short(text: str, limit: int) -> str:
    """The text on a line, with at most ``limit`` characters."""
    line = on_a_line(text).strip()
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _plain(text: str, limit: int) -> Element:
    """A text without any markup, in which :names: are no emoji. Slack refuses an empty one."""
    return {"type": "plain_text", "text": _short(text, limit) or "-", "emoji": False}


def _text(text: str, *, bold: bool = False, italic: bool = False) -> Element:
    style = {name: True for name, wanted in (("bold", bold), ("italic", italic)) if wanted}
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _emoji(tone: Tone) -> Element:
    return {"type": "emoji", "name": _EMOJI[tone]}


def _line(*elements: Element) -> Element:
    return {"type": "rich_text_section", "elements": list(elements)}


def _rich_text(*elements: Element) -> Block:
    return {"type": "rich_text", "elements": list(elements)}
