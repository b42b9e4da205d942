"""What to do: a card for each action, with the findings that it fixes, in the order of the harm that they do."""

from collections.abc import Sequence
from dataclasses import dataclass

from maintainer.model.message import Message, message
from maintainer.model.report import SEVERITIES
from maintainer.render.document import Document, Say
from maintainer.render.gap_reasons import Reason
from maintainer.render.harm import HARM_OF, HARMS, harm
from maintainer.render.reach import reach


@dataclass(frozen=True, slots=True)
class Card:
    """An action with the findings that it fixes; ``counts`` is how many these are, in words.

    ``why`` says whom the worst of them harms, ``reach`` how many alerts, panels or Rollouts they are about; both may be
    "". ``reason`` is why many checks could not run, where the action is to mend that.
    """

    action: str
    severity: str
    counts: str
    findings: tuple[Document, ...] = ()
    reason: Reason | None = None
    why: str = ""
    reach: str = ""


def cards(findings: Sequence[Document], gaps: Sequence[Reason], in_words: Say) -> tuple[Card, ...]:
    """The cards for these findings, below those of what keeps most checks from running."""
    return (*(_first(reason, in_words) for reason in gaps if reason.is_first), *_cards(findings, in_words))


def _first(reason: Reason, in_words: Say) -> Card:
    blocked = in_words(message("report/gap.count", count=len(reason.checks)))
    return Card(reason.text, "none", blocked, reason=reason, why=in_words(message(f"report/gap.{reason.kind}")))


def _cards(findings: Sequence[Document], in_words: Say) -> tuple[Card, ...]:
    by_action: dict[str, list[Document]] = {}
    for finding in sorted(findings, key=_urgency):
        by_action.setdefault(finding["action"], []).append(finding)
    worst_first = sorted(by_action.items(), key=lambda item: (*_urgency(item[1][0]), -_subjects(item[1])))
    return tuple(
        Card(
            action,
            severity=min((finding["severity"] for finding in fixed), key=SEVERITIES.index),
            counts=in_words(_counts(fixed)),
            findings=tuple(fixed),
            why=_why(fixed[0], in_words),
            reach=in_words(message("report/reach", parts=reach(fixed, findings))),
        )
        for action, fixed in worst_first
    )


def _urgency(finding: Document) -> tuple[int, int]:
    return HARMS.index(harm(finding)), SEVERITIES.index(finding["severity"])


def _subjects(findings: Sequence[Document]) -> int:
    return sum(len(finding["subjects"]) for finding in findings)


def _why(finding: Document, in_words: Say) -> str:
    # A stored report may have a check that this version does not know.
    return in_words(message(f"{finding['check']}.why")) if finding["check"] in HARM_OF else ""


def _counts(findings: Sequence[Document]) -> Message:
    severities = [finding["severity"] for finding in findings]
    counts = ((severity, severities.count(severity)) for severity in SEVERITIES)
    parts = tuple(message(f"report/count.{severity}", count=count) for severity, count in counts if count)
    return message("report/counts", parts=parts)
