"""The report of a run, the same for every job (``maintainer.report/v1``)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Literal, TypeVar

from maintainer.model.message import Message
from maintainer.model.sections import Section

DemoJob = Literal["monthly", "quarterly", "semiannual", "reconcile"]
"""The jobs for which ``maintainer demo`` has a fleet, in the order in which it tells of them."""
JobName = Literal["monthly", "quarterly", "reconcile", "semiannual", "harvest"]
"""The jobs that a person can run by their name."""
RunName = Literal["monthly", "quarterly", "reconcile", "semiannual", "harvest", "due"]
"""What a person can run: a job, or all that is due."""
Severity = Literal["error", "warning", "info"]
State = Literal["new", "still", "accepted"]
GapKind = Literal["passing", "permanent"]
Verdict = Literal["ok", "findings", "incomplete"]
Unused = Literal["expired", "unmatched"]
Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
FAIL_ON: Mapping[str, tuple[Severity, ...]] = {"never": (), "error": ("error",), "warning": ("error", "warning")}
"""The severities that the exit code 1 tells of, by the setting ``failOn``."""
STDOUT = "-"
"""In place of a directory for reports: print them."""

_OTHER_SPECIALS = re.compile(r"[?\[]")

C = TypeVar("C")


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
    holds a measured value. ``subjects`` that share the cause share the finding. ``part`` makes the same finding about
    some of its subjects only; ``None`` if they say something only together. See :func:`divisible`. ``first_seen`` is
    the date of the first report with it, ``None`` if this is the first, or if earlier ones are not known. ``grown`` are
    the names of subjects that have joined it since the report before, ``shrunk`` of those that have left it.
    ``accepted`` is the reason for which the settings accept it, up to and including the day ``accepted_until``.
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
    accepted_until: date | None = None
    first_seen: date | None = None
    grown: tuple[str, ...] = ()
    shrunk: tuple[str, ...] = ()
    part: "Callable[[frozenset[Subject]], Finding] | None" = field(default=None, compare=False, repr=False)

    @property
    def fingerprint(self) -> str:
        """16 hex digits of a hash of check, cause and subjects, the same in every run."""
        return self._hash(self.subjects)

    def fingerprint_of(self, subject: Subject) -> str:
        """The fingerprint that the finding has if it is about this subject alone."""
        return self._hash((subject,))

    def _hash(self, subjects: Sequence[Subject]) -> str:
        parts = (self.check, self.cause, *map(str, sorted(subjects)))
        return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def counts(self) -> bool:
        """Whether the verdict depends on it: it is neither accepted nor of severity ``info``."""
        return self.severity != "info" and self.state != "accepted"


def divisible(cases: Sequence[C], make: Callable[[Sequence[C]], Finding]) -> Finding:
    """The finding about all cases, which can also be made about a part of its subjects.

    ``make`` makes the finding about some of the cases: its sentences, evidence and command speak of these alone.
    """

    def part(subjects: frozenset[Subject]) -> Finding:
        return make([case for case in cases if subjects.issuperset(make([case]).subjects)])

    return replace(make(cases), part=part)


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
    """A finding of the previous report that is gone, the date on which it was first seen, and its sentence then."""

    check: str
    fingerprint: str
    first_seen: date
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a job changed. ``unknown``: it is not known how that ended; the next run will see to it."""

    kind: Literal["restored", "rolled-back", "undone", "reloaded", "unknown"]
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

    With the ``subject`` "" it is the gaps of the check. A ``*`` in check and subject is for any characters.
    """

    check: str
    subject: str
    reason: str
    until: date | None = None

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.until is not None and today > self.until

    def names(self, check: str) -> bool:
        """Whether it is about this check."""
        return _matches(self.check, check)

    def is_about(self, subject: str) -> bool:
        """Whether it is about a subject with this name; with the subject "", about none."""
        return _matches(self.subject, subject)

    def holds(self, check: str, today: date) -> bool:
        """Whether it is about this check and has not expired."""
        return self.names(check) and not self.expired(today)


def _matches(pattern: str, text: str) -> bool:
    """Whether the text is the pattern, in which only ``*`` is special: titles of panels have brackets."""
    return text == pattern or ("*" in pattern and fnmatchcase(text, _OTHER_SPECIALS.sub(r"[\g<0>]", pattern)))


@dataclass(frozen=True, slots=True)
class UnusedAcceptance:
    """An acceptance without an effect in this run: its last day is over, or it is about nothing that was found.

    ``near`` is a subject of the check's findings that may have been meant, "" for none.
    """

    acceptance: Acceptance
    why: Unused
    near: str = ""


@dataclass(frozen=True, slots=True)
class EarlierFigures:
    """The figures of an earlier report of the same job, the period under which it is filed, and when it was made."""

    period: str
    at: datetime
    figures: Mapping[str, int | float]


@dataclass(frozen=True, slots=True)
class Measured:
    """Something that a job measured at a time, for the archive; ``kind`` says what ``data`` is."""

    kind: str
    at: datetime
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a job concludes. The runner makes the report of it. ``checks`` are the ids of the checks that ran.

    ``archive`` is kept if the run is recorded. Of the ``undecided`` subjects nobody knows whether something is wrong.
    ``files`` are further ones that stand beside the report, by name.
    """

    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    figures: Mapping[str, int | float] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()
    actions: tuple[Action, ...] = ()
    checks: frozenset[str] = frozenset()
    archive: tuple[Measured, ...] = ()
    undecided: frozenset[Subject] = frozenset()
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """The report of a run. :func:`in_order` sorts findings, gaps and figures.

    ``unused`` are the acceptances of the settings that had no effect. ``not_chosen`` are the ids of the checks that
    were left out by choice, ``passed`` of those that ran and found nothing. ``compared_with`` is the time of the report
    before, ``None`` if there is none, and ``earlier`` are the figures of the reports before, the newest last.
    ``files`` are further ones that stand beside it, by name.
    """

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
    unused: tuple[UnusedAcceptance, ...] = ()
    not_chosen: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    compared_with: datetime | None = None
    earlier: tuple[EarlierFigures, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether every check could run, but for gaps that are accepted."""
        return all(gap.accepted for gap in self.gaps)

    @property
    def may_pass(self) -> bool:
        """Whether something could not be looked at for a reason that may pass, and that is not accepted."""
        return any(gap.kind == "passing" and not gap.accepted for gap in self.gaps)

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
