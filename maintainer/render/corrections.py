"""Queries as they are and as they should be, so that a reader sees what to change."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

from maintainer.render.document import Document

SHOWN = 5
"""The most corrections of a finding that are shown; all are in the JSON."""

LONGEST = 2000
"""Characters of a query whose changed parts are looked for: that takes the square of its length."""

TOKEN = re.compile(r"\w+|\s+|\W")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a query, and whether the other query has something else in its place."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """A query as it is and as it should be. ``names`` are the alerts or panels with it, ``where`` is their file."""

    names: tuple[str, ...]
    where: str
    before: tuple[Part, ...]
    after: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Corrections:
    """The first corrections of a finding, and how many it has."""

    shown: tuple[Correction, ...]
    count: int


def corrections(finding: Document) -> Corrections:
    """The corrections of a finding, each once."""
    names: dict[tuple[str, str, str], dict[str, None]] = {}
    for row in _rows(finding["evidence"]):
        if _is_corrected(row):
            key = row["query"], row["corrected"], row.get("where", "")
            names.setdefault(key, {})[row.get("name", "")] = None
    shown = tuple(
        Correction(tuple(filter(None, of)), where, *changed_parts(before, after))
        for (before, after, where), of in islice(names.items(), SHOWN)
    )
    return Corrections(shown, len(names))


def without_corrections(evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    """The evidence without a list of queries that corrections show whole."""
    rows = _rows(evidence)
    shown = bool(rows) and all(map(_is_corrected, rows)) and len(rows) <= SHOWN
    return {key: value for key, value in evidence.items() if key != "queries" or not shown}


def _rows(evidence: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    rows = evidence.get("queries")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list | tuple) else []


def _is_corrected(row: Mapping[str, Any]) -> bool:
    """Whether there is a correction: where there is none, the evidence has a dash."""
    texts = [row.get(key, "") for key in ("query", "corrected", "where", "name")]
    return all(isinstance(text, str) for text in texts) and texts[1] not in {"", "-", texts[0]}


def changed_parts(before: str, after: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """The parts of two texts, those that differ marked as changed; very long ones are not compared."""
    if max(len(before), len(after)) > LONGEST:
        return (Part(before),), (Part(after),)
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return (
        tuple(_side((old[first:last], tag) for tag, first, last, _, _ in steps)),
        tuple(_side((new[first:last], tag) for tag, _, _, first, last in steps)),
    )


def _side(pieces: Iterable[tuple[list[str], str]]) -> Iterator[Part]:
    for tokens, tag in pieces:
        if tokens:
            yield Part("".join(tokens), tag != "equal")
