"""The queries of rules and dashboards: where they stand, what they ask, and what is remarked about them."""

from dataclasses import dataclass
from typing import Literal

from maintainer.model.facts import Labels
from maintainer.model.message import Message

Asks = Literal["alert", "record", "panel", "variable", "annotation"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a query stands: a file or object, and the line on which its text begins, counted from 1."""

    file: str
    line: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL text as somebody wrote it, variables of Grafana included.

    ``name`` is the alert's or recorded series' name, or the dashboard's and the panel's title.
    """

    text: str
    asks: Asks
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Remark:
    """What a query cannot do.

    ``about`` is the matcher, or the metric's name, as it is written in the query; ``why`` says what is wrong with it,
    ``means`` what follows for whoever reads the alert or the panel; ``corrected`` is the whole text of the query with
    only ``about`` changed, "" where no single correction is certain.
    """

    check: str
    query: Query
    about: str
    why: Message
    means: Message
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule as Prometheus has it loaded, from a ``group`` of a ``file``.

    ``labels`` are those that the rule itself adds, sorted; ``health`` is ``ok``, ``err`` or ``unknown`` (not evaluated
    yet), and ``error`` is what its last evaluation said.
    """

    query: Query
    group: str
    file: str
    labels: Labels = ()
    health: str = "ok"
    error: str = ""
