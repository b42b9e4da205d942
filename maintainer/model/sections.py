"""The kinds of section in a report. Each renderer has a template for each kind."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from maintainer.model.message import Message

Tone = Literal["ok", "warning", "error", "neutral"]


@dataclass(frozen=True, slots=True)
class Chip:
    """A cell that shows a state: a few words with a shape and a colour."""

    label: Message
    tone: Tone = "neutral"


Cell = str | int | float | Message | Chip


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells. ``numeric`` are the indexes of right-aligned columns, ``lead`` is a sentence above the table."""

    title: Message
    columns: tuple[Message, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()
    lead: Message | None = None
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Diff:
    """Two texts, shown as a diff: what should be and what is."""

    title: Message
    before: str
    after: str
    kind: Literal["diff"] = "diff"


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart."""

    label: Message
    value: float
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar chart; ``unit`` is a message such as ``unit/rollouts``."""

    title: Message
    unit: Message
    bars: tuple[Bar, ...]
    kind: Literal["bars"] = "bars"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a lane, from ``start`` to before ``end``."""

    start: datetime
    end: datetime
    label: Message


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of a swim-lane chart."""

    name: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """A swim-lane chart: spans of time in rows over a common axis."""

    title: Message
    start: datetime
    end: datetime
    lanes: tuple[Lane, ...]
    kind: Literal["lanes"] = "lanes"


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Counts by row and column; ``None`` is a missing count, not zero."""

    title: Message
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]
    kind: Literal["heatmap"] = "heatmap"


@dataclass(frozen=True, slots=True)
class Area:
    """Series over time in a common unit; ``None`` is a missing value."""

    title: Message
    unit: Message
    times: tuple[datetime, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    kind: Literal["area"] = "area"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of a calendar: its state in a word or two, with a shape and a colour; without both if it has no tone.

    ``note`` is what else there is to say, in as few words.
    """

    date: date
    label: Message
    tone: Tone | None = None
    note: Message | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days in a row, shown in weeks from Monday. ``lead`` are the sentences above them."""

    title: Message
    lead: tuple[Message, ...]
    days: tuple[CalendarDay, ...]
    kind: Literal["calendar"] = "calendar"


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs."""

    title: Message
    paragraphs: tuple[Message, ...]
    kind: Literal["text"] = "text"


Section = Table | Diff | Bars | Lanes | Heatmap | Area | Calendar | Text
