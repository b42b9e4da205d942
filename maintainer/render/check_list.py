"""All checks of a report by what became of them: those that passed, too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from maintainer.model.message import message
from maintainer.model.report import SEVERITIES
from maintainer.render.document import Document, Say
from maintainer.render.harm import HARM_OF

CheckState = Literal["found", "gap", "passed"]

STATES: tuple[CheckState, ...] = get_args(CheckState)


@dataclass(frozen=True, slots=True)
class ListedCheck:
    """A check. ``tone`` is the worst severity of its findings, else ``ok`` or ``none``.

    ``means`` says what it looks for, "" if only another version of this program knows it.
    """

    id: str
    tone: str
    means: str


@dataclass(frozen=True, slots=True)
class CheckGroup:
    """The checks in a state, and how many these are, in words."""

    state: CheckState
    counts: str
    checks: tuple[ListedCheck, ...]


def check_list(document: Document, in_words: Say) -> tuple[CheckGroup, ...]:
    """The checks of a document that were chosen: each once, in its first state. States without a check are left out."""
    states: dict[str, tuple[CheckState, str]] = {}
    for check, state, tone in _states(document):
        states.setdefault(check, (state, tone))
    groups = (
        CheckGroup(
            state,
            in_words(message(f"report/checks.{state}", count=sum(one == state for one, _ in states.values()))),
            tuple(
                ListedCheck(check, tone, in_words(message(f"{check}.means")) if check in HARM_OF else "")
                for check, (its_state, tone) in sorted(states.items())
                if its_state == state
            ),
        )
        for state in STATES
    )
    return tuple(group for group in groups if group.checks)


def _states(document: Document) -> Iterator[tuple[str, CheckState, str]]:
    for finding in sorted(document["findings"], key=lambda finding: SEVERITIES.index(finding["severity"])):
        yield finding["check"], "found", finding["severity"]
    for gap in document["gaps"]:
        yield gap["check"], "gap", "none"
    for check in document["passed"]:
        yield check, "passed", "ok"
