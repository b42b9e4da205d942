"""What ``maintainer lint`` concluded, and the same in words: the JSON of ``maintainer.lint/v1``.

All formats are made from the worded document, so they cannot disagree.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

from maintainer.model.message import Message, message
from maintainer.model.queries import Remark
from maintainer.model.report import SEVERITIES, Severity
from maintainer.model.source_text import Unchecked
from maintainer.render.document import Document
from maintainer.render.words import Catalogue, say

SCHEMA = "maintainer.lint/v1"
NOT_CHECKED = "query/not-checked"

_Say = Callable[[Message], str]


@dataclass(frozen=True, slots=True)
class Region:
    """Characters of a file and what to put in their place; lines and columns count from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Lint:
    """What is to be said. ``severities`` are those of the checks; ``regions`` hold the corrections that can be made in
    place; ``left`` are the remarks whose correction was to be written and could not be.
    """

    remarks: tuple[Remark, ...]
    unchecked: tuple[Unchecked, ...]
    files: int
    queries: int
    severities: Mapping[str, Severity]
    regions: Mapping[Remark, tuple[Region, ...]] = field(default_factory=dict)
    left: frozenset[Remark] = frozenset()


def document(lint: Lint, catalogue: Catalogue, *, version: str, docs_url: str) -> Document:
    """The conclusions in words, in the order of files and lines."""
    in_words = partial(say, catalogue)
    pages = f"{(docs_url or 'docs').rstrip('/')}/checks"
    remarks = [_remark(remark, lint, in_words, pages) for remark in sorted(lint.remarks, key=_order)]
    unchecked = [
        {"file": one.place.file, "line": one.place.line, "name": one.name, "reason": in_words(one.reason)}
        for one in sorted(lint.unchecked, key=lambda one: (one.place.file, one.place.line, one.name))
    ]
    counts = Counter(remark["severity"] for remark in remarks)
    return {
        "schema": SCHEMA,
        "version": version,
        "files": lint.files,
        "queries": lint.queries,
        "counts": {severity: counts[severity] for severity in SEVERITIES},
        "remarks": remarks,
        "unchecked": unchecked,
    }


def _order(remark: Remark) -> tuple[str, int, str, str, str]:
    place = remark.query.place
    return place.file, place.line, remark.query.name, remark.check, remark.about


def _remark(remark: Remark, lint: Lint, in_words: _Say, pages: str) -> Document:
    query = remark.query
    return {
        "check": remark.check,
        "severity": lint.severities[remark.check],
        "file": query.place.file,
        "line": query.place.line,
        "asks": query.asks,
        "name": query.name,
        "query": str(query.text),
        "about": remark.about,
        "why": in_words(remark.why),
        "means": in_words(remark.means),
        "corrected": str(remark.corrected),
        "edits": [_edit(region) for region in lint.regions.get(remark, ())],
        "left": in_words(message("lint/left")) if remark in lint.left else "",
        "doc": f"{pages}/{remark.check}.md",
        "fingerprint": _fingerprint(remark),
    }


def _edit(region: Region) -> Document:
    return {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
        "text": region.text,
    }


def _fingerprint(remark: Remark) -> str:
    """The same remark on the same query has the same fingerprint, on whatever line the query stands."""
    parts = (remark.check, remark.query.place.file, remark.query.name, remark.query.asks, remark.about)
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
