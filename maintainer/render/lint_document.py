"""The result of ``maintainer lint``, and its document: the JSON of ``maintainer.lint/v1``, in words.

All formats are made from the document, so that they agree.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

from maintainer.model.message import Message, message
from maintainer.model.queries import Remark
from maintainer.model.report import SEVERITIES
from maintainer.model.source_text import PassedOver, Unchecked
from maintainer.render.document import Document
from maintainer.render.words import Catalogue, say

SCHEMA = "maintainer.lint/v1"
NOT_CHECKED = "query/not-checked"

_Say = Callable[[Message], str]


@dataclass(frozen=True, slots=True)
class Region:
    """A replacement in a file: ``text`` for a region. Lines and columns count from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


@dataclass(frozen=True, slots=True)
class Lint:
    """The remarks on some files, and how many files and queries these are.

    ``regions`` has the corrections that can be made in place. ``left`` are the remarks whose correction should have
    been written to the file and could not be. ``corrected`` is how many queries were corrected in their files,
    ``None`` where that was not asked for.
    """

    remarks: tuple[Remark, ...]
    unchecked: tuple[Unchecked, ...]
    files: int
    queries: int
    passed: tuple[PassedOver, ...] = ()
    regions: Mapping[Remark, tuple[Region, ...]] = field(default_factory=dict)
    left: frozenset[Remark] = frozenset()
    corrected: int | None = None


def document(lint: Lint, catalogue: Catalogue, *, version: str, docs_url: str) -> Document:
    """The result in words, in the order of files and lines."""
    in_words = partial(say, catalogue)
    pages = f"{(docs_url or 'docs').rstrip('/')}/checks"
    remarks = [_remark(remark, lint, in_words, pages) for remark in sorted(lint.remarks, key=_order)]
    unchecked = [
        {"file": item.place.file, "line": item.place.line, "name": item.name, "reason": in_words(item.reason)}
        for item in sorted(lint.unchecked, key=lambda item: (item.place.file, item.place.line, item.name))
    ]
    passed = [
        {"file": item.place.file, "line": item.place.line, "name": item.name, "why": item.why}
        for item in sorted(lint.passed, key=lambda item: (item.place.file, item.place.line, item.name))
    ]
    counts = Counter(remark["severity"] for remark in remarks)
    return {
        "schema": SCHEMA,
        "version": version,
        "files": lint.files,
        "queries": lint.queries,
        "fixed": None if lint.corrected is None else {"corrected": lint.corrected, "left": _queries_left(lint)},
        "counts": {severity: counts[severity] for severity in SEVERITIES},
        "remarks": remarks,
        "unchecked": unchecked,
        "passedOver": passed,
    }


def _queries_left(lint: Lint) -> int:
    """How many queries still have a remark that is more than a note."""
    left = (remark.query for remark in lint.remarks if remark.severity != "info")
    return len({(query.place, query.name, query.text) for query in left})


def _order(remark: Remark) -> tuple[str, int, str, str, str]:
    place = remark.query.place
    return place.file, place.line, remark.query.name, remark.check, remark.about


def _remark(remark: Remark, lint: Lint, in_words: _Say, pages: str) -> Document:
    query = remark.query
    return {
        "check": remark.check,
        "severity": remark.severity,
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
    """16 hex digits that stay the same when the query moves to another line."""
    parts = (remark.check, remark.query.place.file, remark.query.name, remark.query.asks, remark.about)
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
