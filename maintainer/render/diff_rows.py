"""The rows of a diff section, in which the parts of a line that changed are marked."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from maintainer.render.corrections import Part, changed_parts
from maintainer.render.document import Document
from maintainer.render.grids import diff_lines


@dataclass(frozen=True, slots=True)
class DiffRow:
    """A line with its ``sign``: ``-``, ``+``, a space for one that both have, ``@`` for a place in the texts."""

    sign: str
    parts: tuple[Part, ...]


def diff_rows(section: Document) -> tuple[DiffRow, ...]:
    """The rows of a diff; none if the texts are equal."""
    runs = [(sign, [line[1:] for line in lines]) for sign, lines in groupby(diff_lines(section), lambda line: line[0])]
    return tuple(_rows(runs))


def _rows(runs: list[tuple[str, list[str]]]) -> Iterator[DiffRow]:
    """Lines that replace as many others are compared with these, one by one."""
    skipped = False
    for number, (sign, lines) in enumerate(runs):
        follows, others = runs[number + 1] if number + 1 < len(runs) else ("", [])
        if skipped:
            skipped = False
        elif sign == "-" and follows == "+" and len(lines) == len(others):
            pairs = [changed_parts(before, after) for before, after in zip(lines, others, strict=True)]
            yield from (DiffRow("-", before) for before, _ in pairs)
            yield from (DiffRow("+", after) for _, after in pairs)
            skipped = True
        else:
            yield from (DiffRow(sign, (Part(line),)) for line in lines)
