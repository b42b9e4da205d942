"""The report of a run, the same for every job (``maintainer.report/v1``)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Literal

from maintainer.model.message import Message
from maintainer.model.sections import Section

JobName = Literal["monthly"]
"""The jobs that a person can run by their name."""
Severity = Literal["error", "warning", "info"]
State = Literal["new", "still", "accepted"]
GapKind = Literal["passing", "permanent"]
Verdict = Literal["ok", "findings", "incomplete"]
Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
FAIL_ON: Mapping[str, tuple[Severity, ...]] = {"never": (), "error": ("error",), "warning": ("error", "warning")}
"""The severities that the exit code 1 tells of, by the setting ``failOn``."""
STDOUT = "-"
"""In place of a directory for reports: print them."""


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What a finding is about: a Kubernetes object, a scrape target, a rule, a panel."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, with its evidence and ``reproduce``, a command that shows it without this program.

    ``cause`` tells findings of the same check on the same subject apart and goes into the fingerprint, so it never
    holds a measured value. ``subjects`` that share the cause share the finding.
    """

    check: str
    severity: Severity
    subjects: tuple[Subject, ...]
    cause: str
    summary: Message
    action: Message
    evidence: Mapping[str, Json] = field(default_factory=dict)
    reproduce: str = ""
    state: State = "new"
    accepted: str = ""

    @property
    def fingerprint(self) -> str:
        """16 hex digits of a hash of check, cause and subjects, the same in every run."""
        parts = (self.check, self.cause, *map(str, sorted(self.subjects)))
        return sha256("\0".join(parts).encode()).hexdigest()[:16]

    @property
    def counts(self) -> bool:
        """Whether the verdict depends on it: it is neither accepted nor of severity ``info``."""
        return self.severity != "info" and self.state != "accepted"


@dataclass(frozen=True, slots=True)
class Gap:
    """A check that could not run, and why. ``permanent``: it will not run tomorrow either.

    ``accepted`` is the reason for which the settings accept it, "" if they do not.
    """

    check: str
    kind: GapKind
    reason: Message
    accepted: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A finding of the previous report that is gone."""

    check: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a job changed."""

    kind: Literal["restored", "rolled-back", "reloaded"]
    subject: Subject
    detail: Message


@dataclass(frozen=True, slots=True)
class Period:
    """The period of a report: a ``label`` such as ``2026-10``, from ``start`` to before ``end``."""

    label: str
    start: datetime
    end: datetime
    time_zone: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A finding that the settings accept, for a reason and up to and including the date ``until``.

    With the ``subject`` "" it is the gaps of the check.
    """

    check: str
    subject: str
    reason: str
    until: date | None = None

    def holds(self, check: str, today: date) -> bool:
        """Whether it is about this check and has not expired."""
        return self.check == check and (self.until is None or today <= self.until)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a job concludes. The runner makes the report of it."""

    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    figures: Mapping[str, int | float] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a run. :func:`in_order` sorts findings, gaps and figures."""

    job: str
    cluster: str
    period: Period
    generated_at: datetime
    version: str
    findings: tuple[Finding, ...] = ()
    resolved: tuple[Resolved, ...] = ()
    actions: tuple[Action, ...] = ()
    gaps: tuple[Gap, ...] = ()
    figures: Mapping[str, int | float] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every check could run, but for gaps that are accepted."""
        return all(gap.accepted for gap in self.gaps)

    @property
    def verdict(self) -> Verdict:
        """``findings`` if a finding counts, else ``incomplete`` if there is a gap, else ``ok``."""
        if any(finding.counts for finding in self.findings):
            return "findings"
        return "ok" if self.complete else "incomplete"


def in_order(report: Report) -> Report:
    """The report in the order of all outputs: findings by severity, then everything by name."""

    def finding_key(finding: Finding) -> tuple[bool, int, str, str, tuple[Subject, ...]]:
        accepted = finding.state == "accepted"
        return accepted, SEVERITIES.index(finding.severity), finding.check, finding.cause, finding.subjects

    findings = (replace(finding, subjects=tuple(sorted(finding.subjects))) for finding in report.findings)
    return replace(
        report,
        findings=tuple(sorted(findings, key=finding_key)),
        gaps=tuple(
            sorted(
                report.gaps,
                key=lambda gap: (bool(gap.accepted), gap.check, gap.reason.id, str(gap.reason.params)),
            )
        ),
        figures=dict(sorted(report.figures.items())),
    )


def accept(findings: Iterable[Finding], acceptances: Sequence[Acceptance], today: date) -> tuple[Finding, ...]:
    """Mark accepted findings. Where only some subjects of a finding are accepted, these become their own finding."""
    marked: list[Finding] = []
    for finding in findings:
        rest = finding.subjects
        for acceptance in acceptances:
            if not acceptance.holds(finding.check, today):
                continue
            taken = tuple(subject for subject in rest if str(subject) == acceptance.subject)
            rest = tuple(subject for subject in rest if subject not in taken)
            if taken:
                marked.append(replace(finding, subjects=taken, state="accepted", accepted=acceptance.reason))
        if rest or not finding.subjects:
            marked.append(replace(finding, subjects=rest))
    return tuple(marked)


def accept_gaps(gaps: Iterable[Gap], acceptances: Sequence[Acceptance], today: date) -> tuple[Gap, ...]:
    """Mark accepted gaps: those of a check that is accepted with the subject ""."""
    reasons = {
        acceptance.check: acceptance.reason
        for acceptance in reversed(acceptances)
        if not acceptance.subject and acceptance.holds(acceptance.check, today)
    }
    return tuple(replace(gap, accepted=reasons.get(gap.check, "")) for gap in gaps)
