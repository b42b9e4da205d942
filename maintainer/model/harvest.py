"""What a harvest reads of Prometheus: the plan, and the samples of a day. Times are milliseconds since 1970, UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from maintainer.model.alert_archive import BEFORE
from maintainer.model.alerts import MINUTE, AlertRule, RawSeries
from maintainer.model.facts import Unavailable
from maintainer.model.loaded_queries import Reading
from maintainer.model.message import Message
from maintainer.model.queries import Query

EVENTS = (
    "AnalysisRunError",
    "AnalysisRunFailed",
    "AnalysisRunInconclusive",
    "ReplicaSetCreateError",
    "RolloutAborted",
    "RolloutCompleted",
    "RolloutPaused",
    "RolloutUpdated",
)
"""The reasons of events that are counted. A Rollout is updated when it gets a new revision."""

GRIDS = tuple(minutes * MINUTE for minutes in (1, 2, 5, 10))
"""The steps in which counters and numbers of replicas are read: the finest that does not read too much."""


IMPACT = "impact"
"""The name of what is read about the users."""

MOST_IMPACT = 5_000_000
"""The most samples of a day that the expression about users may read."""


SEEN = ("maintainer_seen", "yes")
"""The label of the series that says when something was there that the expression about users reads."""


@dataclass(frozen=True, slots=True)
class ImpactQuery:
    """How it is asked for whether users were harmed: the query, and what each of its selectors reads."""

    promql: str
    reads: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class LoadedAlerting:
    """The alerting rules that a server has loaded, and the queries of its recording rules."""

    rules: tuple[AlertRule, ...] = ()
    recording: tuple[Query, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A day to read, from ``start`` to before ``end``; the samples from :data:`BEFORE` its start.

    ``samples`` are about how many of each kind there are (``alerts``, ``phases``, ``heartbeat``), or will be read
    (``replicas``, ``events``, ``impact``), whose steps are in ``grids``. A step of 0 is for what would read too much at
    any, and is not read.
    """

    start: int
    end: int
    samples: Mapping[str, int] = field(default_factory=dict)
    grids: Mapping[str, int] = field(default_factory=dict)

    @property
    def begin(self) -> int:
        """The time of the first samples that are read."""
        return self.start - BEFORE

    @property
    def total(self) -> int:
        """All samples."""
        return sum(self.samples.values())


@dataclass(frozen=True, slots=True)
class HarvestPlan:
    """The ``days`` that are read. Prometheus has nothing of the days ``gone``; those ``left`` would read too much.

    ``requests`` and ``samples`` are about what reading costs; the ``replays`` of rules are a request more each.
    """

    days: tuple[PlannedDay, ...] = ()
    gone: tuple[PlannedDay, ...] = ()
    left: tuple[PlannedDay, ...] = ()
    requests: int = 0
    samples: int = 0
    replays: int = 0


@dataclass(frozen=True, slots=True)
class DaySamples:
    """The series of a day by the names of what was read; what is not there is in ``unread`` with the reason."""

    day: PlannedDay
    series: Mapping[str, tuple[RawSeries, ...]] = field(default_factory=dict)
    unread: Mapping[str, Unavailable] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReplayQuery:
    """What is asked to replay a rule, whose group is evaluated at the place ``phase`` of its interval."""

    rule: AlertRule
    promql: str
    phase: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """The values of the query of a rule at its evaluations from ``start`` to before ``end``."""

    rule: AlertRule
    start: int
    end: int
    series: tuple[RawSeries, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreplayed:
    """An alert whose rule could not be replayed on a day, and why."""

    alert: str
    why: Message
