"""Incidents, as people wrote them down, and what people said of alerts."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["real", "handled", "expected", "controller", "noise", "undetermined"]
"""Of an episode: something was wrong; analysis had already undone it; it was planned; the controller said so for no
reason; it was nothing; nobody can say."""


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident, from ``start`` to ``end`` in milliseconds, with labels such as the namespace and the Rollout."""

    id: str
    start: int
    end: int
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """What a person said of the episodes of an alert that were there at a time from ``start`` to ``end``.

    ``labels`` are those that the episodes must have. ``place`` is where it stands in its file.
    """

    alert: str
    start: int
    end: int
    verdict: Verdict
    labels: tuple[tuple[str, str], ...] = ()
    who: str = ""
    note: str = ""
    place: str = ""
