"""Facts about Rollouts, targets and scrapes. Times are seconds since the epoch on Prometheus' clock."""

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
    """An entry of ``status.conditions``. Its status is left out: the controller's metrics do not depend on it."""

    type: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pending:
    """What was asked of a Rollout and does not show in its status yet.

    ``request`` is "spec" for a change of the spec (``generation`` is newer than ``observed``), or "abort", "retry" or
    "promotion" for a request in the status. ``since`` is the time of that write and ``writer`` its field manager,
    ``touched`` the time of the last write to the object: seconds since the epoch by the API server's clock, 0 if
    ``managedFields`` does not tell.
    """

    request: str
    generation: int
    observed: str
    since: float = 0.0
    writer: str = ""
    touched: float = 0.0


class Rollout(NamedTuple):
    """The fields of a Rollout that the controller's metrics depend on, with the API's defaults.

    ``created`` is ``metadata.creationTimestamp`` in seconds since the epoch, 0 if there is none. ``reconciled``: the
    controller has observed the newest spec. A named tuple, because a frozen dataclass of as many fields takes three
    times as long to create.
    """

    namespace: str
    name: str
    resource_version: str
    instance_id: str = ""
    created: float = 0.0
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
    pending: Pending | None = None

    @property
    def key(self) -> Key:
        """Namespace and name."""
        return self.namespace, self.name


COMPARED = slice(Rollout._fields.index("strategy"), None)
"""The fields of a Rollout that are compared; those before identify it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A scrape target as Prometheus lists it.

    ``labels`` are those after relabelling, ``discovered`` those before. ``interval`` and ``timeout`` are in seconds.
    Before its first scrape a target is neither ``healthy`` nor ``down``.
    """

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
        return target_name(dict(self.labels))


TARGET_LABELS = ("cluster", "instance", "job", "pod")
"""The labels that identify a scrape target.

Other labels do not: relabelling can give each Rollout's series different ones.
"""


def target_of(own: Mapping[str, str]) -> Labels:
    """The :data:`TARGET_LABELS` of a series or of a target."""
    return labels({name: own[name] for name in TARGET_LABELS if name in own})


def target_name(own: Mapping[str, str]) -> str:
    """The name of a target in findings: job and instance of its labels."""
    return f"{own.get('job', '?')} {own.get('instance', '?')}"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of an instant query."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class RolloutSeries:
    """The series of a Rollout in a scrape.

    ``infos`` are strategy and phase of each ``rollout_info`` series; more than a single pair is a fault. ``gauges`` are
    the values of the replica gauges by family, without the families that the target does not have for this Rollout.
    """

    infos: tuple[tuple[str, str], ...]
    gauges: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Scrape:
    """The newest scrape of an emitting target, taken at the time ``at``.

    ``namespace_label`` is the name of the label that holds the Rollout's namespace. If that is not ``namespace``,
    ``controller_namespace`` is what ``namespace`` holds instead, "" if the series do not have it. ``copies`` are other
    labels that hold the Rollout's namespace too. ``families`` are the replica gauges that the target has of any
    Rollout. ``unreadable`` are Rollouts with a value that is no finite number.
    """

    target: Labels
    at: float
    series: Mapping[Key, RolloutSeries]
    namespace_label: str = "namespace"
    controller_namespace: str = ""
    copies: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    unreadable: frozenset[Key] = frozenset()

    @property
    def renamed(self) -> bool:
        """Whether the Rollout's namespace is not in the label ``namespace``."""
        return self.namespace_label != "namespace"


@dataclass(frozen=True, slots=True)
class Bracket:
    """A list of the API, a new scrape of each emitting target after it, and a second list of versions only.

    ``after`` maps a Rollout to its resourceVersion. ``namespaces`` are those that both lists could read; ``None`` is
    all. ``stale`` are targets of controllers that gave no new scrape, so that Rollouts which only they expose are
    not in ``scrapes``. ``at`` is Prometheus' time after the first list.
    """

    before: Mapping[Key, Rollout]
    after: Mapping[Key, str]
    namespaces: frozenset[str] | None
    scrapes: tuple[Scrape, ...]
    stale: tuple[Labels, ...] = ()
    at: float = 0.0

    def covers(self, key: Key) -> bool:
        """Whether both lists could read this Rollout's namespace."""
        return self.namespaces is None or key[0] in self.namespaces

    def still(self, key: Key) -> bool:
        """Whether both lists have the Rollout with the same resourceVersion."""
        return key in self.before and self.after.get(key) == self.before[key].resource_version


@dataclass(frozen=True, slots=True)
class ScrapedTimes:
    """When a controller was scraped: at ``times`` there was a scrape within the ``width`` seconds before.

    They are those of the times from ``start`` to ``end`` in ``step`` seconds. ``now``: it is scraped at ``end``.
    """

    start: int
    end: int
    step: int
    width: int
    times: frozenset[int]
    now: bool


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A fact, or all facts of a source, that could not be read, and why.

    ``source`` is a key or a value of ``analyse.checks.READ_FROM``. ``permanent``: it will fail again until something is
    changed, such as a permission.
    """

    source: str
    reason: Message
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run cost a source: requests, samples that Prometheus had to read, bytes of answers."""

    requests: int = 0
    samples: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class NotificationCounts:
    """Prometheus' metrics about its notifications.

    ``started`` is the start time of its process; ``dropped`` and ``errors`` are counters, ``alertmanagers`` a gauge.
    """

    started: float
    alertmanagers: float
    dropped: float
    errors: float


@dataclass(frozen=True, slots=True)
class FleetObservation:
    """What the monthly audit observed of the Rollouts and of their metrics.

    ``targets`` are the controllers' targets, ``None`` if Prometheus' list of targets is not available; of these,
    ``down`` were down at the beginning and at the end, ``still`` were not scraped in between. ``controllers`` maps each
    target that had a controller's metrics within the last hour to the controller's version. ``silent``: the API has
    Rollouts, and no target emitted any for as long as a change of leader may take. ``others`` are targets that only
    emit Rollouts of controllers with other instance ids; nothing of them is in the brackets. ``notified`` are the
    counts at the beginning.
    """

    brackets: tuple[Bracket, ...] = ()
    targets: tuple[Target, ...] | None = None
    down: frozenset[Labels] = frozenset()
    still: frozenset[Labels] = frozenset()
    controllers: Mapping[Labels, str] = field(default_factory=dict)
    silent: bool = False
    others: frozenset[Labels] = frozenset()
    notified: NotificationCounts | None = None
    unavailable: tuple[Unavailable, ...] = ()
