"""The picture of the metrics pipeline: which of its links work, which do not, and which were not checked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from maintainer.model.message import Message, message
from maintainer.render.document import Document, Say
from maintainer.render.words import Catalogue, say

Link = Literal["service", "target", "storage", "rules", "alertmanager", "receiver", "dashboards"]
State = Literal["error", "warning", "none", "accepted", "info", "ok"]

ENDS: Mapping[Link, tuple[str, str]] = {
    "service": ("pod", "service"),
    "target": ("service", "scrape"),
    "storage": ("scrape", "prometheus"),
    "rules": ("prometheus", "rules"),
    "alertmanager": ("rules", "alertmanager"),
    "receiver": ("alertmanager", "person"),
    "dashboards": ("prometheus", "dashboards"),
}
"""Where each link begins and ends, in the order that metrics and alerts take; dashboards branch off."""

QUERIED: tuple[Link, ...] = ("rules", "dashboards")

LINKS_OF: Mapping[str, tuple[Link, ...]] = {
    "pipeline/service": ("service",),
    "pipeline/endpoints": ("service",),
    "pipeline/selected": ("target", "rules"),
    "pipeline/rbac": ("target",),
    "pipeline/target": ("target",),
    "pipeline/scrape": ("storage",),
    "pipeline/emitter": ("storage",),
    "coverage/duplicate": ("storage",),
    "coverage/missing": ("storage",),
    "coverage/ghost": ("storage",),
    "accuracy/phase": ("storage",),
    "accuracy/replicas": ("storage",),
    "accuracy/strategy": ("storage",),
    "pipeline/version": ("storage",),
    "pipeline/reload": ("rules",),
    "pipeline/rules-loaded": ("rules",),
    "query/dead-selector": QUERIED,
    "query/always-true": QUERIED,
    "query/unknown-metric": QUERIED,
    "query/unknown-label": QUERIED,
    "query/error": QUERIED,
    "query/no-data": QUERIED,
    "query/deprecated": QUERIED,
    "query/not-checked": QUERIED,
    "label/namespace": ("storage", *QUERIED),
    "pipeline/alertmanager": ("alertmanager", "receiver"),
    "pipeline/dashboard": ("dashboards",),
    "panel/value": ("dashboards",),
}
"""By check of the monthly audit, the links that it is about; no others where the metrics arrive as they are.

What stands first is named first where a link has several findings of a severity.
"""

LINKS_OF_SUBJECT: Mapping[str, tuple[Link, ...]] = {
    "alert": ("rules", "receiver"),
    "record": ("rules",),
    "panel": ("dashboards",),
    "variable": ("dashboards",),
    "annotation": ("dashboards",),
    "PrometheusRule": ("rules",),
    "ServiceMonitor": ("target",),
    "PodMonitor": ("target",),
    "Target": ("target", "storage"),
    "Prometheus": ("alertmanager", "rules"),
}
"""Of the links that a check is about, those that a finding is about, by the kind of its subjects."""

RANK: tuple[State, ...] = ("error", "warning", "none", "accepted", "info", "ok")
"""From the state that matters most: a link is only as good as the worst that is said of it."""

_ORDER: Mapping[str, int] = {check: place for place, check in enumerate(LINKS_OF)}

JOBS = ("monthly",)
"""The jobs that check the whole pipeline."""


@dataclass(frozen=True, slots=True)
class DrawnLink:
    """A link: its ends and its state in words. ``found`` says what is wrong in a few words, or what was not checked.

    ``anchor`` is the id of the element of the page that says more, "" if there is nothing more to say.
    """

    name: Link
    start: str
    end: str
    state: State
    word: str
    found: str
    anchor: str


@dataclass(frozen=True, slots=True)
class PipelinePicture:
    """The links in order, and a sentence that says how many of them work."""

    summary: str
    links: tuple[DrawnLink, ...]


def pipeline_picture(document: Document, catalogue: Catalogue) -> PipelinePicture | None:
    """The picture of a report; ``None`` for a job that does not check the whole pipeline."""
    if document["job"] not in JOBS:
        return None
    in_words = partial(say, catalogue)
    links = tuple(_drawn(link, document, in_words) for link in ENDS)
    return PipelinePicture(in_words(message("pipeline-picture/summary", parts=tuple(_summary(links)))), links)


def links_of(finding: Document) -> tuple[Link, ...]:
    """The links that a finding is about: those of its check, or fewer by the kinds of its subjects."""
    links = LINKS_OF.get(finding["check"], ())
    kinds = {subject["kind"] for subject in finding["subjects"]}
    meant = {link for kind in kinds for link in LINKS_OF_SUBJECT.get(kind, links)}
    return tuple(link for link in links if link in meant) or links


def _drawn(link: Link, document: Document, in_words: Say) -> DrawnLink:
    found = sorted(
        (finding for finding in document["findings"] if link in links_of(finding)),
        key=lambda finding: (RANK.index(_state(finding)), _ORDER[finding["check"]]),
    )
    gaps, left_out = _unseen(link, [gap["check"] for gap in document["gaps"]]), _unseen(link, document["notChosen"])
    state: State = _state(found[0]) if found else "ok"
    anchor = f"f-{found[0]['fingerprint']}" if found else ""
    if (gaps or left_out) and RANK.index(state) > RANK.index("none"):
        state, anchor = "none", "gaps" if gaps else "not-chosen"
    start, end = (in_words(message(f"pipeline-picture/node.{node}")) for node in ENDS[link])
    return DrawnLink(
        name=link,
        start=start,
        end=end,
        state=state,
        word=in_words(message(f"pipeline-picture/state.{state}")),
        found=", ".join(map(in_words, _found(found, len(gaps | left_out)))),
        anchor=anchor,
    )


def _state(finding: Document) -> State:
    state: State = "accepted" if finding["state"] == "accepted" else finding["severity"]
    return state


def _summary(links: tuple[DrawnLink, ...]) -> Iterator[Message]:
    if all(link.state == "none" for link in links):
        yield message("pipeline-picture/all-unchecked", all=len(links))
        return
    yield message("pipeline-picture/working", count=sum(link.state == "ok" for link in links), all=len(links))
    if faulty := sum(link.state in ("error", "warning") for link in links):
        yield message("pipeline-picture/faulty", count=faulty)
    if unseen := sum(link.state == "none" for link in links):
        yield message("pipeline-picture/unchecked", count=unseen)


def _unseen(link: Link, checks: Iterable[str]) -> set[str]:
    """Those of the checks that did not run and are about the link."""
    return {check for check in checks if link in LINKS_OF.get(check, ())}


def _found(findings: list[Document], unseen: int) -> Iterator[Message]:
    if findings:
        yield message(f"pipeline-picture/found.{findings[0]['check']}")
    if len(findings) > 1:
        yield message("pipeline-picture/more", count=len(findings) - 1)
    if unseen:
        yield message("pipeline-picture/unseen", count=unseen)
