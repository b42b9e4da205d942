"""What a harvest keeps of a day, as lines of the archive: a line for each kind, each with a version of its own.

A day's samples are read from an hour before it, so that what arrived late is kept with the next day. A line that is
damaged, or of a newer version, costs its kind of that day and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from maintainer.model.alerts import HOUR, Agreement, AlertRule, Episode, HourCoverage, Impact, LeftSide, Silence
from maintainer.model.archived_episodes import episodes_data, episodes_of, left_sides_data, left_sides_of
from maintainer.model.archived_outcomes import outcomes_data, outcomes_of
from maintainer.model.ledger import ArchiveLine
from maintainer.model.message import Message, message
from maintainer.model.outcomes import Outcomes
from maintainer.model.report import Json, Measured

KIND = "alerts"
"""The kinds of the lines are below this one: ``alerts/episodes``."""

VERSION = 1

BEFORE = HOUR
"""Milliseconds before a day that are read with it."""


@dataclass(frozen=True, slots=True)
class HarvestedDay:
    """What was read of the day from ``start`` to before ``end``; the samples begin :data:`BEFORE` its start.

    ``unread`` says by kind, such as ``episodes``, why it could not be read. It is then empty, which means nothing.
    ``impact`` is ``None`` where nobody asked for it.
    """

    start: int
    end: int
    rules: tuple[AlertRule, ...] = ()
    episodes: tuple[Episode, ...] = ()
    outcomes: Outcomes = field(default_factory=Outcomes)
    left_sides: tuple[LeftSide, ...] = ()
    coverage: tuple[HourCoverage, ...] = ()
    agreement: tuple[Agreement, ...] = ()
    silences: tuple[Silence, ...] = ()
    impact: Impact | None = None
    unread: Mapping[str, Message] = field(default_factory=dict)


KINDS = ("rules", "episodes", "outcomes", "left_sides", "coverage", "agreement", "silences")
"""The kinds, by the names of the fields. A day has a line of each, also of those that are empty or unread."""

ASKED = ("impact",)
"""The kinds of which a day has a line only if they were asked for: without one, nothing is known of them."""


class _Line(msgspec.Struct):
    """The data of a line: its version, the end of its day in milliseconds, and what the kind has."""

    v: int
    end: int
    unread: Message | None = None
    data: Any = None


def measured(day: HarvestedDay) -> tuple[Measured, ...]:
    """The lines of a day for the archive, without the name of the cluster.

    What was asked for comes first, so that a day that has all the others has it too.
    """
    asked = [kind for kind in ASKED if kind in day.unread or getattr(day, kind) is not None]
    return tuple(Measured(f"{KIND}/{kind}", _time(day.start), _line(day, kind)) for kind in (*asked, *KINDS))


def harvested_days(lines: Iterable[ArchiveLine]) -> tuple[HarvestedDay, ...]:
    """The days in the lines, in order. What a line has that cannot be read is ``unread`` in its day.

    A day that lacks the line of a kind, since a run ended between two writes, has it as unread as well.
    """
    days: dict[int, HarvestedDay] = {}
    for line in lines:
        kind = line.kind.removeprefix(f"{KIND}/")
        if kind in _DECODE and kind != line.kind:
            start = _milliseconds(line.at)
            days[start] = _with(days.get(start) or _empty(start), kind, line.data)
    return tuple(days[start] for start in sorted(days))


def complete(day: HarvestedDay) -> bool:
    """Whether the day has a line of each kind that can be read, also those that say why there is nothing."""
    lost = {kind for kind, why in day.unread.items() if why.id in {"harvest/line-missing", "harvest/line-broken"}}
    return lost.isdisjoint(KINDS)


def _time(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1000, UTC)


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp()) * 1000


def _line(day: HarvestedDay, kind: str) -> Mapping[str, Json]:
    why = day.unread.get(kind)
    data = None if why else _ENCODE[kind](getattr(day, kind))
    line: dict[str, Json] = msgspec.to_builtins(_Line(VERSION, day.end, why, data))
    return line


def _empty(start: int) -> HarvestedDay:
    """A day of which no line has been read yet; it has no end, and nothing is counted as quiet."""
    return HarvestedDay(start, start, unread={kind: message("harvest/line-missing") for kind in KINDS})


def _with(day: HarvestedDay, kind: str, data: Mapping[str, Any]) -> HarvestedDay:
    """The day with what the line of a kind has."""
    others = {name: why for name, why in day.unread.items() if name != kind}
    try:
        line = msgspec.convert(data, _Line)
        if line.v > VERSION:
            why = message("harvest/line-newer", version=line.v, known=VERSION)
            return replace(day, end=max(day.end, line.end), unread={**others, kind: why})
        if line.unread:
            return replace(day, end=max(day.end, line.end), unread={**others, kind: line.unread})
        read = _DECODE[kind](line.data)
    except (ValueError, LookupError, TypeError, OverflowError) as error:  # also what msgspec raises
        return replace(day, unread={**day.unread, kind: message("harvest/line-broken", detail=str(error))})
    changes: dict[str, Any] = {kind: read}
    return replace(day, end=max(day.end, line.end), unread=others, **changes)


def _plain(items: object) -> Json:
    plain: Json = msgspec.to_builtins(items, str_keys=True)
    return plain


def _typed(type_: Any, data: Json) -> Any:
    return msgspec.convert(data, tuple[type_, ...], str_keys=True)


_ENCODE: Mapping[str, Callable[[Any], Json]] = {
    "rules": _plain,
    "episodes": episodes_data,
    "outcomes": outcomes_data,
    "left_sides": left_sides_data,
    "coverage": _plain,
    "agreement": _plain,
    "silences": _plain,
    "impact": _plain,
}
_DECODE: Mapping[str, Callable[[Any], Any]] = {
    "rules": partial(_typed, AlertRule),
    "episodes": episodes_of,
    "outcomes": outcomes_of,
    "left_sides": left_sides_of,
    "coverage": partial(_typed, HourCoverage),
    "agreement": partial(_typed, Agreement),
    "silences": partial(_typed, Silence),
    "impact": partial(msgspec.convert, type=Impact),
}
