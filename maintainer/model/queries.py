"""The queries of rules and dashboards: their text, where it stands, and the linter's remarks on them."""

from dataclasses import dataclass
from typing import Literal

from maintainer.model.facts import Labels
from maintainer.model.message import Message
from maintainer.model.report import Severity

Asks = Literal["alert", "record", "panel", "variable", "annotation", "query"]
"""What a query is for; ``query``: something else, such as an analysis, a scaler or an objective."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a query stands: a file or object, and the line on which its text begins, counted from 1."""

    file: str
    line: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Query:
    """A PromQL text as it is written, with Grafana's variables.

    ``asks`` is what kind of rule or part of a dashboard it belongs to. ``name`` is the name of the alert or of the
    recorded series, or the titles of dashboard and panel, as in ``Fleet / Paused``.
    """

    text: str
    asks: Asks
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is wrong with a query.

    ``about`` is the faulty part as it is written in the query: a matcher, a metric's name, a comparison. ``why`` says
    what is wrong with it, ``means`` what follows for the alert or the panel. ``corrected`` is the whole query with only
    that part changed, "" where no correction is certain. ``severity`` is the remark's own: what the same check says of
    another query may weigh less.
    """

    check: str
    query: Query
    about: str
    why: Message
    means: Message
    corrected: str = ""
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule that Prometheus has loaded, from a ``group`` of a ``file``.

    ``labels`` are those that the rule itself adds, sorted. ``health`` is ``ok``, ``err`` or ``unknown`` (not evaluated
    yet), ``error`` the error of its last evaluation.
    """

    query: Query
    group: str
    file: str
    labels: Labels = ()
    health: str = "ok"
    error: str = ""
