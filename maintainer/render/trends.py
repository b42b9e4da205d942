"""The trend of a figure: where it went since earlier reports, in words and as the points of a small line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeGuard

from maintainer.model.message import message
from maintainer.render.document import Document, Say

Tone = Literal["better", "worse", "neutral"]
Way = Literal["up", "down", "flat"]

WIDTH, HEIGHT = 96, 24
"""Of a sparkline, in its own units."""

LEAST = 3
"""So many values make a line."""


@dataclass(frozen=True, slots=True)
class Trend:
    """Where a figure went. ``change`` compares it with the report before, ``history`` names all values.

    ``points`` are those of a line, "" for too few values; it ends at ``end``, the pair of its coordinates.
    """

    way: Way
    tone: Tone
    change: str
    history: str
    points: str = ""
    end: tuple[float, float] = (0.0, 0.0)


def trend(figure: str, whole: str, document: Document, in_words: Say) -> Trend | None:
    """The trend of a figure of a document; ``None`` if it or all earlier values are not known.

    It got better or worse only if it is a part of a ``whole`` that should be all of it, and what is missing changed.
    """
    now = document["figures"]
    known = [earlier for earlier in document["earlier"] if is_number(earlier["figures"].get(figure))]
    if not is_number(now.get(figure)) or not known:
        return None
    last = known[-1]
    values = [*(earlier["figures"][figure] for earlier in known), now[figure]]
    grown = round(values[-1] - values[-2], 4)
    way: Way = "up" if grown > 0 else "down" if grown < 0 else "flat"
    tone = _tone(_missing(figure, whole, last["figures"]), _missing(figure, whole, now))
    parts = tuple(
        message("report/trend.value", period=earlier["period"], value=earlier["figures"][figure]) for earlier in known
    )
    return Trend(
        way=way,
        tone=tone,
        change=in_words(message(f"report/trend.{way}.{tone}", count=abs(grown), period=last["period"])),
        history=in_words(message("report/trend.history", parts=parts, now=values[-1])),
        points=drawn(values),
        end=line(values)[-1],
    )


def drawn(values: Sequence[float]) -> str:
    """The points of a line as SVG writes them, "" for too few values."""
    return " ".join(f"{x},{y}" for x, y in line(values)) if len(values) >= LEAST else ""


def line(values: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """The points of a line through the values, which are at least two; the lowest and the highest fill the height."""
    low, span = min(values), max(values) - min(values)
    step, room = (WIDTH - 4) / (len(values) - 1), HEIGHT - 6
    heights = [(value - low) / span if span else 0.5 for value in values]
    return tuple((round(2 + at * step, 1), round(HEIGHT - 3 - height * room, 1)) for at, height in enumerate(heights))


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a figure of a document is a number: one that JSON cannot hold is a text."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _missing(figure: str, whole: str, figures: Document) -> float | None:
    part, of = figures.get(figure), figures.get(whole)
    return of - part if is_number(part) and is_number(of) else None


def _tone(before: float | None, now: float | None) -> Tone:
    if before is None or now is None or before == now:
        return "neutral"
    return "worse" if now > before else "better"
