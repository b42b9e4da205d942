"""What limits would keep and take, for a terminal."""

from maintainer.model.message import Message
from maintainer.model.sections import Cell, Chip, Table
from maintainer.render.ledger import terminal_table
from maintainer.render.words import Catalogue, number, say


def plan_text(table: Table, lines: str, catalogue: Catalogue, *, width: int) -> str:
    """The table with its lead, and the lines that set the limits."""
    columns = [say(catalogue, column) for column in table.columns]
    rows = [[_text(cell, catalogue) for cell in row] for row in table.rows]
    lead = f"{say(catalogue, table.lead)}\n\n" if table.lead else ""
    return f"{lead}{terminal_table(columns, rows, width=width)}\n{lines}\n"


def _text(cell: Cell, catalogue: Catalogue) -> str:
    match cell:
        case Message():
            return say(catalogue, cell)
        case Chip():
            return say(catalogue, cell.label)
        case str():
            return cell
        case _:
            return number(cell)
