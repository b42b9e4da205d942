"""Sections of a report as tables, also those that an output may show as a chart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import unified_diff

from maintainer.model.message import message
from maintainer.render.document import Document
from maintainer.render.words import Catalogue, say

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


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _moment(iso: str) -> str:
    return iso[:19].replace("T", " ")


def _table(section: Document, _: Catalogue) -> Grid:
    return Grid(tuple(section["columns"]), tuple(map(tuple, section["rows"])), tuple(section["numeric"]))


def _bars(section: Document, catalogue: Catalogue) -> Grid:
    columns = (say(catalogue, message("report/column.name")), section["unit"])
    return Grid(columns, tuple((bar["label"], bar["value"]) for bar in section["bars"]), (1,))


def _lanes(section: Document, catalogue: Catalogue) -> Grid:
    columns = tuple(say(catalogue, message(f"report/column.{name}")) for name in ("name", "from", "to", "what"))
    rows = (
        (lane["name"], _moment(span["start"]), _moment(span["end"]), span["label"])
        for lane in section["lanes"]
        for span in lane["spans"]
    )
    return Grid(columns, tuple(rows))


def _heatmap(section: Document, catalogue: Catalogue) -> Grid:
    missing = say(catalogue, message("report/cell.missing"))
    rows = (
        (name, *(missing if count is None else count for count in counts))
        for name, counts in zip(section["rows"], section["cells"], strict=True)
    )
    columns = (say(catalogue, message("report/column.name")), *section["columns"])
    return Grid(columns, tuple(rows), tuple(range(1, len(columns))))


def _area(section: Document, catalogue: Catalogue) -> Grid:
    missing = say(catalogue, message("report/cell.missing"))
    columns = (say(catalogue, message("report/column.time")), *(line["name"] for line in section["series"]))
    values = (line["values"] for line in section["series"])
    rows = (
        (_moment(time), *(missing if value is None else value for value in at))
        for time, *at in zip(section["times"], *values, strict=True)
    )
    return Grid(columns, tuple(rows), tuple(range(1, len(columns))))


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
    "lanes": _lanes,
    "heatmap": _heatmap,
    "area": _area,
    "calendar": _calendar,
}
