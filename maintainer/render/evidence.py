"""Evidence as a person reads it: lines, tables, and code for what is neither."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from maintainer.render.grids import Grid
from maintainer.render.words import number

SHOWN = 20
"""Rows, names or subjects that a person is shown of a long list; all are in the JSON."""


def scalars(evidence: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Evidence that fits a line, as pairs of a label and a text: numbers, label sets, lists of names."""
    return tuple((name, _line(value)) for name, value in evidence.items() if _fits(value))


def records(evidence: Mapping[str, Any]) -> tuple[tuple[str, Grid, int], ...]:
    """Evidence that is a table: its label, the first rows of it, and how many rows there are."""
    return tuple((name, _records(value), len(value)) for name, value in evidence.items() if _tabular(value))


def blocks(evidence: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Evidence that needs lines of its own, as pairs of a label and code."""
    return tuple(
        (name, value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False))
        for name, value in evidence.items()
        if not _fits(value) and not _tabular(value)
    )


def _records(rows: Sequence[Mapping[str, Any]]) -> Grid:
    columns = tuple(rows[0])
    return Grid(columns, tuple(tuple(_line(row[name]) for name in columns) for row in rows[:SHOWN]), ())


def _plain(value: Any) -> bool:
    return not isinstance(value, dict | list) and "\n" not in str(value)


def _fits(value: Any) -> bool:
    match value:
        case dict():
            return all(map(_plain, value.values()))
        case list():
            return all(map(_plain, value))
        case _:
            return _plain(value)


def _tabular(value: Any) -> bool:
    """A list of maps that have the same keys, and nothing nested deeper than a list of names."""
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) and row for row in value):
        return False
    return all(row.keys() == value[0].keys() and all(map(_fits, row.values())) for row in value)


def _line(value: Any) -> str:
    match value:
        case dict():
            return ", ".join(f"{name}={_line(one)}" for name, one in value.items())
        case list():
            shown = ", ".join(map(_line, value[:SHOWN]))
            return f"{shown}, … ({number(len(value))})" if len(value) > SHOWN else shown
        case None | bool():
            return json.dumps(value)
        case str():
            return value
        case _:
            return number(value)
