"""The shape of ``maintainer.report/v1`` as types, from which its JSON Schema is made."""

from typing import Any, Literal

import msgspec

from maintainer.model.report import GapKind, Severity, State, Unused, Verdict
from maintainer.render.section_schema import Object, SectionDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Period(Object):
    """What the report is about, from its start to before its end, in a time zone."""

    label: str
    start: str
    end: str
    time_zone: str


class Subject(Object):
    """What a finding is about."""

    kind: str
    namespace: str
    name: str


class Finding(Object, kw_only=True):
    """Something that is wrong. ``accepted`` is the reason for which the settings accept it, up to a last day.

    ``grown`` and ``shrunk`` name the subjects that have joined it and left it since the report before; one whose name
    is not known any more has its fingerprint.
    """

    check: str
    fingerprint: str
    fingerprints: dict[str, str]
    state: State
    accepted: str | msgspec.UnsetType = msgspec.UNSET
    accepted_until: str | msgspec.UnsetType | None = msgspec.UNSET
    first_seen: str | None
    grown: list[str]
    shrunk: list[str]
    severity: Severity
    subjects: list[Subject]
    summary: str
    evidence: dict[str, Any]
    reproduce: str
    action: str
    doc: str


class Resolved(Object):
    """A finding of the report before that is gone."""

    check: str
    fingerprint: str
    first_seen: str
    summary: str


class Action(Object):
    """Something that was changed."""

    kind: Literal["restored", "rolled-back", "undone", "reloaded", "unknown"]
    subject: Subject
    detail: str


class Gap(Object, kw_only=True):
    """A check that could not run. ``accepted`` is the reason for which the settings accept it."""

    check: str
    kind: GapKind
    accepted: str | msgspec.UnsetType = msgspec.UNSET
    reason: str


class EarlierFigures(Object):
    """The figures of an earlier report of the same job, filed under a period."""

    period: str
    generated_at: str
    figures: dict[str, int | float | str]


class UnusedAcceptance(Object):
    """An entry of the setting ``accept`` that had no effect."""

    check: str
    subject: str
    reason: str
    until: str
    why: Unused
    note: str


class ReportDocument(Object):
    """A report. Numbers that JSON cannot hold are texts: NaN, +Inf, -Inf.

    ``passed`` are the checks that ran and found nothing, ``docs`` is where the pages of the checks are.
    """

    schema: Literal["maintainer.report/v1"]
    language: Literal["en", "ko"]
    job: str
    cluster: str
    period: Period
    generated_at: str
    version: str
    verdict: Verdict
    complete: bool
    findings: list[Finding]
    compared_with: str | None
    resolved: list[Resolved]
    actions: list[Action]
    gaps: list[Gap]
    figures: dict[str, int | float | str]
    earlier: list[EarlierFigures]
    sections: list[SectionDocument]
    unused_acceptances: list[UnusedAcceptance]
    not_chosen: list[str]
    passed: list[str]
    docs: str


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    return {"$schema": DIALECT, "title": "maintainer.report/v1", **msgspec.json.schema(ReportDocument)}
