"""The shape of ``maintainer.report/v1`` as types, from which its JSON Schema is made."""

from typing import Any, Literal

import msgspec

from maintainer.model.report import GapKind, Severity, State, Unused, Verdict
from maintainer.model.sections import Tone

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Object(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """An object that has no other keys."""


class Period(_Object):
    """What the report is about, from its start to before its end, in a time zone."""

    label: str
    start: str
    end: str
    time_zone: str


class Subject(_Object):
    """What a finding is about."""

    kind: str
    namespace: str
    name: str


class Finding(_Object, kw_only=True):
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


class Resolved(_Object):
    """A finding of the report before that is gone."""

    check: str
    fingerprint: str
    first_seen: str
    summary: str


class Action(_Object):
    """Something that was changed."""

    kind: Literal["restored", "rolled-back", "reloaded"]
    subject: Subject
    detail: str


class Gap(_Object, kw_only=True):
    """A check that could not run. ``accepted`` is the reason for which the settings accept it."""

    check: str
    kind: GapKind
    accepted: str | msgspec.UnsetType = msgspec.UNSET
    reason: str


class EarlierFigures(_Object):
    """The figures of an earlier report of the same job, filed under a period."""

    period: str
    generated_at: str
    figures: dict[str, int | float | str]


class UnusedAcceptance(_Object):
    """An entry of the setting ``accept`` that had no effect."""

    check: str
    subject: str
    reason: str
    until: str
    why: Unused
    note: str


class Chip(_Object):
    """A cell that shows a state."""

    text: str
    tone: Tone


class Text(_Object, tag_field="kind", tag="text"):
    """Paragraphs."""

    title: str
    paragraphs: list[str]


class Table(_Object, tag_field="kind", tag="table"):
    """Rows of cells; ``numeric`` are the indexes of right-aligned columns."""

    title: str
    lead: str
    columns: list[str]
    rows: list[list[str | int | float | Chip]]
    numeric: list[int]


class Diff(_Object, tag_field="kind", tag="diff"):
    """What should be, and what is."""

    title: str
    before: str
    after: str


class CalendarDay(_Object):
    """A day, what it was like, and how long something lasted on it; a ``tone`` of ``null`` is a day without a state."""

    date: str
    label: str
    tone: Tone | None
    note: str


class Calendar(_Object, tag_field="kind", tag="calendar"):
    """Days in weeks."""

    title: str
    lead: list[str]
    days: list[CalendarDay]


class Bar(_Object):
    """A bar of a chart."""

    label: str
    value: float | str
    tone: Tone


class Bars(_Object, tag_field="kind", tag="bars"):
    """A bar chart."""

    title: str
    unit: str
    bars: list[Bar]


class Heatmap(_Object, tag_field="kind", tag="heatmap"):
    """Counts by row and column; ``null`` is not counted."""

    title: str
    rows: list[str]
    columns: list[str]
    cells: list[list[int | None]]


class Span(_Object):
    """A stretch of a lane."""

    start: str
    end: str
    label: str


class Lane(_Object):
    """A row of a swim-lane chart."""

    name: str
    spans: list[Span]


class Lanes(_Object, tag_field="kind", tag="lanes"):
    """A swim-lane chart."""

    title: str
    start: str
    end: str
    lanes: list[Lane]


class Series(_Object):
    """A value for each time; ``null`` is missing."""

    name: str
    values: list[float | str | None]


class Area(_Object, tag_field="kind", tag="area"):
    """Series over time."""

    title: str
    unit: str
    times: list[str]
    series: list[Series]


class ReportDocument(_Object):
    """A report. Numbers that JSON cannot hold are texts: NaN, +Inf, -Inf."""

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
    sections: list[Text | Table | Diff | Calendar | Bars | Heatmap | Lanes | Area]
    unused_acceptances: list[UnusedAcceptance]
    not_chosen: list[str]


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    return {"$schema": DIALECT, "title": "maintainer.report/v1", **msgspec.json.schema(ReportDocument)}
