"""What a report says first: good or bad, and how much was looked at."""

from collections.abc import Iterator, Mapping
from typing import Literal

from maintainer.model.message import Message, message
from maintainer.model.report import Verdict
from maintainer.render.actions import Card
from maintainer.render.bar import SHARES
from maintainer.render.document import Document

Tone = Literal["error", "warning", "ok", "none"]


def tone(cards: tuple[Card, ...], verdict: Verdict) -> Tone:
    """The worst that was found."""
    if verdict == "findings":
        return "error" if any(card.severity == "error" for card in cards) else "warning"
    return "ok" if verdict == "ok" else "none"


def headline(cards: tuple[Card, ...], document: Document) -> Message:
    """The verdict in a sentence."""
    actions = message("report/verdict.findings", count=len(cards))
    gaps = message("report/verdict.gaps", count=len({gap["check"] for gap in _open_gaps(document)}))
    if document["verdict"] == "ok" and document["notChosen"]:
        return message("report/verdict.chosen")
    if document["verdict"] == "ok":
        return message("report/verdict.accepted" if _accepted(document) or document["gaps"] else "report/verdict.ok")
    if document["verdict"] == "incomplete":
        return message("report/verdict.incomplete", gaps=gaps)
    if document["complete"]:
        return actions
    return message("report/verdict.findings-and-gaps", things=actions, gaps=gaps)


def scope(document: Document) -> list[Message]:
    """How much was looked at, in sentences."""
    figures: Mapping[str, int] = document["figures"]
    said = []
    if {"rollouts.compared", "rollouts.moving", "rollouts.unjudged"} <= set(figures):
        others = {"moving": figures["rollouts.moving"], "unjudged": figures["rollouts.unjudged"]}
        said.append(message("report/scope.rollouts", count=figures["rollouts.compared"], **others))
    elif document["job"] in SHARES and document["gaps"] and not document["notChosen"]:
        listed = figures.get("rollouts.listed")
        unknown = message("report/scope.unknown")
        said.append(unknown if listed is None else message("report/scope.not-compared", count=listed))
    if past := tuple(_past(figures)):
        said.append(message("report/scope.past", things=past))
    if not document["gaps"] or not document["complete"]:
        every = "report/scope.sampled" if document["job"] == "sample" else "report/scope.complete"
        complete = "report/scope.chosen" if document["notChosen"] else every
        said.append(message(complete if document["complete"] else "report/scope.incomplete"))
    if accepted := _accepted(document):
        said.append(message("report/scope.accepted", count=len(accepted)))
    if checks := {gap["check"] for gap in document["gaps"] if "accepted" in gap}:
        said.append(message("report/scope.accepted-gaps", count=len(checks)))
    if document["notChosen"]:
        said.append(message("report/scope.not-chosen", count=len(document["notChosen"])))
    if document["unusedAcceptances"]:
        said.append(message("report/scope.unused", count=len(document["unusedAcceptances"])))
    return said


def _past(figures: Mapping[str, int | float]) -> Iterator[Message]:
    """What happened in the days before the report and is over."""
    if count := figures.get("days.differences-over"):
        yield message("report/past.differences", count=count)
    if hours := figures.get("days.hours-without-scrapes"):
        yield message("report/past.scrapes", count=hours)


def _accepted(document: Document) -> tuple[Document, ...]:
    return tuple(finding for finding in document["findings"] if finding["state"] == "accepted")


def _open_gaps(document: Document) -> list[Document]:
    return [gap for gap in document["gaps"] if "accepted" not in gap]
