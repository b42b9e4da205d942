"""The calendar as a table for a terminal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from maintainer.model.ledger import Entry
from maintainer.model.message import Message, message
from maintainer.render.ledger import terminal_table
from maintainer.render.words import Catalogue, say

COLUMNS = ("job", "last", "result", "next", "due")


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A job: its newest entry, its next fire, and a sentence for each turn that is due or missed."""

    job: str
    last: Entry | None
    next: datetime | None
    due: tuple[Message, ...]


def calendar_table(rows: Iterable[CalendarRow], catalogue: Catalogue, *, time_zone: str, width: int) -> str:
    """A line for each job; times are in the time zone."""

    def when(at: datetime | None) -> str:
        return f"{at.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}" if at else ""

    cells = (
        (
            row.job,
            row.last.period if row.last else say(catalogue, message("schedule/never")),
            " ".join(filter(None, (row.last.result, when(row.last.at), row.last.verdict))) if row.last else "",
            when(row.next),
            "\n".join(say(catalogue, due) for due in row.due),
        )
        for row in rows
    )
    columns = [say(catalogue, message(f"schedule/column.{column}")) for column in COLUMNS]
    return terminal_table(columns, cells, width=width)
