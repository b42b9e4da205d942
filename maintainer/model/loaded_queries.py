"""What rules and dashboards ask in a cluster, what is to be asked to check them, and what Prometheus answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from maintainer.model.facts import Unavailable
from maintainer.model.queries import LoadedRule, Query
from maintainer.model.source_text import FoundQueries

Problem = Literal["", "absent", "empty", "broken"]
Group = tuple[str, ...]
"""The values of the labels that a query groups by, "" for a label that a series does not have."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard, or the place where one should be.

    ``source`` says where: namespace/ConfigMap, with /key where something is there, or the URL of Grafana's. ``named``:
    the settings name it. ``problem`` "" is none; ``detail`` is what the parser says of a broken one.
    """

    source: str
    found: FoundQueries = field(default_factory=FoundQueries)
    named: bool = False
    problem: Problem = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LoadedQueries:
    """The rules that Prometheus has loaded and the dashboards, ``None`` where they could not be read."""

    rules: tuple[LoadedRule, ...] | None = None
    dashboards: tuple[Dashboard, ...] | None = None
    unavailable: tuple[Unavailable, ...] = ()

    @property
    def queries(self) -> tuple[Query, ...]:
        """Everything that is asked, by rules first."""
        return (
            *(rule.query for rule in self.rules or ()),
            *(query for dashboard in self.dashboards or () for query in dashboard.found.queries),
        )


@dataclass(frozen=True, slots=True)
class Grouped:
    """An aggregation to be asked for, by these labels."""

    promql: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """What to ask Prometheus, all at the time ``at`` of one scrape: selectors that should match, queries that should
    run, aggregations to hold against the API. ``dropped`` counts queries beyond what one run may ask.
    """

    at: float = 0.0
    selectors: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    counts: tuple[Grouped, ...] = ()
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class QueryResults:
    """What Prometheus answered to a plan.

    ``matched`` says of each selector whether it has series; ``sizes`` how many each query returned; ``errors`` holds
    Prometheus' own words where it refused one; ``values`` the value of each group of an aggregation.
    """

    matched: Mapping[str, bool] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[Grouped, Mapping[Group, float]] = field(default_factory=dict)
    unavailable: tuple[Unavailable, ...] = ()
