"""What the settings accept: findings by subject, the gaps of a check, and acceptances that have no effect.

In the check and the subject of an acceptance, ``*`` is for any characters, also for none.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from difflib import get_close_matches

from maintainer.model.report import Acceptance, Finding, Gap, Subject, UnusedAcceptance

Agreed = tuple[str, date | None]
"""The reason of an acceptance, and its last day."""


def accept(findings: Iterable[Finding], acceptances: Sequence[Acceptance], today: date) -> tuple[Finding, ...]:
    """Mark accepted findings. Where only some subjects of a finding are accepted, these become their own finding.

    Both are worded anew, each about its own subjects. A finding whose subjects say something only together, such as
    two targets with the same Rollouts, is accepted when all of its subjects are.
    """
    return tuple(
        marked for finding in findings for marked in _marked(finding, _agreed(finding, acceptances, today=today))
    )


def _agreed(finding: Finding, acceptances: Sequence[Acceptance], *, today: date) -> dict[Subject, Agreed]:
    """What the first acceptance of each subject says that is accepted."""
    holding = [each for each in acceptances if each.holds(finding.check, today)]
    firsts = (
        (subject, next((each for each in holding if each.is_about(str(subject))), None)) for subject in finding.subjects
    )
    return {subject: (each.reason, each.until) for subject, each in firsts if each}


def _marked(finding: Finding, agreed: dict[Subject, Agreed]) -> Iterator[Finding]:
    """A finding for each acceptance, and one about the subjects that are not accepted."""
    rest = frozenset(finding.subjects) - agreed.keys()
    said = list(dict.fromkeys(agreed.values()))
    if not said or (rest and finding.part is None):
        yield finding
    elif not rest and (finding.part is None or len(said) == 1):
        yield _accepted(finding, *said)
    elif finding.part is not None:
        for one in said:
            yield _accepted(finding.part(frozenset(subject for subject, of in agreed.items() if of == one)), one)
        if rest:
            yield finding.part(rest)


def _accepted(finding: Finding, *said: Agreed) -> Finding:
    """The finding as accepted for these reasons, until the first of them ends."""
    reasons = "; ".join(dict.fromkeys(reason for reason, _ in said))
    until = min((until for _, until in said if until), default=None)
    return replace(finding, state="accepted", accepted=reasons, accepted_until=until)


def accept_gaps(gaps: Iterable[Gap], acceptances: Sequence[Acceptance], today: date) -> tuple[Gap, ...]:
    """Mark accepted gaps: those of a check that is accepted with the subject ""."""
    of_gaps = [each for each in acceptances if not each.subject]
    return tuple(
        replace(gap, accepted=next((each.reason for each in of_gaps if each.holds(gap.check, today)), ""))
        for gap in gaps
    )


def unused(
    acceptances: Iterable[Acceptance], findings: Iterable[Finding], *, today: date, unseen: Collection[str]
) -> tuple[UnusedAcceptance, ...]:
    """The acceptances that are expired, or about nothing that was found.

    The checks ``unseen`` did not run, or have a gap. They may have overlooked the subject: nothing is said about these.
    """
    found: dict[str, set[str]] = {}
    for finding in findings:
        found.setdefault(finding.check, set()).update(map(str, finding.subjects))
    without_effect = []
    for acceptance in acceptances:
        subjects = set().union(*(names for check, names in found.items() if acceptance.names(check)))
        if acceptance.expired(today):
            without_effect.append(UnusedAcceptance(acceptance, "expired"))
        elif not any(map(acceptance.names, unseen)) and not any(map(acceptance.is_about, subjects)):
            near = get_close_matches(acceptance.subject, sorted(subjects), n=1, cutoff=0.8)
            without_effect.append(UnusedAcceptance(acceptance, "unmatched", *near))
    return tuple(without_effect)
