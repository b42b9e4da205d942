"""The evidence of all findings of an action together, each thing once."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from maintainer.render.document import Document
from maintainer.render.evidence import SHOWN, blocks, records, scalars
from maintainer.render.grids import Cell, Grid
from maintainer.render.words import Catalogue

T = TypeVar("T")

_QUERY = frozenset({"query", "corrected", "where"})
"""The columns of a table that are shown as a block of queries."""
_COMMAND = "touch"
"""The column of a table that has a command."""
_NO_CORRECTION = "-"


@dataclass(frozen=True, slots=True)
class Queries:
    """Queries as code, in ``promql`` or, if it is known what they should be, as a ``diff``; ``count`` is how many."""

    language: str
    text: str
    shown: int
    count: int


@dataclass(frozen=True, slots=True)
class Rows:
    """A table, as its first rows; ``count`` is how many there are.

    ``common`` are the values that all these rows have, each with its column, which the table does not repeat. A table
    of one row has only these. ``label`` is "" where there is no other table.
    """

    label: str
    common: tuple[tuple[str, str], ...]
    grid: Grid
    count: int


@dataclass(frozen=True, slots=True)
class CardEvidence:
    """``lines`` are the values of a finding, and ``blocks`` its code, each with a label.

    ``commands`` show the same without this program.
    """

    queries: Queries | None
    lines: tuple[tuple[tuple[str, str], ...], ...]
    tables: tuple[Rows, ...]
    blocks: tuple[tuple[str, str], ...]
    commands: tuple[str, ...]


def card_evidence(findings: Sequence[Document], catalogue: Catalogue) -> CardEvidence:
    """The evidence of findings; what several of them share is there once."""
    rows = [row for finding in findings for value in finding["evidence"].values() for row in _rows(value)]
    rest = [_without_code(finding["evidence"]) for finding in findings]
    shown_by = (finding["reproduce"] for finding in findings)
    return CardEvidence(
        queries=_queries([row for row in rows if "query" in row]),
        lines=_once(scalars(evidence, catalogue) for evidence in rest),
        tables=_together([table for evidence in rest for table in records(evidence, catalogue)]),
        blocks=_once(pair for evidence in rest for pair in blocks(evidence, catalogue)),
        commands=_once((*shown_by, *(str(row.get(_COMMAND, "")) for row in rows))),
    )


def unnamed_subjects(finding: Document) -> list[Document]:
    """The subjects that neither the summary of a finding nor its evidence names."""
    named = set(_texts(finding["evidence"]))
    return [
        subject
        for subject in finding["subjects"]
        if not {subject["name"], f"{subject['namespace']}/{subject['name']}"} & named
        and not _says(finding["summary"], subject["name"])
    ]


def _says(sentence: str, name: str) -> bool:
    """Whether a name is in a sentence, and not only the beginning or the end of another name."""
    return name in sentence and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", sentence) is not None


def _once(things: Iterable[T]) -> tuple[T, ...]:
    """Each thing that is not empty once, in order."""
    return tuple(filter(None, dict.fromkeys(things)))


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _without_code(evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    """The evidence without the columns that are shown as code, and without a table that then has only names."""
    kept = dict(evidence)
    for key, value in evidence.items():
        hidden = (_QUERY if any("query" in row for row in _rows(value)) else frozenset()) | {_COMMAND}
        if any(hidden & row.keys() for row in _rows(value)):
            rows = [{name: cell for name, cell in row.items() if name not in hidden} for row in _rows(value)]
            kept[key] = rows
            if all(len(row) < 2 for row in rows):
                del kept[key]
    return kept


def _queries(rows: Sequence[Mapping[str, Any]]) -> Queries | None:
    """Equal queries of a file with equal corrections are shown once, below all of their names."""
    names: dict[tuple[str, str, str], dict[str, None]] = {}
    for row in rows:
        query = (str(row.get("where", "")), str(row["query"]), str(row.get("corrected", _NO_CORRECTION)))
        names.setdefault(query, {})[_line(str(next(iter(row.values()))))] = None
    if not names:
        return None
    shown = list(names.items())[:SHOWN]
    corrects = any(corrected != _NO_CORRECTION for _, _, corrected in names)
    heads = ["", *(_head(file, called) for (file, _, _), called in shown)]
    lines = [
        line
        for (_, query, corrected), before, head in zip((query for query, _ in shown), heads, heads[1:], strict=False)
        for line in (*([head] if head != before else []), *_query(query, corrected, corrects=corrects))
    ]
    return Queries("diff" if corrects else "promql", "\n".join(lines), len(shown), len(names))


def _head(file: str, called: Iterable[str]) -> str:
    return f"# {', '.join(called)}" + (f" ({_line(file)})" if file else "")


def _query(query: str, corrected: str, *, corrects: bool) -> Iterator[str]:
    if corrected == _NO_CORRECTION:
        yield from (f"  {line}" if corrects else line for line in query.splitlines())
    else:
        yield from (f"- {line}" for line in query.splitlines())
        yield from (f"+ {line}" for line in corrected.splitlines())


def _together(tables: Sequence[tuple[str, Grid, int]]) -> tuple[Rows, ...]:
    """Tables with the same label and columns become one."""
    rows: dict[tuple[str, tuple[str, ...]], dict[tuple[Cell, ...], None]] = {}
    counts: dict[tuple[str, tuple[str, ...]], int] = {}
    for label, table, count in tables:
        rows.setdefault((label, table.columns), {}).update(dict.fromkeys(table.rows))
        counts[label, table.columns] = counts.get((label, table.columns), 0) + count
    return tuple(
        _table(label if len(rows) > 1 else "", columns, tuple(cells)[:SHOWN], counts[label, columns])
        for (label, columns), cells in rows.items()
    )


def _table(label: str, columns: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...], count: int) -> Rows:
    # Of several rows the first column has their names, also where two rows have the same.
    first = 0 if len(rows) == 1 else 1
    same = {column for column in range(first, len(columns)) if len({row[column] for row in rows}) == 1}
    others = [column for column in range(len(columns)) if column not in same]
    return Rows(
        label=label,
        common=tuple((columns[column], str(rows[0][column])) for column in sorted(same)),
        grid=Grid(tuple(columns[column] for column in others), tuple(tuple(row[c] for c in others) for row in rows)),
        count=count,
    )


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
        case _:
            pass


def _line(text: str) -> str:
    return " ".join(text.split())
