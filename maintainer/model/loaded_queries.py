"""The queries that a cluster's rules and dashboards hold, the plan to check them, and Prometheus' results."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from maintainer.model.facts import Unavailable
from maintainer.model.message import message
from maintainer.model.queries import LoadedRule, Query
from maintainer.model.source_text import FoundQueries

Problem = Literal["", "absent", "empty", "broken"]
Group = tuple[str, ...]
"""The values of the labels that an aggregation groups by, "" for a label that the series lack."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard, or a ConfigMap that should hold one.

    ``source`` is namespace/ConfigMap/key, namespace/ConfigMap where there is no dashboard in it, or Grafana's URL of
    it. ``named``: the settings name it. ``detail`` is the parser's error where the ``problem`` is ``broken``.
    """

    source: str
    found: FoundQueries = field(default_factory=FoundQueries)
    named: bool = False
    problem: Problem = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LoadedQueries:
    """The rules that Prometheus has loaded, and the dashboards; ``None`` where they could not be read."""

    rules: tuple[LoadedRule, ...] | None = None
    dashboards: tuple[Dashboard, ...] | None = None
    unavailable: tuple[Unavailable, ...] = ()

    @property
    def queries(self) -> tuple[Query, ...]:
        """All queries: first those of the rules, then those of the dashboards."""
        return (
            *(rule.query for rule in self.rules or ()),
            *(query for dashboard in self.dashboards or () for query in dashboard.found.queries),
        )

    @property
    def unread(self) -> tuple[Unavailable, ...]:
        """Why some queries are not known: what is not available, and dashboards that are broken."""
        broken = (each for each in self.dashboards or () if each.problem == "broken")
        reasons = (message("gap/dashboard-broken", source=each.source, detail=each.detail) for each in broken)
        return (*self.unavailable, *(Unavailable("dashboards", reason, permanent=True) for reason in reasons))


@dataclass(frozen=True, slots=True)
class Grouped:
    """An aggregation in PromQL, and the labels that it groups by."""

    promql: str
    labels: tuple[str, ...]


class Reading(NamedTuple):
    """What a query reads of the series of some metrics.

    ``selector`` selects all series of these metrics, "" is any metric; ``samples`` are those of each series.
    """

    selector: str
    samples: float


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """What to ask of Prometheus, all as of ``at``, the time of a scrape in seconds since the epoch.

    ``selectors`` should match something, ``runs`` are queries that should run, ``counts`` are aggregations to compare
    with the API. ``heavy`` are the runs that may read much: how much is found out before they run. ``dropped`` is how
    many of these were left out because a run asks only so many.
    """

    at: float = 0.0
    selectors: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    counts: tuple[Grouped, ...] = ()
    dropped: int = 0
    heavy: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueryResults:
    """Prometheus' results for a :class:`QueryPlan`.

    ``matched``: whether a selector has series. ``sizes``: how many series a query returned. ``errors``: Prometheus'
    error text for a query that it refused. ``spared``: how many samples a query would read that was not sent.
    ``values``: the value of each group of an aggregation.
    """

    matched: Mapping[str, bool] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    spared: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[Grouped, Mapping[Group, float]] = field(default_factory=dict)
    unavailable: tuple[Unavailable, ...] = ()
