"""What a run observed of Rollouts, targets and scrapes. Times are seconds since the epoch on Prometheus' clock."""

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
    """An entry of ``status.conditions``. Its status is left out: the metrics do not depend on it."""

    type: str
    reason: str


class Rollout(NamedTuple):
    """The fields of a Rollout that the controller's metrics are made of, with the API's defaults filled in.

    ``created`` is the creation timestamp as the API writes it, "" for none. A tuple, because a fleet has thousands and
    a frozen dataclass takes three times as long to make.
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
"""The fields of a Rollout that do not identify it: its state."""


@dataclass(frozen=True, slots=True)
class Target:
    """A scrape target as Prometheus lists it; intervals in seconds. ``down`` is not set before its first scrape."""

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
        """Job and instance."""
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
    """The job and instance in a target's labels, by which findings name it."""
    return f"{own.get('job', '?')} {own.get('instance', '?')}"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of an instant query."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class RolloutSeries:
    """A target's series of a Rollout at its newest scrape.

    ``infos`` has (strategy, phase) of each ``rollout_info`` series; more than one means that something is broken.
    ``gauges`` has the replica gauges by family, without those that the target does not expose.
    """

    infos: tuple[tuple[str, str], ...]
    gauges: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Scrape:
    """The newest scrape, at the time ``at``, of a target that emits Rollouts.

    ``renamed``: the Rollout's namespace is in the label ``exported_namespace``; ``namespace_label`` is then the value
    of the label ``namespace``. ``families`` are those that the target exposes of any Rollout. ``unreadable`` are the
    Rollouts with a value that is not a finite number.
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
    """A list of the API, then a new scrape of each emitting target, then a second list of the API.

    ``before`` is the first list; ``after`` has the resourceVersions of the second. ``namespaces`` are those that could
    be listed both times, ``None`` for all. ``stale`` are controllers' targets without a new scrape: what only they
    expose was not observed.
    """

    before: Mapping[Key, Rollout]
    after: Mapping[Key, str]
    namespaces: frozenset[str] | None
    scrapes: tuple[Scrape, ...]
    stale: tuple[Labels, ...] = ()

    def covers(self, key: Key) -> bool:
        """Whether the Rollout's namespace could be listed."""
        return self.namespaces is None or key[0] in self.namespaces

    def still(self, key: Key) -> bool:
        """Whether the Rollout was in both lists and did not change between them."""
        return key in self.before and self.after.get(key) == self.before[key].resource_version


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A source that could not be read, and why. ``source`` is a key of ``analyse.gaps.NEEDED_BY``."""

    source: str
    reason: Message
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run cost a source: requests, samples that Prometheus read, bytes of responses."""

    requests: int = 0
    samples: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class NotificationCounts:
    """Prometheus' metrics of its own notifications. ``started`` is the start time of its process."""

    started: float
    alertmanagers: float
    dropped: float
    errors: float


@dataclass(frozen=True, slots=True)
class FleetObservation:
    """What the monthly audit observed of the Rollouts and of the pipeline of their metrics.

    ``targets`` are the controllers' targets, ``None`` where Prometheus does not list any; of these, ``down`` were down
    at the beginning and at the end, ``still`` were not scraped in between. ``controllers`` are the targets that had a
    controller's metrics within the last hour, with the controller's version. ``silent``: the API has Rollouts, and no
    target emitted any for as long as a change of leader may take. ``notified`` is as of the beginning.
    """

    brackets: tuple[Bracket, ...] = ()
    targets: tuple[Target, ...] | None = None
    down: frozenset[Labels] = frozenset()
    still: frozenset[Labels] = frozenset()
    controllers: Mapping[Labels, str] = field(default_factory=dict)
    silent: bool = False
    notified: NotificationCounts | None = None
    unavailable: tuple[Unavailable, ...] = ()
