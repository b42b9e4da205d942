"""Facts about the metrics pipeline, from the controller's Service to Alertmanager's receivers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from maintainer.model.counts import PendingReconciles, ReconcileCounts, ScrapedSamples
from maintainer.model.facts import Key, Labels, NotificationCounts, Target, Unavailable
from maintainer.model.operator_objects import Monitor, PrometheusObject
from maintainer.model.queries import Query

NAME_LABEL, CONTROLLER = "app.kubernetes.io/name", "argo-rollouts"
"""The label and its value that Argo Rollouts' manifests and charts give to the controller's pods."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a Service; ``target`` is its ``targetPort``, the number or the name of a port of the pods."""

    name: str
    number: int
    target: str


@dataclass(frozen=True, slots=True)
class Service:
    """A Service; Kubernetes does not manage the endpoints of a Service without a selector."""

    namespace: str
    name: str
    selector: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod.

    ``ports`` are name and number of its containers' ports, ``words`` their commands and arguments. ``config_maps`` are
    the names of the ConfigMaps that it mounts, ``claims`` of the PersistentVolumeClaims, ``account`` is its
    ServiceAccount. ``started`` are the times at which its containers started (epoch seconds). ``why_not`` is the reason
    why it is not ``ready``.
    """

    namespace: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    ports: tuple[tuple[str, int], ...] = ()
    images: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    config_maps: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    account: str = "default"
    started: tuple[float, ...] = ()
    ready: bool = True
    why_not: str = ""

    @property
    def controls(self) -> bool:
        """Whether it is a pod of a controller, by the usual label or by the usual name of the image."""
        images = (image.rpartition("/")[2].partition("@")[0].partition(":")[0] for image in self.images)
        return self.labels.get(NAME_LABEL) == CONTROLLER or CONTROLLER in images

    @property
    def instance_id(self) -> str:
        """The value of ``--instance-id``, written as ``--instance-id=ID`` or as ``--instance-id ID``."""
        for word, following in pairwise((*self.words, "")):
            name, joined, value = word.partition("=")
            if name in {"-instance-id", "--instance-id"}:
                return value if joined else following
        return ""

    @property
    def namespaced(self) -> bool:
        """Whether it watches its own namespace only."""
        return bool({"--namespaced", "--namespaced=true"} & set(self.words))


@dataclass(frozen=True, slots=True)
class ControllerState:
    """The controller's objects in Kubernetes at a moment of the run.

    ``service`` is ``None`` if it does not exist, ``ready`` counts its ready endpoints, ``holder`` is the pod that holds
    the controller's ``lease``; both are "" if there is no Lease. What could not be read is in ``unavailable``; ``pods``
    and ``ready`` are then ``None``. ``looked`` is false if the run has no cluster.
    """

    looked: bool = False
    service: Service | None = None
    pods: tuple[Pod, ...] | None = None
    ready: int | None = None
    lease: str = ""
    holder: str = ""
    unavailable: tuple[Unavailable, ...] = ()

    def saw(self, *sources: str) -> bool:
        """Whether all of these sources could be read."""
        return self.looked and not {fact.source for fact in self.unavailable} & set(sources)

    @property
    def absent(self) -> bool:
        """Whether all could be read, and there is no Service, no pod and no Lease of a controller."""
        known = self.saw("services", "pods", "leases")
        return known and not (self.service or self.holder or any(pod.controls for pod in self.pods or ()))

    def only_others(self, instance_id: str) -> bool:
        """Whether there are pods of controllers, and each has another instance id than this among its arguments."""
        controllers = [pod for pod in self.pods or () if pod.controls]
        return bool(controllers) and all(pod.instance_id not in {"", instance_id} for pod in controllers)

    def namespaced(self, instance_id: str) -> bool:
        """Whether all pods of the controller with this instance id watch their own namespace only."""
        own = [pod for pod in self.pods or () if pod.controls and pod.instance_id == instance_id]
        return bool(own) and all(pod.namespaced for pod in own)

    @property
    def selected(self) -> tuple[Pod, ...]:
        """The pods that the Service selects."""
        selector = self.service.selector.items() if self.service else ()
        return tuple(pod for pod in self.pods or () if selector and selector <= pod.labels.items())


@dataclass(frozen=True, slots=True)
class FoundController:
    """A namespace with a controller, and by what it was found: "pods", "target", "lease"."""

    namespace: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Discovery:
    """An entry of ``kubernetes_sd_configs``.

    ``namespaces`` () are all. ``foreign``: it has an API server or credentials of its own. ``attached`` are the
    resources whose metadata it attaches (``attach_metadata``).
    """

    job: str
    role: str
    namespaces: tuple[str, ...] = ()
    foreign: bool = False
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredHistograms:
    """How Prometheus stores the classic histograms that targets expose.

    ``classic``: as series that end in ``_bucket``, ``_sum`` and ``_count``. ``native``: as one native histogram, whose
    name is that of the classic one.
    """

    classic: bool = True
    native: bool = False


@dataclass(frozen=True, slots=True)
class PrometheusConfig:
    """The part of Prometheus' loaded configuration that checks need.

    ``external`` are the ``external_labels``. ``relabelled``: there are ``alert_relabel_configs``. ``sample_limits`` are
    those of the scrape jobs that have one, and ``histograms`` is how each job stores classic ones. ``stores`` are the
    URLs that it writes to (``remote_write``).
    """

    jobs: tuple[str, ...] = ()
    discoveries: tuple[Discovery, ...] = ()
    external: Mapping[str, str] = field(default_factory=dict)
    relabelled: bool = False
    sample_limits: Mapping[str, int] = field(default_factory=dict)
    histograms: Mapping[str, StoredHistograms] = field(default_factory=dict)
    stores: tuple[str, ...] = ()

    def stored_histograms(self, targets: Iterable[Target]) -> StoredHistograms | None:
        """How the histograms of targets are stored by their jobs; ``None`` if a job is not in the configuration."""
        pools = {target.pool for target in targets}
        if not pools or not pools <= self.histograms.keys():
            return None
        stored = [self.histograms[pool] for pool in pools]
        return StoredHistograms(any(each.classic for each in stored), any(each.native for each in stored))


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """A verb on a resource in a namespace; "" is all namespaces."""

    group: str
    resource: str
    namespace: str
    verb: str


@dataclass(frozen=True, slots=True)
class Permissions:
    """The permissions that Prometheus' service discovery needs, and whether its ``account`` has them.

    ``account`` is namespace and name of the ServiceAccount, ``None`` if unknown. ``foreign`` are jobs with credentials
    of their own, which are not checked. ``rollouts``: whether the account may list Rollouts, which discovery does not
    need; ``None`` if that is unknown.
    """

    account: Key | None = None
    granted: tuple[Permission, ...] = ()
    refused: tuple[Permission, ...] = ()
    foreign: tuple[str, ...] = ()
    rollouts: bool | None = None


@dataclass(frozen=True, slots=True)
class StoredRules:
    """The rules in an object of the cluster. ``changed`` is the time of its last change, ``None`` if unknown."""

    kind: str
    namespace: str
    name: str
    queries: tuple[Query, ...]
    changed: datetime | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OperatorObjects:
    """The Prometheus operator's objects in the cluster, and what their selectors select from.

    ``namespaces`` maps a namespace to its labels. What was not needed, or could not be read, is ``None``.
    """

    monitors: tuple[Monitor, ...] = ()
    rules: tuple[StoredRules, ...] = ()
    prometheuses: tuple[PrometheusObject, ...] | None = None
    services: tuple[Service, ...] | None = None
    namespaces: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class RouteMatcher:
    """A matcher for a label of alerts; ``op`` is ``=``, ``!=``, ``=~`` or ``!~``."""

    label: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class Route:
    """A route of Alertmanager: ``goes_on`` is its ``continue``, ``matchers`` ``None`` if they cannot be parsed."""

    receiver: str
    matchers: tuple[RouteMatcher, ...] | None = ()
    goes_on: bool = False
    routes: tuple["Route", ...] = ()


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """The configuration of an Alertmanager; ``silent`` are the receivers without an integration."""

    url: str
    root: Route
    silent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """The facts about the metrics pipeline, from the controller to Alertmanager.

    ``first`` and ``last`` are the controller's state at the beginning and at the end of the run; ``notified`` are
    Prometheus' counts of notifications at the same two moments. What could not be read is ``None``, with its reason in
    ``unavailable``. ``versions`` maps a target to the version in its metrics. ``reloaded``: whether the last reload of
    Prometheus' configuration succeeded. ``alertmanagers`` are the URLs that Prometheus sends to. ``reconciles`` is also
    ``None`` if the controller's resync is switched off. ``pending`` is ``None`` if no Rollout waits for the controller.
    ``elsewhere`` are the other namespaces with a controller, which are looked for if the scope's has none.
    ``labels`` are the labels that the Rollouts' series have.
    ``ruler``: the settings name another server that evaluates the rules. ``samples`` are those of the controllers'
    targets. ``families`` are the metric names that these targets have, which are only read if no target emits Rollouts.
    """

    first: ControllerState = field(default_factory=ControllerState)
    last: ControllerState = field(default_factory=ControllerState)
    versions: Mapping[Labels, str] = field(default_factory=dict)
    config: PrometheusConfig | None = None
    reloaded: bool | None = None
    rights: Permissions | None = None
    stored: tuple[StoredRules, ...] = ()
    operated: OperatorObjects = field(default_factory=OperatorObjects)
    alertmanagers: tuple[str, ...] | None = None
    alertmanager: Alertmanager | None = None
    notified: tuple[NotificationCounts, NotificationCounts] | None = None
    reconciles: ReconcileCounts | None = None
    labels: frozenset[str] | None = None
    ruler: bool = False
    samples: Mapping[Labels, ScrapedSamples] = field(default_factory=dict)
    families: frozenset[str] | None = None
    pending: PendingReconciles | None = None
    elsewhere: tuple[FoundController, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
