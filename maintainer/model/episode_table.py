"""The table of episodes that people judge: its name, its columns, and cells that are safe in a table program."""

EPISODES = "episodes"
"""The name of the table in a report's document."""

EPISODE_COLUMNS = (
    "alert", "severity", "namespace", "rollout", "version", "active_at", "fired_at", "resolved_at", "minutes", "hours",
    "pages", "judged", "by", "why", "labels",
)  # fmt: skip

FILLED_IN = ("verdict", "who", "note")
"""The columns that are empty until a person fills them in."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula in a cell of a table program."""


def defused(cell: str) -> str:
    """A cell that no table program takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def plain(cell: str) -> str:
    """The cell as it was before :func:`defused`."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell
