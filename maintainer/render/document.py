"""Turns a report into its document: the JSON of ``maintainer.report/v1``, with sentences instead of messages.

All renderers read the document, so that their outputs agree.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from maintainer.model.message import Message, message
from maintainer.model.report import EarlierFigures, Finding, Gap, Report, Resolved, Subject, UnusedAcceptance, in_order
from maintainer.model.sections import (
    Area,
    Bars,
    Calendar,
    CalendarDay,
    Cell,
    Chip,
    Diff,
    Heatmap,
    Lane,
    Lanes,
    Section,
    Table,
    Text,
)
from maintainer.render.visible import IN_JSON
from maintainer.render.words import Catalogue, say

SCHEMA = "maintainer.report/v1"

Document = dict[str, Any]
Say = Callable[[Message], str]
Moment = Callable[[datetime], str]


def document(report: Report, catalogue: Catalogue, *, docs_url: str = "docs") -> Document:
    """The report as JSON values, with its sentences in words and in the order of all outputs.

    Times are ISO 8601 in the zone of the period. ``docs_url`` is where the pages of the checks are. Numbers
    that JSON cannot hold become the texts that Prometheus writes for them (``NaN``, ``+Inf``). Raises ValueError
    for a time without a zone.
    """
    report, in_words = in_order(report), partial(say, catalogue)
    moment = partial(_moment, ZoneInfo(report.period.time_zone))
    worded = {
        "schema": SCHEMA,
        "language": catalogue.language,
        "job": report.job,
        "cluster": report.cluster,
        "period": _period(report, moment),
        "generatedAt": moment(report.generated_at),
        "version": report.version,
        "verdict": report.verdict,
        "complete": report.complete,
        "findings": [_finding(finding, in_words, docs_url) for finding in report.findings],
        "comparedWith": moment(report.compared_with) if report.compared_with else None,
        "resolved": [_resolved(gone) for gone in _sorted(report.resolved)],
        "actions": [
            {"kind": action.kind, "subject": _subject(action.subject), "detail": in_words(action.detail)}
            for action in report.actions
        ],
        "gaps": [_gap(gap, in_words) for gap in report.gaps],
        "figures": report.figures,
        "earlier": [
            {
                "period": earlier.period,
                "generatedAt": moment(earlier.at),
                "figures": dict(sorted(earlier.figures.items())),
            }
            for earlier in report.earlier
        ],
        "sections": [_section(section, in_words, moment) for section in report.sections],
        "unusedAcceptances": [_unused(unused, in_words) for unused in report.unused],
        "notChosen": report.not_chosen,
    }
    return {key: _plain(value) for key, value in worded.items()}


def as_json(document: Document) -> str:
    """A document as indented JSON that ends with a newline; the same document is always the same text."""
    text = StringIO()
    # All pieces together would take several times the memory of the text.
    for piece in json.JSONEncoder(indent=2, ensure_ascii=False, allow_nan=False).iterencode(document):
        text.write(piece.translate(IN_JSON))
    return f"{text.getvalue()}\n"


def _moment(zone: ZoneInfo, when: datetime) -> str:
    if when.tzinfo is None:
        raise ValueError(f"a time of a report needs a zone: {when.isoformat()}")
    return when.astimezone(zone).isoformat(timespec="seconds")


def _period(report: Report, moment: Moment) -> Document:
    period = report.period
    return {
        "label": period.label,
        "start": moment(period.start),
        "end": moment(period.end),
        "timeZone": period.time_zone,
    }


def _subject(subject: Subject) -> Document:
    return {"kind": subject.kind, "namespace": subject.namespace, "name": subject.name}


def _finding(finding: Finding, in_words: Say, docs_url: str) -> Document:
    until = str(finding.accepted_until) if finding.accepted_until else None
    accepted = {"accepted": finding.accepted, "acceptedUntil": until} if finding.state == "accepted" else {}
    return {
        "check": finding.check,
        "fingerprint": finding.fingerprint,
        "fingerprints": {str(subject): finding.fingerprint_of(subject) for subject in finding.subjects},
        "state": finding.state,
        **accepted,
        "firstSeen": str(finding.first_seen) if finding.first_seen else None,
        "grown": finding.grown,
        "shrunk": finding.shrunk,
        "severity": finding.severity,
        "subjects": [_subject(subject) for subject in finding.subjects],
        "summary": in_words(finding.summary),
        "evidence": finding.evidence,
        "reproduce": finding.reproduce,
        "action": in_words(finding.action),
        "doc": in_words(message("report/page", check=finding.check, docs=docs_url.rstrip("/"))),
    }


def _gap(gap: Gap, in_words: Say) -> Document:
    accepted = {"accepted": gap.accepted} if gap.accepted else {}
    return {"check": gap.check, "kind": gap.kind, **accepted, "reason": in_words(gap.reason)}


def _unused(unused: UnusedAcceptance, in_words: Say) -> Document:
    acceptance = unused.acceptance
    of_gaps = unused.why == "unmatched" and not acceptance.subject
    until = str(acceptance.until or "")
    found = "report/unused.near" if unused.near else f"report/unused.{unused.why}"
    note = message(
        "report/unused.gaps" if of_gaps else found,
        check=acceptance.check,
        subject=acceptance.subject or '""',
        until=until,
        near=unused.near,
    )
    return {
        "check": acceptance.check,
        "subject": acceptance.subject,
        "reason": acceptance.reason,
        "until": until,
        "why": unused.why,
        "note": in_words(note),
    }


def _resolved(gone: Resolved) -> Document:
    return {
        "check": gone.check,
        "fingerprint": gone.fingerprint,
        "firstSeen": str(gone.first_seen),
        "summary": gone.summary,
    }


def _earlier(earlier: EarlierFigures, moment: Moment) -> Document:
    figures = dict(sorted(earlier.figures.items()))
    return {"period": earlier.period, "generatedAt": moment(earlier.at), "figures": figures}


def _sorted(resolved: Iterable[Resolved]) -> list[Resolved]:
    return sorted(resolved, key=lambda gone: (gone.check, gone.fingerprint))


def _section(section: Section, in_words: Say, moment: Moment) -> Document:
    return {"kind": section.kind, "title": in_words(section.title), **_content(section, in_words, moment)}


def _content(section: Section, in_words: Say, moment: Moment) -> Document:
    match section:
        case Text():
            return {"paragraphs": [in_words(paragraph) for paragraph in section.paragraphs]}
        case Table():
            return _table(section, in_words)
        case Diff():
            return {"before": section.before, "after": section.after}
        case Calendar():
            lead = [in_words(sentence) for sentence in section.lead]
            return {"lead": lead, "days": [_day(day, in_words) for day in section.days]}
        case Bars() | Heatmap() | Lanes() | Area():
            return _chart(section, in_words, moment)


def _chart(section: Bars | Heatmap | Lanes | Area, in_words: Say, moment: Moment) -> Document:
    match section:
        case Bars():
            bars = [{"label": in_words(bar.label), "value": bar.value, "tone": bar.tone} for bar in section.bars]
            return {"unit": in_words(section.unit), "bars": bars}
        case Heatmap():
            return {"rows": section.rows, "columns": section.columns, "cells": section.cells}
        case Lanes():
            lanes = [_lane(lane, in_words, moment) for lane in section.lanes]
            return {"start": moment(section.start), "end": moment(section.end), "lanes": lanes}
        case Area():
            series = [{"name": name, "values": values} for name, values in section.series]
            times = [moment(time) for time in section.times]
            return {"unit": in_words(section.unit), "times": times, "series": series}


def _table(table: Table, in_words: Say) -> Document:
    return {
        "lead": in_words(table.lead) if table.lead else "",
        "columns": [in_words(column) for column in table.columns],
        "rows": [[_cell(cell, in_words) for cell in row] for row in table.rows],
        "numeric": table.numeric,
    }


def _cell(cell: Cell, in_words: Say) -> Any:
    match cell:
        case Chip():
            return {"text": in_words(cell.label), "tone": cell.tone}
        case Message():
            return in_words(cell)
        case _:
            return cell


def _day(day: CalendarDay, in_words: Say) -> Document:
    note = in_words(day.note) if day.note else ""
    return {"date": day.date.isoformat(), "label": in_words(day.label), "tone": day.tone, "note": note}


def _lane(lane: Lane, in_words: Say, moment: Moment) -> Document:
    spans = [
        {"start": moment(span.start), "end": moment(span.end), "label": in_words(span.label)} for span in lane.spans
    ]
    return {"name": lane.name, "spans": spans}


def _plain(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else f"{value:+}".title()
        case Mapping():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
