"""The outline of a report, the same in HTML, Markdown and at a terminal: title, verdict, cards, gaps, figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Literal

from maintainer.model.message import Message, message
from maintainer.model.report import SEVERITIES, Verdict
from maintainer.render.document import Document, Say
from maintainer.render.words import Catalogue, say

Tone = Literal["error", "warning", "ok", "none"]

# By job: the figures in the head of a report, at most five, each with the figure that it is a part of, "" for none.
# Figures that the report lacks are left out.
HEAD: Mapping[str, Mapping[str, str]] = {
    "monthly": {
        "rollouts.listed": "",
        "rollouts.agreeing": "rollouts.compared",
        "panels.faultless": "panels.asked",
        "alerts.able": "alerts.asked",
        "targets.emitting": "",
    },
    "sample": {},
    "quarterly": {},
    "semiannual": {},
    "reconcile": {},
    "harvest": {},
}

# By job: the figures in the bar beside the verdict; they add up to all that was checked.
SHARES: Mapping[str, tuple[str, ...]] = {"monthly": ("rollouts.compared", "rollouts.moving", "rollouts.unjudged")}

# The figures of a run's cost, each with the divisor that gives its unit: bytes are shown in MiB.
COST: Mapping[str, int] = {
    "prometheus.requests": 1,
    "prometheus.samples": 1,
    "prometheus.bytes": 2**20,
    "kubernetes.requests": 1,
    "seconds": 1,
}

MANY = 10
"""Checks that only a source keeps from running: a third of all."""
NAMED = 4
"""The checks that a gap names where the list of all cannot be folded."""

# The first and last month of a period, by the part of its label behind the year.
MONTHS: Mapping[str, tuple[int, int]] = {
    **{f"{month:02}": (month, month) for month in range(1, 13)},
    **{f"Q{quarter}": (3 * quarter - 2, 3 * quarter) for quarter in range(1, 5)},
    **{f"H{half}": (6 * half - 5, 6 * half) for half in (1, 2)},
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the head, ``None`` if it is not known; ``whole`` is the number that it is a part of."""

    label: str
    value: float | None
    whole: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the bar beside the verdict; ``start`` and ``width`` are in percent of the bar."""

    label: str
    value: float
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Card:
    """An action with the findings that it fixes; ``counts`` is how many these are, in words.

    ``reason`` is why many checks could not run, where the action is to mend that.
    """

    action: str
    severity: str
    counts: str
    findings: tuple[Document, ...] = ()
    reason: "Reason | None" = None


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


@dataclass(frozen=True, slots=True)
class Outline:
    """A document arranged for a reader.

    ``facts`` are pairs of label and value, ``cost`` are short phrases. ``cards`` hold the findings that the verdict
    depends on, ``notes`` those of severity ``info``, ``accepted`` those that the settings accept. ``unused`` are notes
    about acceptances without an effect, ``not_chosen`` the checks that were left out by choice.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    tone: Tone
    verdict: str
    scope: str
    figures: tuple[Figure, ...]
    shares: tuple[Share, ...]
    cards: tuple[Card, ...]
    notes: tuple[Document, ...]
    accepted: tuple[Document, ...]
    gaps: tuple[Reason, ...]
    cost: tuple[str, ...]
    unused: tuple[str, ...] = ()
    not_chosen: tuple[str, ...] = ()

    @property
    def open_gaps(self) -> tuple[Reason, ...]:
        """The gaps that are not accepted."""
        return tuple(reason for reason in self.gaps if not reason.accepted)

    @property
    def other_gaps(self) -> tuple[Reason, ...]:
        """The gaps that are no card."""
        return tuple(reason for reason in self.gaps if not reason.is_first)


def outline(document: Document, catalogue: Catalogue) -> Outline:
    """The outline of a document, in the words of the catalogue."""
    in_words = partial(say, catalogue)
    open_findings = [finding for finding in document["findings"] if finding["state"] != "accepted"]
    gaps = _gaps(document, in_words)
    cards = (
        *(_first(reason, in_words) for reason in gaps if reason.is_first),
        *_cards([finding for finding in open_findings if finding["severity"] != "info"], in_words),
    )
    title = message(f"report/title.{document['job']}", period=_period(document["period"]["label"]))
    return Outline(
        title=in_words(title),
        facts=_facts(document, in_words),
        tone=_tone(cards, document["verdict"]),
        verdict=in_words(_verdict(cards, document)),
        scope=" ".join(map(in_words, _scope(document))),
        figures=_figures(document, in_words),
        shares=_shares(document, in_words),
        cards=cards,
        notes=tuple(finding for finding in open_findings if finding["severity"] == "info"),
        accepted=_accepted(document),
        gaps=gaps,
        cost=_cost(document, in_words),
        unused=tuple(unused["note"] for unused in document["unusedAcceptances"]),
        not_chosen=tuple(document["notChosen"]),
    )


def _period(label: str) -> Message:
    year, _, rest = label.partition("-")
    months, _, day = rest.partition("-")
    if months not in MONTHS:
        return message("report/period.other", label=label)
    first, last = (message(f"report/month.{month:02}") for month in MONTHS[months])
    if day:
        return message("report/period.day", year=year, month=first, day=day.removeprefix("0"))
    if first == last:
        return message("report/period.month", year=year, month=first)
    return message("report/period.months", year=year, first=first, last=last)


def _facts(document: Document, in_words: Say) -> tuple[tuple[str, str], ...]:
    period, generated = document["period"], document["generatedAt"]
    first = date.fromisoformat(period["start"][:10])
    last = max(first, date.fromisoformat(period["end"][:10]) - timedelta(days=1))
    dates = message("report/period.dates", label=period["label"], first=str(first), last=str(last))
    if period["label"] == str(first):
        dates = message("report/period.other", label=period["label"])
    values = {
        "cluster": document["cluster"] or in_words(message("report/unknown")),
        "period": in_words(dates),
        "zone": f"{period['timeZone']} ({generated[19:]})",
        "generated": generated[:19].replace("T", " "),
        "compared": (document["comparedWith"] or "")[:10],
        "version": f"maintainer {document['version']}",
    }
    return tuple((in_words(message(f"report/fact.{fact}")), value) for fact, value in values.items() if value)


def _figures(document: Document, in_words: Say) -> tuple[Figure, ...]:
    figures = document["figures"]
    return tuple(
        Figure(in_words(message(f"report/figure.{figure}")), figures.get(figure), figures.get(whole))
        for figure, whole in HEAD[document["job"]].items()
        if figure in figures or not document["notChosen"]
    )


def _shares(document: Document, in_words: Say) -> tuple[Share, ...]:
    figures = [(name, document["figures"].get(name, 0)) for name in SHARES.get(document["job"], ())]
    total = sum(value for _, value in figures)
    shares: list[Share] = []
    start = 0.0
    for name, value in figures if total else ():
        width = round(100 * value / total, 2)
        shares.append(Share(in_words(message(f"report/share.{name}")), value, start, width))
        start += width
    return tuple(shares)


def _cost(document: Document, in_words: Say) -> tuple[str, ...]:
    figures = document["figures"]
    return tuple(
        in_words(message(f"report/cost.{figure}", count=round(figures[figure] / unit, 1)))
        for figure, unit in COST.items()
        if figure in figures
    )


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


def _accepted(document: Document) -> tuple[Document, ...]:
    return tuple(finding for finding in document["findings"] if finding["state"] == "accepted")


def _first(reason: Reason, in_words: Say) -> Card:
    return Card(reason.text, "none", in_words(message("report/gap.count", count=len(reason.checks))), reason=reason)


def _gaps(document: Document, in_words: Say) -> tuple[Reason, ...]:
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


def _open_gaps(document: Document) -> list[Document]:
    return [gap for gap in document["gaps"] if "accepted" not in gap]


def _tone(cards: tuple[Card, ...], verdict: Verdict) -> Tone:
    if verdict == "findings":
        return "error" if any(card.severity == "error" for card in cards) else "warning"
    return "ok" if verdict == "ok" else "none"


def _verdict(cards: tuple[Card, ...], document: Document) -> Message:
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


def _past(figures: Mapping[str, int | float]) -> Iterator[Message]:
    """What happened in the days before the report and is over."""
    if count := figures.get("days.differences-over"):
        yield message("report/past.differences", count=count)
    if hours := figures.get("days.hours-without-scrapes"):
        yield message("report/past.scrapes", count=hours)


def _scope(document: Document) -> list[Message]:
    figures: Mapping[str, int] = document["figures"]
    scope = []
    if {"rollouts.compared", "rollouts.moving", "rollouts.unjudged"} <= set(figures):
        others = {"moving": figures["rollouts.moving"], "unjudged": figures["rollouts.unjudged"]}
        scope.append(message("report/scope.rollouts", count=figures["rollouts.compared"], **others))
    elif document["job"] in SHARES and document["gaps"] and not document["notChosen"]:
        listed = figures.get("rollouts.listed")
        unknown = message("report/scope.unknown")
        scope.append(unknown if listed is None else message("report/scope.not-compared", count=listed))
    if past := tuple(_past(figures)):
        scope.append(message("report/scope.past", things=past))
    if not document["gaps"] or not document["complete"]:
        every = "report/scope.sampled" if document["job"] == "sample" else "report/scope.complete"
        complete = "report/scope.chosen" if document["notChosen"] else every
        scope.append(message(complete if document["complete"] else "report/scope.incomplete"))
    if accepted := _accepted(document):
        scope.append(message("report/scope.accepted", count=len(accepted)))
    if checks := {gap["check"] for gap in document["gaps"] if "accepted" in gap}:
        scope.append(message("report/scope.accepted-gaps", count=len(checks)))
    if document["notChosen"]:
        scope.append(message("report/scope.not-chosen", count=len(document["notChosen"])))
    if document["unusedAcceptances"]:
        scope.append(message("report/scope.unused", count=len(document["unusedAcceptances"])))
    return scope
