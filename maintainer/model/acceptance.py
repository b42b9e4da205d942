"""What the settings accept: findings by subject, the gaps of a check, and acceptances that have no effect."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches

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
    found: dict[str, set[str]] = {}
    for finding in findings:
        found.setdefault(finding.check, set()).update(map(str, finding.subjects))
    with_gap = {gap.check for gap in gaps}
    without_effect = []
    for acceptance in acceptances:
        check, subjects = acceptance.check, found.get(acceptance.check, set())
        if acceptance.expired(today):
            without_effect.append(UnusedAcceptance(acceptance, "expired"))
        elif check in ran and check not in with_gap and acceptance.subject not in subjects:
            near = get_close_matches(acceptance.subject, sorted(subjects), n=1, cutoff=0.8)
            without_effect.append(UnusedAcceptance(acceptance, "unmatched", *near))
    return tuple(without_effect)
