"""What can be wrong in the text of a query: the place, the reason, and what it does to the result."""

from dataclasses import dataclass
from typing import Literal

from maintainer.analyse.promql.tokens import Span
from maintainer.model.message import Message
from maintainer.model.report import Severity

Effect = Literal[
    "never",
    "always",
    "chosen",
    "grouping",
    "whole",
    "none",
    "alternative",
    "native",
    "added",
    "constant-zero",
    "unwritten",
    "by-hand",
    "excludes-nothing",
]

Key = tuple[str, Message]
"""What two faults have in common that have the same cause: the check and the reason."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in the text of a query, at the place ``about``.

    ``effect``: the selector ``never`` matches, or never once a value is ``chosen`` for its variable; the matcher
    ``always`` matches; the ``grouping`` tells nothing apart; the ``whole`` query returns nothing; or ``none``.
    An ``alternative`` of a regular expression never occurs; the selector matches only with ``native`` histograms, with
    a label that a scrape has ``added``, if the controller wrote what it is not known to write (``unwritten``), or for
    objects made ``by-hand``; the function returns ``constant-zero``; or ``unless`` ``excludes-nothing``.
    ``right`` should replace what stands at ``wrong``; "" where that is not certain.
    """

    check: str
    about: Span
    why: Message
    effect: Effect
    wrong: Span = (0, 0)
    right: str = ""
    severity: Severity = "error"

    @property
    def key(self) -> Key:
        """The same for faults with one cause, wherever they stand."""
        return self.check, self.why
