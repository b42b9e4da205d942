"""The shades of a heat map: four steps up to its highest count, and the sums of its rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from maintainer.render.document import Document

STEPS = 4


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A row: its name, each count with its shade (0 for no count, ``None`` for a missing one), and the sum."""

    name: str
    cells: tuple[tuple[int | None, int], ...]
    total: int


def heat_rows(section: Document) -> tuple[HeatRow, ...]:
    """The rows of a heat map section."""
    highest = _highest(section)
    return tuple(
        HeatRow(
            name,
            tuple((count, shade(count or 0, highest)) for count in counts),
            sum(count for count in counts if count is not None),
        )
        for name, counts in zip(section["rows"], section["cells"], strict=True)
    )


def shade(count: int, highest: int) -> int:
    """The shade of a count: 0 for none, else 1 to 4 in equal steps up to the highest."""
    return -(-STEPS * count // highest) if count > 0 else 0


def steps(section: Document) -> Iterator[tuple[int, int, int]]:
    """For the legend: each shade that occurs, with the least and the most of its counts."""
    highest = _highest(section)
    counts = sorted({count for counts in section["cells"] for count in counts if count})
    for step in range(1, STEPS + 1):
        of_step = [count for count in counts if shade(count, highest) == step]
        if of_step:
            yield step, of_step[0], of_step[-1]


def _highest(section: Document) -> int:
    return max((count for counts in section["cells"] for count in counts if count is not None), default=0)
