"""A report compared with the one before: what is new, what is still there, and what is resolved."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from maintainer.model.ledger import Entry, SeenFinding, unpacked
from maintainer.model.report import Finding, Report, Resolved


@dataclass(frozen=True, slots=True)
class _Continued:
    """A finding with those of the report before that it continues: they share a subject, the check and the cause.

    ``grown`` are its subjects that no finding had before. ``left`` are the parts of those before that no finding has
    now: where several findings continue one, the first has these, so that nobody leaves twice.
    """

    finding: Finding
    before: tuple[SeenFinding, ...]
    grown: tuple[str, ...]
    left: tuple[str, ...]


def compared(report: Report, before: Entry | None) -> Report:
    """The report with the state of each finding and what is resolved; unchanged if there is no report before it.

    A finding is still there if any of its subjects was in a finding of the same check and cause before; it says who has
    joined it and left it. It is resolved, and a subject has left it, only if its check looked in this run: a gap, or a
    check that was not chosen, resolves nothing.
    """
    if before is None:
        return report
    looked_away = _looked_away(report)
    continued = tuple(_continued(report.findings, before.findings))
    gone = [seen for seen in _unmatched(continued, before) if seen.check not in looked_away]
    sentences, names = _told(before) if gone or any(pair.left for pair in continued) else ({}, {})
    return replace(
        report,
        findings=tuple(_with_state(pair, names, looked_away) for pair in continued),
        resolved=tuple(
            Resolved(seen.check, seen.fingerprint, seen.first_seen, sentences.get(seen.fingerprint, ""))
            for seen in gone
        ),
        compared_with=before.at,
    )


def seen_findings(report: Report, before: Entry | None, today: date) -> tuple[SeenFinding, ...]:
    """What the ledger remembers of the findings of a compared report.

    What could not be looked at is remembered as it was, so that it is not new when it is seen again.
    """
    looked_away = _looked_away(report)
    continued = tuple(_continued(report.findings, before.findings if before else ()))
    unseen = [seen for seen in _unmatched(continued, before) if seen.check in looked_away] if before else []
    return (*(_seen(pair, today, looked_away) for pair in continued), *unseen)


def _seen(pair: _Continued, today: date, looked_away: Collection[str]) -> SeenFinding:
    finding = pair.finding
    unseen = pair.left if finding.check in looked_away else ()
    parts = tuple(sorted({*_parts(finding), *unseen}))
    return SeenFinding(finding.check, finding.fingerprint, finding.first_seen or today, parts)


def _looked_away(report: Report) -> set[str]:
    """The checks that may have overlooked something."""
    return {gap.check for gap in report.gaps} | set(report.not_chosen)


def _continued(findings: Sequence[Finding], before: Sequence[SeenFinding]) -> Iterator[_Continued]:
    holders: dict[str, list[int]] = {}
    for index, seen in enumerate(before):
        for part in {seen.fingerprint, *seen.parts}:
            holders.setdefault(part, []).append(index)
    parts = [_parts(finding) for finding in findings]
    told = {part for own in parts for part in own}
    for finding, own in zip(findings, parts, strict=True):
        matched = sorted({index for part in (finding.fingerprint, *own) for index in holders.get(part, ())})
        left = sorted({part for index in matched for part in before[index].parts} - told)
        told.update(left)
        joined = () if finding.fingerprint in holders else (name for part, name in own.items() if part not in holders)
        grown = tuple(joined) if matched else ()
        yield _Continued(finding, tuple(before[index] for index in matched), grown, tuple(left))


def _with_state(pair: _Continued, names: Mapping[str, str], looked_away: Collection[str]) -> Finding:
    finding = pair.finding
    if not pair.before:
        return finding
    left = () if finding.check in looked_away else pair.left
    return replace(
        finding,
        state="accepted" if finding.state == "accepted" else "still",
        first_seen=min(seen.first_seen for seen in pair.before),
        grown=pair.grown,
        shrunk=tuple(sorted(names.get(part, part) for part in left)),
    )


def _unmatched(continued: Sequence[_Continued], before: Entry) -> list[SeenFinding]:
    """What was found before and is not in the report."""
    matched = {seen.fingerprint for pair in continued for seen in pair.before}
    return [seen for seen in before.findings if seen.fingerprint not in matched]


def _parts(finding: Finding) -> dict[str, str]:
    """The subjects of a finding, each by the fingerprint of the finding about it alone."""
    return {finding.fingerprint_of(subject): str(subject) for subject in finding.subjects}


def _told(before: Entry) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The sentences of the report before by fingerprint, and its subjects; none if it cannot be read."""
    try:
        findings = json.loads(unpacked(before.report))["findings"]
        sentences = {finding["fingerprint"]: str(finding["summary"]) for finding in findings}
        names = {part: name for finding in findings for name, part in finding.get("fingerprints", {}).items()}
    except (ValueError, LookupError, TypeError, AttributeError):
        return {}, {}
    return sentences, names
