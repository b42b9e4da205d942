"""The kinds of section that a report is made of. A renderer has one partial per kind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from maintainer.model.message import Message

Tone = Literal["ok", "warning", "error", "neutral"]


@dataclass(frozen=True, slots=True)
class Chip:
    """A cell that is a state: a few words with a shape and a colour of their own."""

    label: Message
    tone: Tone = "neutral"


Cell = str | int | float | Message | Chip


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; ``numeric`` names the columns, by index, that are set to the right."""

    title: Message
    columns: tuple[Message, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()
    lead: Message | None = None
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Diff:
    """Two texts line by line: what was wanted and what was found."""

    title: Message
    before: str
    after: str
    kind: Literal["diff"] = "diff"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a label, a value, and its tone."""

    label: Message
    value: float
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Bars:
    """Values of one unit beside each other; ``unit`` is a message such as ``unit/rollouts``."""

    title: Message
    unit: Message
    bars: tuple[Bar, ...]
    kind: Literal["bars"] = "bars"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a lane, ``start`` to before ``end``, with what it is."""

    start: datetime
    end: datetime
    label: Message


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of a swim-lane chart."""

    name: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Spans of time in lanes over one axis."""

    title: Message
    start: datetime
    end: datetime
    lanes: tuple[Lane, ...]
    kind: Literal["lanes"] = "lanes"


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Counts by row and column; ``None`` is missing, which is not zero."""

    title: Message
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]
    kind: Literal["heatmap"] = "heatmap"


@dataclass(frozen=True, slots=True)
class Area:
    """One or more series over time in one unit; ``None`` is missing."""

    title: Message
    unit: Message
    times: tuple[datetime, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    kind: Literal["area"] = "area"


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs."""

    title: Message
    paragraphs: tuple[Message, ...]
    kind: Literal["text"] = "text"


Section = Table | Diff | Bars | Lanes | Heatmap | Area | Text
