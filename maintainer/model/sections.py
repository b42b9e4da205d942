"""The kinds of section in a report. Each renderer has a template for each kind."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from maintainer.model.message import Message

Tone = Literal["ok", "warning", "error", "neutral"]
EpisodeVerdict = Literal["real", "false", "undetermined"]


@dataclass(frozen=True, slots=True)
class Chip:
    """A cell that shows a state: a few words with a shape and a colour."""

    label: Message
    tone: Tone = "neutral"


Cell = str | int | float | Message | Chip


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells. ``numeric`` are the indexes of right-aligned columns, ``lead`` is a sentence above the table.

    ``name`` is what programs know the table by, "" for one that is for readers only. ``shown`` are the indexes of the
    columns that a page has, in its order, where some are for programs only; () is all.
    """

    title: Message
    columns: tuple[Message, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()
    lead: Message | None = None
    name: str = ""
    shown: tuple[int, ...] = ()
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
    """A bar chart; ``unit`` is a message such as ``unit/rollouts``.

    ``legend`` says what a tone of the bars means, where they have more than one.
    """

    title: Message
    unit: Message
    bars: tuple[Bar, ...]
    legend: tuple[Chip, ...] = ()
    kind: Literal["bars"] = "bars"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number before or after a change; ``real`` is how much of it was real, ``None`` where nobody asks that."""

    value: float
    real: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """What a change did to one number; ``unit`` is a message such as ``unit/pages``, ``None`` if the label says it."""

    label: Message
    unit: Message | None
    before: Amount
    after: Amount


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Pairs of bars: each measure before and after a change. ``before`` and ``after`` name the two."""

    title: Message
    before: Message
    after: Message
    measures: tuple[Measure, ...]
    lead: Message | None = None
    kind: Literal["before-after"] = "before-after"


@dataclass(frozen=True, slots=True)
class Episode:
    """An alert that fired, from ``start`` to before ``end``, and whether it was right to."""

    start: datetime
    end: datetime
    verdict: EpisodeVerdict


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, from ``start`` to before ``end``, and what it is."""

    start: datetime
    end: datetime
    label: Message


@dataclass(frozen=True, slots=True)
class Lane:
    """The episodes of an alert about a subject, and the incidents of the subject, which stand behind them.

    ``trouble`` is what else went wrong with it and hurt nobody.
    """

    alert: str
    subject: str
    episodes: tuple[Episode, ...]
    incidents: tuple[Stretch, ...] = ()
    trouble: tuple[Stretch, ...] = ()


@dataclass(frozen=True, slots=True)
class Lanes:
    """Swim-lanes over a common axis of time; lanes of an alert follow each other.

    Nothing is known of the ``unseen`` stretches, through all lanes. ``windows`` are named above the axis.
    """

    title: Message
    start: datetime
    end: datetime
    lanes: tuple[Lane, ...]
    unseen: tuple[Stretch, ...] = ()
    windows: tuple[Stretch, ...] = ()
    lead: Message | None = None
    kind: Literal["lanes"] = "lanes"


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Counts by row and column, such as weekday and hour; ``None`` is a missing count, not zero."""

    title: Message
    unit: Message
    rows: tuple[Message, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]
    lead: Message | None = None
    kind: Literal["heatmap"] = "heatmap"


@dataclass(frozen=True, slots=True)
class Series:
    """A value for each time of a chart; ``None`` is a missing value."""

    name: Message
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of a chart: one that is ``in-force``, or one that is only ``proposed``."""

    label: Message
    value: float
    state: Literal["in-force", "proposed"] = "in-force"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of the sum of all series at times to come, and the band in which it should lie."""

    times: tuple[datetime, ...]
    low: tuple[float, ...]
    expected: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """Series over time in a common unit, stacked upon each other, with limits and a forecast of their sum."""

    title: Message
    unit: Message
    times: tuple[datetime, ...]
    series: tuple[Series, ...]
    limits: tuple[Limit, ...] = ()
    forecast: Forecast | None = None
    lead: Message | None = None
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


Section = Table | Diff | Bars | BeforeAfter | Lanes | Heatmap | Area | Calendar | Text
