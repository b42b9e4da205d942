"""How much of a long report a page shows. It says how much it leaves out; the JSON report has all."""

from maintainer.render.evidence import SHOWN

ROWS = 500
"""The most rows of a table of a section."""
FINDINGS = 200
"""About as many findings, however many things there are to do."""


def most_findings(cards: int) -> int:
    """How many findings of each card are shown, where there are so many cards."""
    return min(SHOWN, FINDINGS // min(max(cards, 1), SHOWN))
