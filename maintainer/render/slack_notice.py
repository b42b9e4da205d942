"""The messages about a finding of the daily sample: on the day on which it is found, and when it is over."""

from collections.abc import Mapping
from functools import partial

from maintainer.model.ledger import Notice
from maintainer.model.message import Message, message
from maintainer.model.report import Severity
from maintainer.model.slack_post import SlackPost
from maintainer.render.headline import Tone
from maintainer.render.slack_blocks import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_SENTENCE,
    LONGEST_TEXT,
    context,
    emoji,
    escaped,
    line,
    rich_text,
    short,
    words,
)
from maintainer.render.words import Catalogue, say

_TONES: Mapping[Severity, Tone] = {"error": "error", "warning": "warning", "info": "none"}


def notice_post(notice: Notice, cluster: str, catalogue: Catalogue, *, maybe_repeat: bool = False) -> SlackPost:
    """The message that tells a finding: what is so, what to do, and where that is from."""
    in_words = partial(say, catalogue)
    found = message("slack/notice.found", day=str(notice.seen.first_seen), check=notice.seen.check)
    notes = (short(cluster, LONGEST_NAME), in_words(found), *_repeat(catalogue, maybe_repeat=maybe_repeat))
    summary = short(notice.summary, LONGEST_SENTENCE)
    told = line(
        emoji(_TONES[notice.severity]),
        words(f" {summary}", bold=True),
        words(f"\n→ {short(notice.action, LONGEST_SENTENCE)}"),
    )
    title = in_words(message("slack/notice.title"))
    return _post(", ".join(filter(None, (title, notes[0]))) + f": {summary}", told, notes)


def notice_end_post(notice: Notice, cluster: str, catalogue: Catalogue, *, maybe_repeat: bool = False) -> SlackPost:
    """The message that tells that a finding is over, or accepted."""
    in_words = partial(say, catalogue)
    said, summary = in_words(_end(notice)), short(notice.summary, LONGEST_SENTENCE)
    told = line(emoji("none" if notice.accepted else "ok"), words(f" {said}", bold=True), words(f"\n{summary}"))
    notes = (short(cluster, LONGEST_NAME), *_repeat(catalogue, maybe_repeat=maybe_repeat))
    return _post(f"{said} {summary}", told, notes)


def _end(notice: Notice) -> Message:
    if notice.accepted:
        reason = short(notice.accepted, LONGEST_SENTENCE)
        return message("slack/notice.accepted", day=str(notice.over), reason=reason)
    return message("slack/notice.over", day=str(notice.over))


def _repeat(catalogue: Catalogue, *, maybe_repeat: bool) -> tuple[str, ...]:
    return (say(catalogue, message("slack/repeat")),) if maybe_repeat else ()


def _post(text: str, told: Mapping[str, object], notes: tuple[str, ...]) -> SlackPost:
    known = tuple(short(note, LONGEST_NOTE) for note in notes if note)
    return SlackPost(escaped(text, LONGEST_TEXT), (rich_text(told), *context(known)))
