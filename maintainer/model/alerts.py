"""What is known of alerts over time: rules, episodes, coverage, and how well a replay agrees with what was recorded.

Times are whole milliseconds since 1970, UTC, as Prometheus has them: a replay is exact arithmetic on them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Literal, NamedTuple

from maintainer.model.facts import Labels
from maintainer.model.message import Message
from maintainer.model.outcomes import Outcomes

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000

EndKind = Literal["resolved", "gap", "open"]
"""How an episode ended. ``gap``: nobody can say when; ``open``: it was still there at the end of what was read."""

Because = Literal[
    "restart", "not-evaluated", "keep-firing", "late-samples", "rule-changed", "phase", "value-label", "edge", "unknown"
]
"""Why a replayed episode and a recorded one differ.

``restart``: Prometheus started; ``not-evaluated``: evaluations failed or were skipped; ``keep-firing``: the recorded
rule had a ``keep_firing_for``, which hides when its expression was true; ``late-samples``: one evaluation saw a sample
that was committed after it; ``rule-changed``: the rule was another; ``phase``: the place of the evaluations in their
interval is not known; ``value-label``: a label holds the value; ``edge``: at the begin or the end of what was read.
"""


class Run(NamedTuple):
    """Samples without a hole that counts: the times of the first and the last, both inclusive."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A version of an alerting rule, as Prometheus had it loaded. Durations are milliseconds.

    ``hold`` is its ``for``, ``keep`` its ``keep_firing_for``, ``interval`` that of its group. ``labels`` are the rule's
    own, before templates. ``phase`` is the group's place in its interval, ``None`` if no sample has shown it.
    """

    name: str
    group: str
    file: str
    expr: str
    hold: int
    keep: int
    interval: int
    labels: Labels = ()
    annotations: Labels = ()
    phase: int | None = None

    @property
    def version(self) -> str:
        """A hash of all that decides when the alert is there: not of the group, the file and the annotations."""
        return _version(self.name, self.expr, (self.hold, self.keep, self.interval), self.labels)


@lru_cache(maxsize=1024)
def _version(name: str, expr: str, durations: tuple[int, ...], labels: Labels) -> str:
    return sha256(repr((name, expr, durations, labels)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RawSeries:
    """A series as Prometheus stores it, without staleness markers: its labels, and its samples from old to new."""

    labels: Labels
    times: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When a rule's group is known to have been evaluated, and when Prometheus started.

    ``runs`` are the times from one evaluation to another without a missing one in between. Outside of them nothing is
    known. ``starts`` are the starts of Prometheus.
    """

    runs: tuple[Run, ...] = ()
    starts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Episode:
    """A presence of an alert, from the time at which its expression became true.

    ``rule`` is :attr:`AlertRule.version`, ``alert`` its name; ``labels`` are those of ALERTS without ``alertname`` and
    ``alertstate``. ``active_at`` is as recorded, in whole seconds. ``fired_at`` is the first firing sample, ``None`` if
    it was pending only; ``last`` is the last sample. ``resolved_at`` is the first evaluation without it, ``None`` if
    that was not seen.

    ``cut_start``: it was there before what was read began, so that ``fired_at`` may be too late. ``restarts`` are
    further values of ActiveAt, one for each start of Prometheus that gave it a new one; it is one episode still.
    ``runs`` are its samples, pending or firing; holes within an ActiveAt do not count.
    """

    rule: str
    alert: str
    labels: Labels
    active_at: int
    fired_at: int | None
    last: int
    resolved_at: int | None
    end: EndKind
    cut_start: bool = False
    restarts: tuple[int, ...] = ()
    runs: tuple[Run, ...] = ()

    @property
    def key(self) -> tuple[str, Labels, int]:
        """What no other episode has: the alert's name, its labels, and since when."""
        return self.alert, self.labels, self.active_at

    @property
    def restart_split(self) -> bool:
        """Whether Prometheus started within it, and its samples have several values of ActiveAt."""
        return bool(self.restarts)


@dataclass(frozen=True, slots=True)
class ReadEpisodes:
    """The episodes, or their parts, that a read of ``[start, end)`` showed."""

    start: int
    end: int
    episodes: tuple[Episode, ...]


@dataclass(frozen=True, slots=True)
class LeftSide:
    """What the left side of a rule's comparison was where it came near the threshold, for one identity.

    ``operator`` is ``>``, ``>=``, ``<`` or ``<=``, with the number on the right. ``values`` are runs of evaluations
    with equal values: first, last, value. For ``>`` and ``>=`` a value for which the comparison with ``low`` is not
    true was not kept, and one above ``high`` was kept as ``high``; for ``<`` and ``<=`` it is the other way round. So
    they answer for thresholds between the two. ``maxima`` are the highest (for ``<`` the lowest) values of days that
    had too many runs: (start of the day, value).
    """

    rule: str
    labels: Labels
    interval: int
    operator: str
    low: float
    high: float
    values: tuple[tuple[int, int, float], ...]
    maxima: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class HourCoverage:
    """The hour from ``start``: the share of the evaluations that were seen, and the starts of Prometheus in it.

    ``group`` is the rule group, "" for a heartbeat of all. ``notified`` is how many notifications Alertmanager counted
    in it, of all alerts; ``None`` is not known. ``holes`` are the times in it without an evaluation, from the first to
    the last millisecond; an older archive does not have them.
    """

    start: int
    evaluated: float
    restarts: tuple[int, ...] = ()
    group: str = ""
    notified: int | None = None
    holes: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An episode that only the replay or only the record has, or whose start or end differs by two evaluations or more.

    ``found_in``: "replayed" or "recorded" if only that has it, else "both". ``at`` is its ``active_at``.
    """

    found_in: Literal["replayed", "recorded", "both"]
    labels: Labels
    at: int
    because: Because


@dataclass(frozen=True, slots=True)
class Agreement:
    """A rule version replayed against what was recorded, for the day from ``day``. Numbers are of episodes.

    ``alike`` start and end within one evaluation of each other, ``nearly`` within two (and not within one).
    ``offsets`` are how many evaluations the replayed start is after the recorded one, and how often.
    """

    rule: str
    day: int
    alike: int
    nearly: int
    only_replayed: int
    only_recorded: int
    offsets: tuple[tuple[int, int], ...] = ()
    disagreements: tuple[Disagreement, ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence of Alertmanager. ``matchers`` are (label, operator, value)."""

    matchers: tuple[tuple[str, str, str], ...]
    starts: int
    ends: int
    by: str
    comment: str


@dataclass(frozen=True, slots=True)
class ImpactRun:
    """The expression about users had a result with these labels, from one evaluation to another, both inclusive."""

    labels: Labels
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Impact:
    """When users were harmed, as an expression says it. ``seen`` are the times of which that is known, both inclusive.

    Where nothing was seen, nobody knows.
    """

    runs: tuple[ImpactRun, ...] = ()
    seen: tuple[Run, ...] = ()


@dataclass(frozen=True, slots=True)
class MissingTime:
    """A time ``[start, end)`` of which something is not known, and why. ``alert`` is "" where it is all alerts."""

    start: int
    end: int
    reason: Message
    alert: str = ""


@dataclass(frozen=True, slots=True)
class AlertHistory:
    """All that a quarter is judged by. It is about ``[start, end)``; what is not covered is unknown, never quiet.

    ``rules`` are all versions by :attr:`AlertRule.version`, and ``loaded`` says when each was seen loaded: the first
    and the last time. ``impact_unseen`` are times at which somebody asked for the ``impact``, and it is not known.
    """

    start: int
    end: int
    rules: Mapping[str, AlertRule] = field(default_factory=dict)
    loaded: Mapping[str, Run] = field(default_factory=dict)
    episodes: tuple[Episode, ...] = ()
    outcomes: Outcomes = field(default_factory=Outcomes)
    left_sides: tuple[LeftSide, ...] = ()
    coverage: tuple[HourCoverage, ...] = ()
    agreement: tuple[Agreement, ...] = ()
    silences: tuple[Silence, ...] = ()
    impact: Impact = Impact()
    impact_unseen: tuple[Run, ...] = ()
    missing: tuple[MissingTime, ...] = ()
