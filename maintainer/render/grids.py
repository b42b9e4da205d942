"""Sections of a report as tables, also those that an output may show as a chart."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import unified_diff

from maintainer.model.message import message
from maintainer.render.before_after import amount
from maintainer.render.document import Document
from maintainer.render.lane_chart import counts_of
from maintainer.render.words import Catalogue, say

FEW = 13
"""The most times of an area where a table of all would be too long: so many months with both ends of a year."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")

Cell = str | int | float | Mapping[str, str]
"""A mapping is a state with the keys ``text`` and ``tone``."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; each row has a cell for each column. ``numeric`` are the indexes of right-aligned columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()


def grid(section: Document, catalogue: Catalogue) -> Grid:
    """The grid of a section that is no text or diff; missing values are marked as such."""
    return GRIDS[section["kind"]](section, catalogue)


def diff_lines(section: Document) -> tuple[str, ...]:
    """The lines of a diff section as ``diff -u`` writes them, without the header; none if the texts are equal."""
    return tuple(unified_diff(_lines(section["before"]), _lines(section["after"]), lineterm=""))[2:]


def shares(section: Document) -> tuple[float, ...]:
    """The length of each bar of a bars section in percent of the longest; 0 for a value that is no number."""
    values = [bar["value"] if isinstance(bar["value"], int | float) else 0 for bar in section["bars"]]
    longest = max(map(abs, values), default=0) or 1
    return tuple(round(100 * abs(value) / longest, 2) for value in values)


Week = tuple[Document | None, ...]
"""Monday to Sunday; ``None`` is a day that the calendar does not have."""


def weeks(section: Document) -> tuple[Week, ...]:
    """The days of a calendar section in weeks from Monday."""
    days = section["days"]
    if not days:
        return ()
    before = date.fromisoformat(days[0]["date"]).weekday()
    cells = [*[None] * before, *days]
    cells += [None] * (-len(cells) % 7)
    return tuple(tuple(cells[start : start + 7]) for start in range(0, len(cells), 7))


def day_name(day: Document, *, first: bool) -> str:
    """The number of a day of a calendar, with its month if that begins or it is the ``first`` day that is shown."""
    when = date.fromisoformat(day["date"])
    return f"{when:%m-%d}" if first or when.day == 1 else str(when.day)


def thinned(section: Document) -> Document:
    """An area section with no more than some of its times, the last one among them."""
    every = -(-len(section["times"]) // FEW)
    kept = [place for place in range(len(section["times"])) if (len(section["times"]) - 1 - place) % every == 0]
    series = [{**one, "values": [one["values"][place] for place in kept]} for one in section["series"]]
    return {**section, "times": [section["times"][place] for place in kept], "series": series}


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def minute(iso: str) -> str:
    """A time of a document, to the minute."""
    return iso[:16].replace("T", " ")


def _table(section: Document, _: Catalogue) -> Grid:
    """The columns that a page has: some are for programs only."""
    shown = section.get("shown") or range(len(section["columns"]))
    rows = (tuple(_to_the_minute(row[column]) for column in shown) for row in section["rows"])
    numeric = (place for place, column in enumerate(shown) if column in section["numeric"])
    return Grid(tuple(section["columns"][column] for column in shown), tuple(rows), tuple(numeric))


def _to_the_minute(cell: Cell) -> Cell:
    # Programs read whole times in the document; the zone of all times of a report is at its head.
    return minute(cell) if isinstance(cell, str) and _TIME.fullmatch(cell) else cell


def _bars(section: Document, catalogue: Catalogue) -> Grid:
    columns = (say(catalogue, message("report/column.name")), section["unit"])
    means = {entry["tone"]: entry["text"] for entry in section.get("legend", ())}
    if not means:
        return Grid(columns, tuple((bar["label"], bar["value"]) for bar in section["bars"]), (1,))
    rows = tuple((bar["label"], bar["value"], means.get(bar["tone"], "")) for bar in section["bars"])
    return Grid((*columns, say(catalogue, message("picture/bars.means"))), rows, (1,))


def _before_after(section: Document, catalogue: Catalogue) -> Grid:
    measure = say(catalogue, message("picture/before-after.measure"))
    rows = (
        (one["label"], *(say(catalogue, amount(one[when], one["unit"])) for when in ("before", "after")))
        for one in section["measures"]
    )
    return Grid((measure, section["before"], section["after"]), tuple(rows), (1, 2))


def _lanes(section: Document, catalogue: Catalogue) -> Grid:
    """A row for each lane with its counts: all episodes of a quarter are some thousands."""
    names = ("alert", "subject", "real", "false", "undetermined", "incidents", "trouble")
    columns = tuple(say(catalogue, message(f"picture/lanes.{name}")) for name in names)
    rows = (
        (lane["alert"], lane["subject"], *counts_of(lane), len(lane["incidents"]), len(lane.get("trouble", ())))
        for lane in section["lanes"]
    )
    return Grid(columns, tuple(rows), (2, 3, 4, 5, 6))


def _heatmap(section: Document, catalogue: Catalogue) -> Grid:
    missing = say(catalogue, message("report/cell.missing"))
    rows = (
        (name, *(missing if count is None else count for count in counts))
        for name, counts in zip(section["rows"], section["cells"], strict=True)
    )
    columns = (say(catalogue, message("report/column.name")), *section["columns"])
    return Grid(columns, tuple(rows), tuple(range(1, len(columns))))


FORESEEN = ("low", "expected", "high")
"""The values of a forecast at a time."""


def _area(section: Document, catalogue: Catalogue) -> Grid:
    missing = say(catalogue, message("report/cell.missing"))
    forecast = section["forecast"]
    foreseen = FORESEEN if forecast else ()
    columns = (
        say(catalogue, message("report/column.time")),
        *(line["name"] for line in section["series"]),
        *(say(catalogue, message(f"picture/forecast.{name}")) for name in foreseen),
    )
    values = (line["values"] for line in section["series"])
    past = (
        (minute(time), *(missing if value is None else value for value in at), *("" for _ in foreseen))
        for time, *at in zip(section["times"], *values, strict=True)
    )
    future = (
        (minute(time), *("" for _ in section["series"]), *at)
        for time, *at in (
            zip(forecast["times"], *(forecast[name] for name in foreseen), strict=True) if forecast else ()
        )
    )
    return Grid(columns, (*past, *future), tuple(range(1, len(columns))))


def _calendar(section: Document, catalogue: Catalogue) -> Grid:
    columns = tuple(say(catalogue, message(f"report/weekday.{day}")) for day in range(1, 8))
    rows = (tuple(_day(day, section, catalogue) if day else "" for day in week) for week in weeks(section))
    return Grid(columns, tuple(rows))


def _day(day: Document, section: Document, catalogue: Catalogue) -> str:
    name = day_name(day, first=day is section["days"][0])
    words = ", ".join(part for part in (day["label"], day["note"]) if part)
    return say(catalogue, message("report/calendar.cell", day=name, words=words))


GRIDS: Mapping[str, Callable[[Document, Catalogue], Grid]] = {
    "table": _table,
    "bars": _bars,
    "before-after": _before_after,
    "lanes": _lanes,
    "heatmap": _heatmap,
    "area": _area,
    "calendar": _calendar,
}
