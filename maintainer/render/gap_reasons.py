"""Why checks could not run: each reason once, with its checks."""

from dataclasses import dataclass

from maintainer.model.message import Message, message
from maintainer.render.document import Document, Say

MANY = 10
"""Checks that only a source keeps from running: a third of all."""
NAMED = 4
"""The checks that a gap names where the list of all cannot be folded."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some checks could not run; ``accepted`` is why the settings accept that, "" if they do not.

    ``blocks`` says in short which checks these are, for a reader who cannot unfold a list.
    """

    text: str
    kind: str
    checks: tuple[str, ...]
    accepted: str = ""
    blocks: str = ""

    @property
    def is_first(self) -> bool:
        """Whether it keeps so many checks from running that it has to be mended before anything else."""
        return not self.accepted and len(self.checks) >= MANY


def gap_reasons(document: Document, in_words: Say) -> tuple[Reason, ...]:
    """Each reason once, what keeps most checks from running first."""
    by_reason: dict[tuple[str, str, str], list[str]] = {}
    for gap in document["gaps"]:
        by_reason.setdefault((gap["reason"], gap["kind"], gap.get("accepted", "")), []).append(gap["check"])
    reasons = [
        Reason(text, kind, tuple(dict.fromkeys(checks)), accepted, in_words(_blocks(tuple(dict.fromkeys(checks)))))
        for (text, kind, accepted), checks in by_reason.items()
    ]
    return tuple(sorted(reasons, key=lambda reason: (bool(reason.accepted), -len(reason.checks))))


def _blocks(checks: tuple[str, ...]) -> Message:
    shown = ", ".join(checks[:NAMED]) + (" …" if len(checks) > NAMED else "")
    return message("report/gap.blocks", count=len(checks), checks=shown)
