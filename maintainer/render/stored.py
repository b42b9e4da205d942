"""Reads a report's document from what the ledger holds, so that it can be rendered again."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from maintainer.model.ledger import unpacked
from maintainer.render.document import SCHEMA, Document
from maintainer.render.document_schema import ReportDocument
from maintainer.render.head import HEAD
from maintainer.render.section_schema import Calendar


def stored_document(report: bytes) -> Document:
    """The document of a report, as an entry of the ledger holds it.

    Raises ``ValueError`` with the reason if it is damaged, or has what only another version of this program knows.
    """
    try:
        made = msgspec.json.decode(unpacked(report))
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ValueError(f"it is damaged ({error})") from error
    said = made.get("schema") if isinstance(made, dict) else None
    if said != SCHEMA:
        raise ValueError(f"its schema is {said!r}, and this version of maintainer knows {SCHEMA}")
    # Reports had no language while English was the only one, and no figures of the reports before them,
    # and no names of the checks that passed.
    document = {"schema": said, "language": "en", **made}
    document.setdefault("earlier", [])
    document.setdefault("passed", [])
    document.setdefault("docs", "docs")
    if problem := next(_problems(document), ""):
        raise ValueError(f"{problem}; it was written by maintainer {document.get('version', 'of no version')}")
    return document


def _problems(document: dict[str, Any]) -> Iterator[str]:
    """What keeps the document from being rendered; only the first is sure to be one."""
    try:
        report = msgspec.convert(document, ReportDocument)
    except (msgspec.ValidationError, RecursionError) as error:
        yield f"it has not the shape of {SCHEMA} ({error})"
        return
    if report.job not in HEAD:
        yield f"this version of maintainer does not know its job {report.job!r}"
    calendars = (section for section in report.sections if isinstance(section, Calendar))
    days = (day.date for calendar in calendars for day in calendar.days)
    for time in (report.generated_at, report.period.start, report.period.end, *days):
        try:
            date.fromisoformat(time[:10])
        except ValueError:
            yield f"{time!r} in it is no time"
