"""The ledger as a table for a terminal."""

from collections.abc import Iterable
from io import StringIO
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from maintainer.model.ledger import Entry
from maintainer.model.message import message
from maintainer.render.document import as_json
from maintainer.render.visible import on_a_line
from maintainer.render.words import Catalogue, say

COLUMNS = ("cluster", "job", "period", "result", "when", "verdict", "findings")


def ledger_table(entries: Iterable[Entry], catalogue: Catalogue, *, time_zone: str, width: int) -> str:
    """A line for each entry, the newest last; times are in the time zone."""
    rows = (
        (
            entry.cluster,
            entry.job,
            entry.period,
            entry.result,
            f"{entry.at.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}",
            entry.verdict or "",
            str(len(entry.findings)),
        )
        for entry in sorted(entries, key=lambda entry: entry.at)
    )
    return terminal_table([say(catalogue, message(f"store/column.{column}")) for column in COLUMNS], rows, width=width)


def ledger_json(entries: Iterable[Entry], *, time_zone: str) -> str:
    """The same as JSON, an object for each entry, with its figures."""
    reports = [
        {
            "cluster": entry.cluster,
            "job": entry.job,
            "period": entry.period,
            "result": entry.result,
            "at": entry.at.astimezone(ZoneInfo(time_zone)).isoformat(timespec="seconds"),
            "verdict": entry.verdict,
            "findings": len(entry.findings),
            "figures": entry.figures,
        }
        for entry in sorted(entries, key=lambda entry: entry.at)
    ]
    return as_json({"reports": reports})


def terminal_table(columns: Iterable[str], rows: Iterable[Iterable[str]], *, width: int) -> str:
    """A table for a terminal; a cell may have several lines."""
    out = StringIO()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("\n".join(map(on_a_line, cell.split("\n")))) for cell in row))
    Console(file=out, width=width, highlight=False, emoji=False).print(table)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines() if line.strip())
