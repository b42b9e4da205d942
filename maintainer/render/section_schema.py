"""The shape of the sections of a report's document as types."""

from typing import Literal

import msgspec

from maintainer.model.sections import EpisodeVerdict, Tone


class Object(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """An object that has no other keys."""


class Chip(Object):
    """A cell that shows a state."""

    text: str
    tone: Tone


class Text(Object, tag_field="kind", tag="text"):
    """Paragraphs."""

    title: str
    paragraphs: list[str]


class Table(Object, tag_field="kind", tag="table"):
    """Rows of cells; ``numeric`` are the indexes of right-aligned columns. Programs know some by their ``name``.

    ``shown`` are the indexes of the columns that a page has; without it, all are.
    """

    title: str
    lead: str
    columns: list[str]
    rows: list[list[str | int | float | Chip]]
    numeric: list[int]
    name: str | msgspec.UnsetType = msgspec.UNSET
    shown: list[int] | msgspec.UnsetType = msgspec.UNSET


class Diff(Object, tag_field="kind", tag="diff"):
    """What should be, and what is."""

    title: str
    before: str
    after: str


class CalendarDay(Object):
    """A day, what it was like, and how long something lasted on it; a ``tone`` of ``null`` is a day without a state."""

    date: str
    label: str
    tone: Tone | None
    note: str


class Calendar(Object, tag_field="kind", tag="calendar"):
    """Days in weeks."""

    title: str
    lead: list[str]
    days: list[CalendarDay]


class Bar(Object):
    """A bar of a chart."""

    label: str
    value: float | str
    tone: Tone


class Bars(Object, tag_field="kind", tag="bars"):
    """A bar chart; ``legend`` says what the tones of its bars mean."""

    title: str
    unit: str
    bars: list[Bar]
    legend: list[Chip]


class Amount(Object):
    """A number before or after a change, and how much of it was real; ``null`` where nobody asks that."""

    value: float | str
    real: float | str | None


class Measure(Object):
    """What a change did to one number; the ``unit`` is "" where the label says it."""

    label: str
    unit: str
    before: Amount
    after: Amount


class BeforeAfter(Object, tag_field="kind", tag="before-after"):
    """Pairs of bars; ``before`` and ``after`` name the two."""

    title: str
    lead: str
    before: str
    after: str
    measures: list[Measure]


class Heatmap(Object, tag_field="kind", tag="heatmap"):
    """Counts by row and column; ``null`` is not counted."""

    title: str
    lead: str
    unit: str
    rows: list[str]
    columns: list[str]
    cells: list[list[int | None]]


class Episode(Object):
    """An alert that fired, and whether it was right to."""

    start: str
    end: str
    verdict: EpisodeVerdict


class Stretch(Object):
    """A stretch of time, and what it is."""

    start: str
    end: str
    label: str


class Lane(Object):
    """The episodes of an alert about a subject, its incidents, and other trouble, which older reports do not have."""

    alert: str
    subject: str
    episodes: list[Episode]
    incidents: list[Stretch]
    trouble: list[Stretch] | msgspec.UnsetType = msgspec.UNSET


class Lanes(Object, tag_field="kind", tag="lanes"):
    """Swim-lanes; nothing is known of the ``unseen`` stretches, and ``windows`` are named above the axis."""

    title: str
    lead: str
    start: str
    end: str
    lanes: list[Lane]
    unseen: list[Stretch]
    windows: list[Stretch]


class Series(Object):
    """A value for each time; ``null`` is missing."""

    name: str
    values: list[float | str | None]


class Limit(Object):
    """A limit of a chart."""

    label: str
    value: float | str
    state: Literal["in-force", "proposed"]


class Forecast(Object):
    """What is expected of the sum of all series, and the band in which it should lie."""

    times: list[str]
    low: list[float | str]
    expected: list[float | str]
    high: list[float | str]


class Area(Object, tag_field="kind", tag="area"):
    """Series over time, stacked upon each other."""

    title: str
    lead: str
    unit: str
    times: list[str]
    series: list[Series]
    limits: list[Limit]
    forecast: Forecast | None


SectionDocument = Text | Table | Diff | Calendar | Bars | BeforeAfter | Heatmap | Lanes | Area
