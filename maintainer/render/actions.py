"""What to do: a card for each action, with the findings that it fixes."""

from dataclasses import dataclass

from maintainer.model.message import Message, message
from maintainer.model.report import SEVERITIES
from maintainer.render.document import Document, Say
from maintainer.render.gap_reasons import Reason


@dataclass(frozen=True, slots=True)
class Card:
    """An action with the findings that it fixes; ``counts`` is how many these are, in words.

    ``reason`` is why many checks could not run, where the action is to mend that.
    """

    action: str
    severity: str
    counts: str
    findings: tuple[Document, ...] = ()
    reason: Reason | None = None


def cards(findings: list[Document], gaps: tuple[Reason, ...], in_words: Say) -> tuple[Card, ...]:
    """The cards for these findings, below those of what keeps most checks from running."""
    return (*(_first(reason, in_words) for reason in gaps if reason.is_first), *_cards(findings, in_words))


def _first(reason: Reason, in_words: Say) -> Card:
    return Card(reason.text, "none", in_words(message("report/gap.count", count=len(reason.checks))), reason=reason)


def _cards(findings: list[Document], in_words: Say) -> tuple[Card, ...]:
    by_action: dict[str, list[Document]] = {}
    for finding in findings:
        by_action.setdefault(finding["action"], []).append(finding)
    return tuple(
        Card(action, fixed[0]["severity"], in_words(_counts(fixed)), tuple(fixed))
        for action, fixed in by_action.items()
    )


def _counts(findings: list[Document]) -> Message:
    severities = [finding["severity"] for finding in findings]
    counts = ((severity, severities.count(severity)) for severity in SEVERITIES)
    parts = tuple(message(f"report/count.{severity}", count=count) for severity, count in counts if count)
    return message("report/counts", parts=parts)
