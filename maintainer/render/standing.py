"""How a finding stands to the report before: new, known since a date, accepted, larger or smaller."""

from collections.abc import Collection

from maintainer.model.message import message
from maintainer.render.document import Document, Say


def standing(finding: Document, in_words: Say) -> str:
    """Such as ``first seen on 2026-10-01, +1 -2 since the last report``."""
    state = in_words(message(f"report/state.{finding['state']}", since=finding["firstSeen"] or ""))
    change = size_change([finding])
    return in_words(message("report/state.changed", state=state, change=change)) if change else state


def accepted_words(finding: Document, in_words: Say) -> str:
    """Why a finding is accepted, and until which day."""
    until, reason = finding.get("acceptedUntil"), finding["accepted"]
    if until:
        return in_words(message("report/accepted.until", until=until, reason=reason))
    return in_words(message("report/accepted.reason", reason=reason))


def size_change(findings: Collection[Document]) -> str:
    """How many subjects have joined and left findings, such as ``+1 -2``; "" if they have the same as before."""
    # Reports that were stored by an earlier version do not have these keys.
    counts = {
        sign: sum(len(finding.get(key, ())) for finding in findings)
        for sign, key in (("+", "grown"), ("\N{MINUS SIGN}", "shrunk"))
    }
    return " ".join(f"{sign}{count}" for sign, count in counts.items() if count)
