"""The blocks of Block Kit that a message is made of, and its texts, cut to what Slack takes.

Texts of other people stand in ``rich_text`` and ``plain_text`` only, where Slack reads no markup: nobody is notified by
what an annotation says, and bold needs no space around it, which Korean does not have.
"""

from collections.abc import Iterable, Iterator, Mapping

from maintainer.model.slack_post import Block
from maintainer.render.headline import Tone
from maintainer.render.visible import on_a_line

Element = Mapping[str, object]

# In characters.
LONGEST_NAME = 60
LONGEST_SENTENCE = 300
LONGEST_NOTE = 600
LONGEST_TEXT = 1000

_EMOJI: Mapping[str, str] = {
    "ok": "white_check_mark",
    "error": "red_circle",
    "warning": "large_yellow_circle",
    "none": "white_circle",
}
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


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


def context(notes: Iterable[str]) -> Iterator[Block]:
    if elements := [plain(note, LONGEST_NOTE) for note in notes]:
        yield {"type": "context", "elements": elements}


def short(text: str, limit: int) -> str:
    """The text on a line, with at most ``limit`` characters."""
    line = on_a_line(text).strip()
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def plain(text: str, limit: int) -> Element:
    """A text without any markup, in which :names: are no emoji. Slack refuses an empty one."""
    return {"type": "plain_text", "text": short(text, limit) or "-", "emoji": False}


def words(text: str, *, bold: bool = False, italic: bool = False) -> Element:
    style = {name: True for name, wanted in (("bold", bold), ("italic", italic)) if wanted}
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def emoji(tone: Tone) -> Element:
    return {"type": "emoji", "name": _EMOJI[tone]}


def line(*elements: Element) -> Element:
    return {"type": "rich_text_section", "elements": list(elements)}


def rich_text(*elements: Element) -> Block:
    return {"type": "rich_text", "elements": list(elements)}
