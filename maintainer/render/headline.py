"""What a report says first: who is misled, what has changed, and how much was looked at."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from maintainer.model.message import Message, message
from maintainer.model.report import Verdict
from maintainer.render.actions import Card
from maintainer.render.bar import SHARES
from maintainer.render.document import Document
from maintainer.render.harm import harm
from maintainer.render.head import period_in_words
from maintainer.render.reach import doubled
from maintainer.render.standing import size_change

Tone = Literal["error", "warning", "ok", "none"]

WHOLE: Mapping[str, str] = {"alert": "alerts.asked", "panel": "panels.asked", "Rollout": "rollouts.listed"}
"""What a headline counts, by kind of subject, and the figure that says how many there are."""

ACTED = ("restored", "rolled-back", "undone", "reloaded", "unknown")
"""What a run can do to the cluster, in the order in which a headline says it."""


def tone(cards: tuple[Card, ...], verdict: Verdict) -> Tone:
    """The worst that was found."""
    if verdict == "findings":
        return "error" if any(card.severity == "error" for card in cards) else "warning"
    return "ok" if verdict == "ok" else "none"


def headline(cards: tuple[Card, ...], document: Document) -> Message:
    """The verdict in a sentence: who is misled, or else how much there is to do. What the run changed is before it."""
    verdict = _verdict(cards, document)
    kinds = Counter(action["kind"] for action in document["actions"])
    acts = tuple(message(f"report/acted.{kind}", count=kinds[kind]) for kind in ACTED if kinds[kind])
    return message("report/verdict.acted", acts=acts, verdict=verdict) if acts else verdict


def _verdict(cards: tuple[Card, ...], document: Document) -> Message:
    findings = [finding for card in cards for finding in card.findings]
    misled = tuple(_misled(findings, document["figures"])) or tuple(doubled(findings, findings))
    to_do = message("report/verdict.findings", count=len(cards))
    things = message("report/verdict.misled", parts=misled) if misled else to_do
    gaps = message("report/verdict.gaps", count=len({gap["check"] for gap in _open_gaps(document)}))
    if document["verdict"] == "ok" and document["notChosen"]:
        return message("report/verdict.chosen")
    if document["verdict"] == "ok":
        well = "report/verdict.kept" if document["job"] == "harvest" else "report/verdict.ok"
        return message("report/verdict.accepted" if _accepted(document) or document["gaps"] else well)
    if document["verdict"] == "incomplete":
        return message("report/verdict.incomplete", gaps=gaps)
    if document["complete"]:
        return things
    return message("report/verdict.findings-and-gaps", things=things, gaps=gaps)


def _misled(findings: Sequence[Document], figures: Mapping[str, int]) -> Iterator[Message]:
    """Whom these findings mislead: those who rely on alerts, on panels, or else on what Prometheus has of Rollouts."""
    harmful = [finding for finding in findings if harm(finding) != "rest"]
    counts = {kind: len({name for finding in harmful for name in _about(finding, kind)}) for kind in WHOLE}
    if any(harm(finding) == "paging" and not _about(finding, "alert") for finding in harmful):
        yield message("report/misled.pipeline")
    if counts["alert"] or counts["panel"]:
        del counts["Rollout"]
    for kind, count in counts.items():
        whole = figures.get(WHOLE[kind], 0)
        if count and kind == "alert" and all(finding["check"].startswith("alert/") for finding in harmful):
            # Most of what a review finds of alerts is that they fire for nothing, which no reader calls broken.
            yield message("report/misled.alert.worth", count=count)
        elif count:
            of = message(f"report/misled.{kind}.of", count=count, whole=whole)
            yield of if count <= whole else message(f"report/misled.{kind}", count=count)


def _about(finding: Document, kind: str) -> set[tuple[str, str]]:
    return {(one["namespace"], one["name"]) for one in finding["subjects"] if one["kind"] == kind}


def changed(document: Document) -> Message:
    """What is new and what is resolved since the report before, and how much known findings have grown and shrunk."""
    if not document["comparedWith"]:
        return message("report/changed.first")
    since = period_in_words(document["comparedWith"][:10])
    findings = [finding for finding in document["findings"] if finding["severity"] != "info"]
    states = [finding["state"] for finding in findings]
    new, still, resolved = states.count("new"), states.count("still"), len(document["resolved"])
    said = message("report/changed", new=new, resolved=resolved, still=still, since=since)
    if not new and not resolved:
        said = message("report/changed.nothing", count=still, since=since)
    change = size_change(findings)
    return message("report/changed.sizes", said=said, change=change) if change else said


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
    if "harvest.days" in figures:
        said.append(
            message("report/scope.harvest", count=figures["harvest.days"], episodes=figures["harvest.episodes"])
        )
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
