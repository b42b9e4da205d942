"""What the settings accept: findings by subject, the gaps of a check, and acceptances that have no effect."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from maintainer.model.report import Acceptance, Finding, Gap, Subject, UnusedAcceptance


def accept(findings: Iterable[Finding], acceptances: Sequence[Acceptance], today: date) -> tuple[Finding, ...]:
    """Mark accepted findings. Where only some subjects of a finding are accepted, these become their own finding.

    Both are worded anew, each about its own subjects. A finding whose subjects say something only together, such as
    two targets with the same Rollouts, is accepted when all of its subjects are.
    """
    return tuple(
        marked for finding in findings for marked in _marked(finding, _reasons(finding, acceptances, today=today))
    )


def _reasons(finding: Finding, acceptances: Sequence[Acceptance], *, today: date) -> dict[Subject, str]:
    """The reason of the first acceptance of each subject that is accepted."""
    by_name = {each.subject: each.reason for each in reversed(acceptances) if each.holds(finding.check, today)}
    return {subject: by_name[str(subject)] for subject in finding.subjects if str(subject) in by_name}


def _marked(finding: Finding, reasons: dict[Subject, str]) -> Iterator[Finding]:
    """A finding for each reason, and one about the subjects that are not accepted."""
    rest = frozenset(finding.subjects) - reasons.keys()
    said = list(dict.fromkeys(reasons.values()))
    if not said or (rest and finding.part is None):
        yield finding
    elif not rest and (finding.part is None or len(said) == 1):
        yield replace(finding, state="accepted", accepted="; ".join(said))
    elif finding.part is not None:
        for reason in said:
            subjects = frozenset(subject for subject, why in reasons.items() if why == reason)
            yield replace(finding.part(subjects), state="accepted", accepted=reason)
        if rest:
            yield finding.part(rest)


def accept_gaps(gaps: Iterable[Gap], acceptances: Sequence[Acceptance], today: date) -> tuple[Gap, ...]:
    """Mark accepted gaps: those of a check that is accepted with the subject ""."""
    reasons = {
        acceptance.check: acceptance.reason
        for acceptance in reversed(acceptances)
        if not acceptance.subject and acceptance.holds(acceptance.check, today)
    }
    return tuple(replace(gap, accepted=reasons.get(gap.check, "")) for gap in gaps)


def unused(
    acceptances: Iterable[Acceptance],
    findings: Iterable[Finding],
    gaps: Iterable[Gap],
    *,
    today: date,
    ran: Collection[str],
) -> tuple[UnusedAcceptance, ...]:
    """The acceptances that are expired, or about nothing that was found.

    A check that did not run, or that has a gap, may have overlooked the subject: nothing is said about these.
    """
    found = {(finding.check, str(subject)) for finding in findings for subject in finding.subjects}
    with_gap = {gap.check for gap in gaps}
    unmatched = []
    for acceptance in acceptances:
        check = acceptance.check
        if acceptance.expired(today):
            unmatched.append(UnusedAcceptance(acceptance, "expired"))
        elif check in ran and check not in with_gap and (check, acceptance.subject) not in found:
            unmatched.append(UnusedAcceptance(acceptance, "unmatched"))
    return tuple(unmatched)
