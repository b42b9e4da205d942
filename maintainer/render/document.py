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
from maintainer.render.section_document import section_document
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
        "sections": [section_document(section, in_words, moment) for section in report.sections],
        "unusedAcceptances": [_unused(unused, in_words) for unused in report.unused],
        "notChosen": report.not_chosen,
        "passed": report.passed,
        "docs": docs_url.rstrip("/"),
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
