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
from maintainer.render.visible import on_a_line
from maintainer.render.words import Catalogue, say

COLUMNS = ("cluster", "job", "period", "result", "when", "verdict", "findings")


def ledger_table(entries: Iterable[Entry], catalogue: Catalogue, *, time_zone: str, width: int) -> str:
    """A line for each entry, the newest last; times are in the time zone."""
    out = StringIO()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in COLUMNS:
        table.add_column(say(catalogue, message(f"store/column.{column}")))
    for entry in sorted(entries, key=lambda entry: entry.at):
        when = f"{entry.at.astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M}"
        cells = entry.cluster, entry.job, entry.period, entry.result, when, entry.verdict or "", len(entry.findings)
        table.add_row(*(Text(on_a_line(str(cell))) for cell in cells))
    Console(file=out, width=width, highlight=False, emoji=False).print(table)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines() if line.strip())
