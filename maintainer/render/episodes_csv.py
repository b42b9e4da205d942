"""The episodes of a quarterly report as a table of its own, in which people write their verdicts."""

import csv
from io import StringIO

from maintainer.model.episode_table import EPISODE_COLUMNS, EPISODES, FILLED_IN, defused
from maintainer.render.document import Document


def episodes_csv(document: Document) -> str:
    """The table, which starts with a byte order mark so that Excel reads it as UTF-8; "" for a report without one.

    The names of the columns are the same in all languages. No cell begins as a formula does.
    """
    rows = [row for section in document["sections"] if section.get("name") == EPISODES for row in section["rows"]]
    if not rows:
        return ""
    text = StringIO(newline="")
    table = csv.writer(text)
    table.writerow((*EPISODE_COLUMNS, *FILLED_IN))
    table.writerows(tuple(_cell(cell) for cell in row) + ("",) * len(FILLED_IN) for row in rows)
    return f"\ufeff{text.getvalue()}"


def _cell(cell: object) -> str:
    # A table program takes an end of a line in a cell for the end of the row, whatever the quotes say.
    return defused(" ".join(str(cell).splitlines()))
