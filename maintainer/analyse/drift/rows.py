"""Changes as people read them: a row of evidence, and who made them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from maintainer.analyse.drift.audit import ComparedObject
from maintainer.model.drift import Change
from maintainer.model.message import Message, message
from maintainer.model.report import SEVERITIES, Json

SHOWN = 160
"""The most characters of a value that a row shows."""


def as_row(compared: ComparedObject, change: Change) -> dict[str, Json]:
    """A change as a row of a finding's evidence."""
    return {
        "object": str(compared.desired.id.subject),
        "place": change.place,
        "desired": shown(change.desired),
        "live": shown(change.live),
        "manager": change.manager or "-",
        "time": at(change.time),
    }


def shown(value: Json) -> str:
    """A value on one line, cut where it is long; ``-`` for none."""
    text = "-" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"


def at(time: datetime | None) -> str:
    """A time to the minute, in UTC; ``-`` if it is not known."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if time else "-"


def author(change: Change) -> Message:
    """Who wrote a place last, and when."""
    if not change.manager:
        return message("drift/author.unknown")
    return message("drift/author.known", manager=change.manager, time=at(change.time))


def worst(changes: Sequence[Change]) -> Change:
    """The most severe change, the first of those; of these rather one whose meaning is known."""
    return min(changes, key=lambda change: (SEVERITIES.index(change.severity), change.means is None))


def place_of(change: Change, changes: Sequence[Change]) -> str | Message:
    """Where a change of an object is, and in how many other places the object has such changes."""
    others = len(changes) - 1
    return message("drift/place.more", place=change.place, count=others) if others else change.place
