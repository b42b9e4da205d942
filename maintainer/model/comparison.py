"""A report compared with the one before: what is new, what is still there, and what is resolved."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from maintainer.model.ledger import Entry, SeenFinding, unpacked
from maintainer.model.report import Finding, Report, Resolved


def compared(report: Report, before: Entry | None) -> Report:
    """The report with the state of each finding and what is resolved; unchanged if there is no report before it.

    A finding is still there if any of its subjects was in a finding of the same check and cause before. It is resolved
    only if its check looked in this run: a gap, or a check that was not chosen, resolves nothing.
    """
    if before is None:
        return report
    looked_away = _looked_away(report)
    gone = [seen for seen in _unmatched(report, before) if seen.check not in looked_away]
    summaries = _summaries(before) if gone else {}
    return replace(
        report,
        findings=tuple(_with_state(finding, before.findings) for finding in report.findings),
        resolved=tuple(
            Resolved(seen.check, seen.fingerprint, seen.first_seen, summaries.get(seen.fingerprint, ""))
            for seen in gone
        ),
        compared_with=before.at,
    )


def seen_findings(report: Report, before: Entry | None, today: date) -> tuple[SeenFinding, ...]:
    """What the ledger remembers of the findings of a compared report.

    What could not be looked at is remembered as it was, so that it is not new when it is seen again.
    """
    looked_away = _looked_away(report)
    present = (
        SeenFinding(finding.check, finding.fingerprint, finding.first_seen or today, tuple(sorted(_parts(finding))))
        for finding in report.findings
    )
    unseen = [seen for seen in _unmatched(report, before) if seen.check in looked_away] if before else []
    return (*present, *unseen)


def _looked_away(report: Report) -> set[str]:
    """The checks that may have overlooked something."""
    return {gap.check for gap in report.gaps} | set(report.not_chosen)


def _with_state(finding: Finding, before: Sequence[SeenFinding]) -> Finding:
    dates = [seen.first_seen for seen in before if _is_same(finding, seen)]
    if not dates:
        return finding
    known = replace(finding, first_seen=min(dates))
    return known if finding.state == "accepted" else replace(known, state="still")


def _unmatched(report: Report, before: Entry) -> list[SeenFinding]:
    """What was found before and is not in the report."""
    return [seen for seen in before.findings if not any(_is_same(finding, seen) for finding in report.findings)]


def _is_same(finding: Finding, seen: SeenFinding) -> bool:
    if finding.check != seen.check:
        return False
    return finding.fingerprint == seen.fingerprint or not _parts(finding).isdisjoint(seen.parts)


def _parts(finding: Finding) -> set[str]:
    return {finding.fingerprint_of(subject) for subject in finding.subjects}


def _summaries(before: Entry) -> dict[str, str]:
    """The sentences of the report before, by fingerprint; none if it cannot be read."""
    try:
        findings = json.loads(unpacked(before.report))["findings"]
        return {finding["fingerprint"]: str(finding["summary"]) for finding in findings}
    except (ValueError, LookupError, TypeError):
        return {}
