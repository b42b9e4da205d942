"""What is told of a finding on the day on which the daily sample finds it, and when it is over."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date

from maintainer.model.ledger import Entry, Notice, SeenFinding, SlackMessage
from maintainer.model.report import Finding, Report, Subject

JOB = "notice"
"""What the ledger has notices under, in the place of a job."""


def untold(report: Report, known: Iterable[Entry]) -> tuple[Finding, ...]:
    """The findings of a report that are neither accepted nor told, by the entries of its cluster.

    What was told is not told again before it is over, whoever has joined it or left it.
    """
    told = [notice.seen for _, notice in _running(known)]
    return tuple(finding for finding in _open(report.findings) if not any(_is_same(finding, seen) for seen in told))


def followed(
    report: Report, known: Iterable[Entry], today: date, *, looked: Collection[str], undecided: Collection[Subject]
) -> tuple[Entry, ...]:
    """The entries of notices that a report changes, or shows to be over.

    Something is over if its check ``looked`` at all that it is about and did not find it, or if the settings accept all
    of it. At ``undecided`` subjects no check could look.
    """
    unseen = frozenset(map(str, undecided))

    def could_see(notice: Notice) -> bool:
        return notice.seen.check in looked and unseen.isdisjoint(notice.subjects)

    after = (
        (entry, notice, _followed(notice, report, today, could_see=could_see(notice)))
        for entry, notice in _running(known)
    )
    return tuple(replace(entry, notice=now) for entry, notice, now in after if now != notice)


def _running(known: Iterable[Entry]) -> list[tuple[Entry, Notice]]:
    """The notices that are not over, with their entries."""
    return [(entry, entry.notice) for entry in known if entry.notice and entry.notice.over is None]


def _open(findings: Iterable[Finding]) -> Iterator[Finding]:
    return (finding for finding in findings if finding.state != "accepted")


def _followed(notice: Notice, report: Report, today: date, *, could_see: bool) -> Notice:
    """The notice after a report: with the subjects that it has now, or over."""
    present = [finding for finding in report.findings if _is_same(finding, notice.seen)]
    if still := list(_open(present)):
        return about(notice, still)
    if not present and not could_see:
        return notice
    reason = next((finding.accepted for finding in present), "")
    return replace(notice, over=today, accepted=reason, end=SlackMessage("", state="waiting"))


def about(notice: Notice, findings: Iterable[Finding]) -> Notice:
    """The notice with what these findings are about."""
    found = tuple(findings)
    parts = sorted({part for finding in found for part in _parts(finding)})
    subjects = sorted({str(subject) for finding in found for subject in finding.subjects})
    seen = replace(notice.seen, fingerprint=found[0].fingerprint, parts=tuple(parts))
    return replace(notice, seen=seen, subjects=tuple(subjects))


def _is_same(finding: Finding, seen: SeenFinding) -> bool:
    """Whether a finding is the one that was seen, or shares a subject with it."""
    if finding.check != seen.check:
        return False
    return finding.fingerprint == seen.fingerprint or not _parts(finding).isdisjoint(seen.parts)


def _parts(finding: Finding) -> set[str]:
    """The fingerprints that the finding has for each of its subjects alone."""
    return {finding.fingerprint_of(subject) for subject in finding.subjects}
