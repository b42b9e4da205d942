"""The bar beside the verdict: what became of everything that was checked."""

from collections.abc import Mapping
from dataclasses import dataclass

from maintainer.model.message import message
from maintainer.render.document import Document, Say

# By job: the figures in the bar beside the verdict; they add up to all that was checked.
SHARES: Mapping[str, tuple[str, ...]] = {"monthly": ("rollouts.compared", "rollouts.moving", "rollouts.unjudged")}


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the bar beside the verdict; ``start`` and ``width`` are in percent of the bar."""

    label: str
    value: float
    start: float
    width: float


def shares(document: Document, in_words: Say) -> tuple[Share, ...]:
    """The parts of the bar; none if nothing was checked."""
    figures = [(name, document["figures"].get(name, 0)) for name in SHARES.get(document["job"], ())]
    total = sum(value for _, value in figures)
    shares: list[Share] = []
    start = 0.0
    for name, value in figures if total else ():
        width = round(100 * value / total, 2)
        shares.append(Share(in_words(message(f"report/share.{name}")), value, start, width))
        start += width
    return tuple(shares)
