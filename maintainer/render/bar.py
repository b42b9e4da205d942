"""The bar beside the verdict: what became of everything that was compared."""

from collections.abc import Mapping
from dataclasses import dataclass

from maintainer.model.message import message
from maintainer.render.document import Document, Say

SHARES: Mapping[str, tuple[str, ...]] = {"monthly": ("agreeing", "wrong", "moving", "unjudged")}
"""By job, the parts of its bar."""

NARROWEST = 2.0
"""The least width of a part that is not empty, in percent: one of 10,000 Rollouts is to be seen, too."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the bar; ``start`` and ``width`` are in percent of the bar."""

    name: str
    label: str
    value: float
    start: float
    width: float


def shares(document: Document, in_words: Say) -> tuple[Share, ...]:
    """The parts of the bar; none if nothing was compared."""
    values = _values(document)
    widths = _widths(list(values.values()))
    return tuple(
        Share(name, in_words(message(f"report/share.{name}")), value, round(sum(widths[:index]), 2), widths[index])
        for index, (name, value) in enumerate(values.items())
        if widths
    )


def _values(document: Document) -> dict[str, float]:
    figures = document["figures"]
    names = SHARES.get(document["job"], ())
    values = {name: figures.get(f"rollouts.{name}", 0) for name in names}
    if "wrong" in values:
        values["wrong"] = figures.get("rollouts.compared", 0) - values["agreeing"]
    return values


def _widths(values: list[float]) -> list[float]:
    """The width of each part: its share of what the parts that are the narrowest leave; none if all are empty."""
    total = sum(values)
    if not total:
        return []
    widths = [max(NARROWEST, 100 * value / total) if value else 0.0 for value in values]
    return [round(100 * width / sum(widths), 2) for width in widths]
