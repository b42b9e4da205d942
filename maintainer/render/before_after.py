"""Pairs of bars: what a change did to each of some numbers."""

from dataclasses import dataclass

from maintainer.model.message import Message, message
from maintainer.render.document import Document, Say
from maintainer.render.trends import is_number


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A bar: its length and the length of its real part in percent of the longer of the two, and its number in words.

    ``real`` is the whole length where nobody asks what was real.
    """

    name: str
    length: float
    real: float
    words: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A measure with its bars before and after."""

    label: str
    bars: tuple[DrawnBar, DrawnBar]
    split: bool


def pairs(section: Document, in_words: Say) -> tuple[Pair, ...]:
    """The pairs of a before-after section, in its order."""
    return tuple(_pair(measure, section, in_words) for measure in section["measures"])


def _pair(measure: Document, section: Document, in_words: Say) -> Pair:
    longest = max(_length(measure[when]["value"]) for when in ("before", "after")) or 1
    before, after = (
        DrawnBar(
            name=section[when],
            length=round(100 * _length(measure[when]["value"]) / longest, 2),
            real=round(100 * _length(_real(measure[when])) / longest, 2),
            words=in_words(amount(measure[when], measure["unit"])),
        )
        for when in ("before", "after")
    )
    split = any(measure[when]["real"] is not None for when in ("before", "after"))
    return Pair(measure["label"], (before, after), split)


def amount(of: Document, unit: str) -> Message:
    """A number in words, with its unit, if it has one, and how much of it was real."""
    if not unit:
        return message("picture/value", value=of["value"])
    if of["real"] is None:
        return message("picture/value.unit", value=of["value"], unit=unit)
    return message("picture/value.real", value=of["value"], real=of["real"], unit=unit)


def _real(of: Document) -> float | str:
    real: float | str = of["value"] if of["real"] is None else of["real"]
    return real


def _length(value: float | str) -> float:
    return max(value, 0) if is_number(value) else 0
