"""What was observed, before anybody judged it. Times are seconds since the epoch on Prometheus' clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from maintainer.model.message import Message

Key = tuple[str, str]
"""Namespace and name of a Rollout."""

Labels = tuple[tuple[str, str], ...]
"""A label set as sorted pairs."""


def labels(pairs: Mapping[str, str]) -> Labels:
    """The label set of a mapping."""
    return tuple(sorted(pairs.items()))


class Condition(NamedTuple):
    """One of ``status.conditions``; whether it is true plays no part in the metrics."""

    type: str
    reason: str


class Rollout(NamedTuple):
    """The fields of a Rollout that the controller's metrics are made of, with the API's defaults filled in.

    ``created`` is the time of creation as the API writes it, "" where it says none. A frozen dataclass of so many
    fields takes three times as long to make, and a fleet has thousands.
    """

    namespace: str
    name: str
    resource_version: str
    instance_id: str = ""
    created: str = ""
    strategy: str = "none"
    paused: bool = False
    restarting: bool = False
    deleting: bool = False
    reconciled: bool = True
    desired: int = 1
    replicas: int = 0
    updated: int = 0
    available: int = 0
    phase: str = ""
    message: str = ""
    conditions: tuple[Condition, ...] = ()

    @property
    def key(self) -> Key:
        """Namespace and name."""
        return self.namespace, self.name


COMPARED = slice(Rollout._fields.index("strategy"), None)
"""The fields of a Rollout that do not only say which one it is."""


@dataclass(frozen=True, slots=True)
class Target:
    """A scrape target as Prometheus lists it; intervals in seconds. One not scraped yet is neither healthy nor down."""

    labels: Labels
    discovered: Mapping[str, str]
    pool: str
    url: str
    healthy: bool
    down: bool
    error: str
    last_scrape: float
    interval: float
    timeout: float

    @property
    def name(self) -> str:
        """What people call it: job and instance."""
        own = dict(self.labels)
        return target_name(own)


TARGET_LABELS = ("cluster", "instance", "job", "pod")
"""The labels that tell scrape targets apart.

Not every label that is not the Rollout's: relabelling may add one for each Rollout.
"""


def target_of(own: Mapping[str, str]) -> Labels:
    """Those labels of a series or of a target that tell targets apart."""
    return labels({name: own[name] for name in TARGET_LABELS if name in own})


def target_name(own: Mapping[str, str]) -> str:
    """Job and instance of a target's labels, as findings name it."""
    return f"{own.get('job', '?')} {own.get('instance', '?')}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of an instant query."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class RolloutSeries:
    """What one target said of one Rollout at its newest scrape.

    ``infos`` holds (strategy, phase) of each ``rollout_info`` series, one unless something is broken;
    ``gauges`` the four replica gauges by family, absent where the target has no such series.
    """

    infos: tuple[tuple[str, str], ...]
    gauges: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Scrape:
    """The newest scrape of one emitting target, taken at ``at``.

    ``renamed`` says that the Rollout's namespace stands in ``exported_namespace``; ``namespace_label`` is then what
    the label ``namespace`` holds. ``unreadable`` names Rollouts with a value that is no finite number.
    """

    target: Labels
    at: float
    series: Mapping[Key, RolloutSeries]
    renamed: bool = False
    namespace_label: str = ""
    families: frozenset[str] = frozenset()
    unreadable: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Bracket:
    """One comparison's facts: the API before, one new scrape of each emitting target, the versions after.

    ``after`` maps a Rollout to its resourceVersion. ``namespaces`` are those that could be listed, both times;
    ``None`` is all of them. ``stale`` are controllers' targets that gave no new scrape, so that what they alone expose
    was not seen.
    """

    before: Mapping[Key, Rollout]
    after: Mapping[Key, str]
    namespaces: frozenset[str] | None
    scrapes: tuple[Scrape, ...]
    stale: tuple[Labels, ...] = ()

    def covers(self, key: Key) -> bool:
        """Whether the API was asked for this Rollout's namespace and answered."""
        return self.namespaces is None or key[0] in self.namespaces

    def still(self, key: Key) -> bool:
        """Whether the Rollout was there and did not change while Prometheus was read."""
        return key in self.before and self.after.get(key) == self.before[key].resource_version


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A source that could not be looked at, and why. ``source`` is a key of ``analyse.gaps.NEEDED_BY``."""

    source: str
    reason: Message
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run asked of a source: requests, samples that Prometheus had to read, bytes of answers."""

    requests: int = 0
    samples: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class NotificationCounts:
    """What Prometheus counts of its own notifications. ``started`` tells one process from another."""

    started: float
    alertmanagers: float
    dropped: float
    errors: float


@dataclass(frozen=True, slots=True)
class FleetObservation:
    """All that the monthly audit observed of the Rollouts and of the way that their metrics take.

    ``targets`` are the controllers' targets, ``None`` where Prometheus does not list any; of these, ``down`` were down
    at the beginning and at the end, ``still`` were not scraped in between. ``controllers`` maps the targets that had a
    controller's metrics within the last hour to the controller's version. ``silent`` says that the API has Rollouts and
    nobody emitted one for as long as a change of leader may take. ``notified`` is of the beginning.
    """

    brackets: tuple[Bracket, ...] = ()
    targets: tuple[Target, ...] | None = None
    down: frozenset[Labels] = frozenset()
    still: frozenset[Labels] = frozenset()
    controllers: Mapping[Labels, str] = field(default_factory=dict)
    silent: bool = False
    notified: NotificationCounts | None = None
    unavailable: tuple[Unavailable, ...] = ()
