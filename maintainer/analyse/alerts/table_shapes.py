"""The names and columns of the tables of a quarterly report. Programs know them by these, and docs/numbers.md too."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from maintainer.analyse.alerts.review import Review
from maintainer.model.episode_table import EPISODE_COLUMNS
from maintainer.model.message import message
from maintainer.model.sections import Cell, Table

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "seen": ("what", "value"),
    "agreement": ("alert", "version", "week", "episodes", "strict", "lenient"),
    "first": ("alert", "night_futile", "futile", "check", "action"),
    "alerts": ("alert", "version", "hold", "severity", "fired", "pending", "pages", "night", "night_futile"),
    "worth": (
        "alert", "version", "real", "futile_", "undetermined", "cases", "precision", "delay", "caught", "alone",
    ),
    "hours": ("hours", "minutes_all", "minutes_seen", "pages", "futile", "hours_all", "hours_seen"),
    "incidents": ("incident", "start", "end", "source", "first_alert", "delay", "alerts"),
    "prevented": ("incident", "start", "end", "first_alert"),
    "missed": ("incident", "start", "what", "nearest", "how"),
    "silent": ("alert", "version", "state", "why", "repaired", "would_page", "would_tell"),
    "not-judged": ("why", "episodes"),
    "missing": ("start", "end", "alert", "why"),
    "episodes": EPISODE_COLUMNS,
}  # fmt: skip
"""The columns of each table by its name."""
SHOWN: Mapping[str, tuple[str, ...]] = {
    "hours": ("hours", "hours_all", "hours_seen", "pages", "futile"),
    "episodes": ("alert", "namespace", "rollout", "fired_at", "minutes", "judged", "why"),
}
"""The columns that a page has of a table, where it has not all: programs read the others."""


def shaped(name: str, rows: Sequence[tuple[Cell, ...]], *, numeric: Sequence[int]) -> Table:
    """The table of this name with its title, columns and lead; ``numeric`` are the columns of numbers."""
    return Table(
        title=message(f"quarterly/{name}"),
        columns=tuple(message(f"quarterly/column.{column}") for column in COLUMNS[name]),
        rows=tuple(rows),
        numeric=tuple(numeric),
        lead=message(f"quarterly/{name}.lead"),
        name=name,
        shown=tuple(COLUMNS[name].index(column) for column in SHOWN.get(name, ())),
    )


def local_time(review: Review) -> Callable[[int], str]:
    """Makes text of a time in milliseconds, in the time zone of the report."""
    zone = review.judging.hours.zone
    return lambda at: datetime.fromtimestamp(at / 1000, zone).isoformat(timespec="seconds")
