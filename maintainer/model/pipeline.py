"""What was observed of the way that the metrics take, from the controller's Service to Alertmanager's receivers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from maintainer.model.facts import Key, Labels, NotificationCounts, Unavailable
from maintainer.model.queries import Query


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a Service; ``target`` is the number or the name of the pods' port that it leads to."""

    name: str
    number: int
    target: str


@dataclass(frozen=True, slots=True)
class Service:
    """A Service; one without a selector has its endpoints written by somebody else."""

    namespace: str
    name: str
    selector: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod. ``ports`` are name and number of its containers' ports, ``words`` their commands and arguments,
    ``config_maps`` the names of those that it mounts, ``account`` its ServiceAccount."""

    namespace: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    ports: tuple[tuple[str, int], ...] = ()
    images: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    config_maps: tuple[str, ...] = ()
    account: str = "default"
    ready: bool = True
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class ControllerState:
    """What Kubernetes has around the controller at one moment.

    ``service`` is ``None`` where there is none, ``ready`` counts the Service's ready endpoints, ``holder`` is the pod
    that holds the controller's ``lease`` ("" where there is no Lease). What could not be read is in ``unavailable``:
    ``pods`` and ``ready`` are ``None`` then. ``looked`` is false where there is no cluster to ask.
    """

    looked: bool = False
    service: Service | None = None
    pods: tuple[Pod, ...] | None = None
    ready: int | None = None
    lease: str = ""
    holder: str = ""
    unavailable: tuple[Unavailable, ...] = ()

    def saw(self, *sources: str) -> bool:
        """Whether each of these could be read."""
        return self.looked and not {one.source for one in self.unavailable} & set(sources)

    @property
    def selected(self) -> tuple[Pod, ...]:
        """The pods that the Service selects."""
        selector = self.service.selector.items() if self.service else ()
        return tuple(pod for pod in self.pods or () if selector and selector <= pod.labels.items())


@dataclass(frozen=True, slots=True)
class Discovery:
    """One ``kubernetes_sd_configs`` entry. ``namespaces`` () is all; ``foreign``: with credentials of its own."""

    job: str
    role: str
    namespaces: tuple[str, ...] = ()
    foreign: bool = False
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrometheusConfig:
    """What is read of Prometheus' loaded configuration. ``relabelled``: alerts' labels are changed on the way out."""

    jobs: tuple[str, ...] = ()
    discoveries: tuple[Discovery, ...] = ()
    external: Mapping[str, str] = field(default_factory=dict)
    relabelled: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """Something that may be done in a namespace, "" being all of them."""

    group: str
    resource: str
    namespace: str
    verb: str


@dataclass(frozen=True, slots=True)
class Permissions:
    """What discovery needs and whether ``account`` has it.

    ``foreign`` are jobs that ask with credentials of their own. ``rollouts`` says whether the account may list
    Rollouts, which discovery does not need; ``None`` where nobody asked.
    """

    account: Key | None = None
    granted: tuple[Permission, ...] = ()
    refused: tuple[Permission, ...] = ()
    foreign: tuple[str, ...] = ()
    rollouts: bool | None = None


@dataclass(frozen=True, slots=True)
class StoredRules:
    """The rules that an object of the cluster holds. ``changed`` is when it last did, ``None`` if that is not told."""

    kind: str
    namespace: str
    name: str
    queries: tuple[Query, ...]
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class RouteMatcher:
    """A matcher of an alert's label; ``op`` is one of ``= != =~ !~``."""

    label: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class Route:
    """A route of Alertmanager's tree. ``matchers`` is ``None`` where they could not be understood."""

    receiver: str
    matchers: tuple[RouteMatcher, ...] | None = ()
    goes_on: bool = False
    routes: tuple["Route", ...] = ()


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """An Alertmanager's configuration; ``silent`` are the receivers that have no integration."""

    url: str
    root: Route
    silent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ReconcileCounts:
    """Whose reconcile count stood still for ``window`` seconds until ``now``.

    ``resync`` is the controller's period, ``started`` when the process behind each target began, ``remembered`` the
    targets that had counts a window ago, ``still`` the Rollouts of each target whose count did not change since.
    """

    now: float
    window: float
    resync: float
    started: Mapping[Labels, float] = field(default_factory=dict)
    remembered: frozenset[Labels] = frozenset()
    still: Mapping[Labels, frozenset[Key]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """All that was observed of the metrics pipeline, from the controller to Alertmanager.

    ``first`` and ``last`` are the controller's state at the beginning and at the end of the run; ``notified`` holds
    Prometheus' counts of the same two moments. What could not be read is ``None`` and has its reason in
    ``unavailable``. ``versions`` maps a target to the version in its metrics; ``reconciles`` is also ``None`` where
    the controller's resync is switched off.
    """

    first: ControllerState = field(default_factory=ControllerState)
    last: ControllerState = field(default_factory=ControllerState)
    versions: Mapping[Labels, str] = field(default_factory=dict)
    config: PrometheusConfig | None = None
    reloaded: bool | None = None
    rights: Permissions | None = None
    stored: tuple[StoredRules, ...] = ()
    alertmanagers: tuple[str, ...] | None = None
    alertmanager: Alertmanager | None = None
    notified: tuple[NotificationCounts, NotificationCounts] | None = None
    reconciles: ReconcileCounts | None = None
    unavailable: tuple[Unavailable, ...] = ()
