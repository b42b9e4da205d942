"""A finding's evidence for people: as lines, as tables, or else as code."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from maintainer.model.message import message
from maintainer.render.grids import Grid
from maintainer.render.words import Catalogue, number, say

SHOWN = 20
"""The most rows, names or subjects of a list that are shown; all are in the JSON."""


def scalars(evidence: Mapping[str, Any], catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Evidence that fits on a line, as pairs of label and text: numbers, label sets, lists of names."""
    return tuple((_label(key, catalogue), _line(value)) for key, value in evidence.items() if _fits_line(value))


def records(evidence: Mapping[str, Any], catalogue: Catalogue) -> tuple[tuple[str, Grid, int], ...]:
    """Evidence that is a table: its label, its first rows, and how many rows there are."""
    return tuple(
        (_label(key, catalogue), _grid(value, catalogue), len(value))
        for key, value in evidence.items()
        if _is_table(value)
    )


def blocks(evidence: Mapping[str, Any], catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """All other evidence, as pairs of label and code."""
    return tuple(
        (
            _label(key, catalogue),
            value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False),
        )
        for key, value in evidence.items()
        if not _fits_line(value) and not _is_table(value)
    )


def _label(key: str, catalogue: Catalogue) -> str:
    """What a key of the evidence is called; a key that is no word of ours, such as a label, is its own."""
    label = message(f"evidence/{key}")
    return say(catalogue, label) if label.id in catalogue.entries else key


def _grid(rows: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> Grid:
    columns = tuple(rows[0])
    cells = tuple(tuple(_line(row[name]) for name in columns) for row in rows[:SHOWN])
    return Grid(tuple(_label(name, catalogue) for name in columns), cells, ())


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, dict | list) and "\n" not in str(value)


def _fits_line(value: Any) -> bool:
    match value:
        case dict():
            return all(map(_is_scalar, value.values()))
        case list():
            return all(map(_is_scalar, value))
        case _:
            return _is_scalar(value)


def _is_table(value: Any) -> bool:
    """Whether it is a list of maps with the same keys, whose values each fit on a line."""
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) and row for row in value):
        return False
    return all(row.keys() == value[0].keys() and all(map(_fits_line, row.values())) for row in value)


def _line(value: Any) -> str:
    match value:
        case dict() | list() if not value:
            return "-"
        case dict():
            return ", ".join(f"{name}={_line(item)}" for name, item in value.items())
        case list():
            shown = ", ".join(map(_line, value[:SHOWN]))
            return f"{shown}, … ({number(len(value))})" if len(value) > SHOWN else shown
        case None | bool():
            return json.dumps(value)
        case str():
            return value
        case _:
            return number(value)
