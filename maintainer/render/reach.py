"""How far something reaches: how many alerts, panels or Rollouts it is about."""

from collections.abc import Iterator, Sequence

from maintainer.model.message import Message, message
from maintainer.render.document import Document

NAMED = ("alert", "panel", "variable", "record", "Rollout", "Target")
"""The kinds of subjects that are counted by their names, in this order; all others are objects."""


def reach(fixed: Sequence[Document], findings: Sequence[Document]) -> tuple[Message, ...]:
    """What the findings ``fixed`` by an action are about; for targets that are scraped twice, what they count twice.

    Among all ``findings``, a wrong panel names the check that is the cause.
    """
    return tuple(doubled(fixed, findings)) or tuple(_counted(fixed))


def doubled(fixed: Sequence[Document], findings: Sequence[Document]) -> Iterator[Message]:
    """What is counted twice because its targets are scraped twice."""
    twice = [finding for finding in fixed if finding["check"] == "coverage/duplicate"]
    if not twice:
        return
    rows = (row for finding in findings if finding["check"] == "panel/value" for row in _rows(finding, "rollouts"))
    if panels := {row.get("panel") for row in rows if row.get("cause") == "coverage/duplicate"}:
        yield message("report/reach.double", count=len(panels))
    elif rollouts := {name for finding in twice for name in _names(finding, "rollouts")}:
        yield message("report/reach.twice", count=len(rollouts))


def _counted(fixed: Sequence[Document]) -> Iterator[Message]:
    subjects = {(one["kind"], one["namespace"], one["name"]) for finding in fixed for one in finding["subjects"]}
    kinds = [kind if kind in NAMED else "other" for kind, _, _ in subjects]
    for kind in (*NAMED, "other"):
        if count := kinds.count(kind):
            yield message(f"report/reach.{kind}", count=count)


def _listed(finding: Document, key: str) -> Sequence[object]:
    listed = finding["evidence"].get(key)
    return listed if isinstance(listed, list | tuple) else ()


def _rows(finding: Document, key: str) -> list[Document]:
    return [row for row in _listed(finding, key) if isinstance(row, dict)]


def _names(finding: Document, key: str) -> list[str]:
    return [name for name in _listed(finding, key) if isinstance(name, str)]
