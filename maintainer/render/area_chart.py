"""A stacked area with limits and a forecast, as paths over axes of time and of values."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from maintainer.model.message import Message, message
from maintainer.render.document import Document, Say
from maintainer.render.time_axis import Mark, TimeAxis, time_axis
from maintainer.render.trends import is_number

HEIGHT = 240
"""Of the plot, in px."""
LEAST = 1e-6
"""The least top of a plot: a label has six decimals, and would show a smaller value as 0."""
ROOM = 0.08
"""Of the height, above the highest value."""
APART = 16
"""Labels of lines that are closer than so many px would overlap."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the plot, at ``y`` px below its top, and its label. ``above``: the label stands above the line."""

    y: float
    label: str
    state: str = ""
    above: bool = True


@dataclass(frozen=True, slots=True)
class Layer:
    """A series: its name and the path of its area; x is in thousandths of the axis."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Band:
    """A forecast: the paths of its band and of its middle, the place where it begins, and what it says of the end."""

    band: str
    middle: str
    x: float
    label: str
    y: float


@dataclass(frozen=True, slots=True)
class AreaChart:
    """Layers from the bottom up, levels of the axis, limits, and the stretches of time without a value (x, width)."""

    layers: tuple[Layer, ...]
    levels: tuple[Level, ...]
    limits: tuple[Level, ...]
    marks: tuple[Mark, ...]
    missing: tuple[tuple[float, float], ...]
    forecast: Band | None
    summary: str


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where times and values lie."""

    axis: TimeAxis
    top: float

    def x(self, time: str) -> float:
        return round(10 * self.axis.at(time), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT * (1 - value / self.top), 1)

    def path(self, points: Sequence[tuple[str, float]]) -> str:
        return "M" + "L".join(f"{self.x(time):g} {self.y(value):g}" for time, value in points)


def area_chart(section: Document, in_words: Say) -> AreaChart | None:
    """The chart of an area section; ``None`` if it has no value."""
    times, forecast = section["times"], section["forecast"]
    sums = _sums(section)
    if not any(total is not None for total in sums):
        return None
    last = forecast["times"][-1] if forecast and forecast["times"] else times[-1]
    plane = _Plane(time_axis(times[0], last), _top(section, sums))
    return AreaChart(
        layers=tuple(_layers(section, sums, plane)),
        levels=tuple(_levels(section["unit"], plane, in_words)),
        limits=_limits(section, plane, in_words),
        marks=plane.axis.marks(in_words),
        missing=tuple(_missing(times, sums, plane)),
        forecast=_band(section, plane, in_words) if forecast and forecast["times"] else None,
        summary=in_words(message("picture/area.summary", parts=tuple(_summary(section, sums)))),
    )


def _sums(section: Document) -> list[float | None]:
    """The sum of all series at each time; ``None`` where a value is missing."""
    columns = zip(*(series["values"] for series in section["series"]), strict=True)
    return [math.fsum(values) if all(map(is_number, values)) else None for values in columns]


def _top(section: Document, sums: Sequence[float | None]) -> float:
    highest = [total for total in sums if total is not None]
    highest += [limit["value"] for limit in section["limits"] if is_number(limit["value"])]
    highest += [value for value in (section["forecast"] or {}).get("high", ()) if is_number(value)]
    top = max((*highest, 0))
    return (top if top >= LEAST else 1) * (1 + ROOM)


def _layers(section: Document, sums: Sequence[float | None], plane: _Plane) -> Iterator[Layer]:
    """Each series upon those before it, in pieces where values are missing."""
    known = [place for place, total in enumerate(sums) if total is not None]
    pieces = [[place for _, place in piece] for _, piece in groupby(enumerate(known), lambda pair: pair[1] - pair[0])]
    below = [0.0] * len(sums)
    for series in section["series"]:
        above = [
            base + value if is_number(value) else base for base, value in zip(below, series["values"], strict=True)
        ]
        outlines = (
            plane.path(
                [
                    *((section["times"][place], above[place]) for place in piece),
                    *((section["times"][place], below[place]) for place in reversed(piece)),
                ]
            )
            for piece in pieces
        )
        yield Layer(series["name"], "".join(f"{outline}Z" for outline in outlines))
        below = above


def _missing(times: Sequence[str], sums: Sequence[float | None], plane: _Plane) -> Iterator[tuple[float, float]]:
    """The stretches between the values around those that are missing."""
    for unknown, places in groupby(range(len(sums)), lambda place: sums[place] is None):
        if unknown:
            stretch = list(places)
            first, last = max(stretch[0] - 1, 0), min(stretch[-1] + 1, len(times) - 1)
            yield plane.axis.stretch(times[first], times[last])


def _levels(unit: str, plane: _Plane, in_words: Say) -> Iterator[Level]:
    """Three or four levels at round values; only the highest has the unit."""
    step = _step(plane.top)
    values = [step * count for count in range(1, math.floor(plane.top / step) + 1)]
    for value in values:
        unit_of = message("picture/value.unit", value=round(value, 6), unit=unit)
        label = unit_of if value == values[-1] else message("picture/value", value=round(value, 6))
        yield Level(plane.y(value), in_words(label))


def _step(top: float) -> float:
    """The round step of which three to five fit below the top."""
    power = math.pow(10, math.floor(math.log10(top / 3)))
    return next(step * power for step in (5, 2.5, 2, 1) if step * power <= top / 3)


def _limits(section: Document, plane: _Plane, in_words: Say) -> tuple[Level, ...]:
    """The limits from above; the label of one that is close below another stands below its line."""
    levels: list[Level] = []
    for limit in sorted((one for one in section["limits"] if is_number(one["value"])), key=lambda one: -one["value"]):
        y = plane.y(limit["value"])
        words = message("picture/limit", label=limit["label"], value=limit["value"], unit=section["unit"])
        above = y >= APART and not (levels and y - levels[-1].y < APART)
        levels.append(Level(y, in_words(words), limit["state"], above))
    return tuple(levels)


def _band(section: Document, plane: _Plane, in_words: Say) -> Band:
    """The forecast, which begins at the last known sum."""
    forecast = section["forecast"]
    start = next(
        (
            (time, total)
            for time, total in zip(reversed(section["times"]), reversed(_sums(section)), strict=True)
            if total is not None
        )
    )
    low, middle, high = (
        [start, *zip(forecast["times"], forecast[name], strict=True)] for name in ("low", "expected", "high")
    )
    return Band(
        band=f"{plane.path([*high, *reversed(low)])}Z",
        middle=plane.path(middle),
        x=plane.axis.at(start[0]),
        label=in_words(_expected(section)),
        y=plane.y(high[-1][1]),
    )


def _expected(section: Document) -> Message:
    forecast = section["forecast"]
    low, expected, high = (forecast[name][-1] for name in ("low", "expected", "high"))
    named = {"low": low, "value": expected, "high": high, "unit": section["unit"], "date": forecast["times"][-1][:10]}
    return message("picture/forecast", **named)


def _summary(section: Document, sums: Sequence[float | None]) -> Iterator[Message]:
    known = [(time[:10], total) for time, total in zip(section["times"], sums, strict=True) if total is not None]
    (first, least), (last, most) = known[0], known[-1]
    unit = section["unit"]
    yield message("picture/area.sum", first=first, least=round(least, 2), last=last, most=round(most, 2), unit=unit)
    if section["forecast"] and section["forecast"]["times"]:
        yield _expected(section)
    for limit in section["limits"]:
        yield message("picture/limit", label=limit["label"], value=limit["value"], unit=unit)
