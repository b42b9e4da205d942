"""The objects of the Prometheus operator that say what Prometheus scrapes and which rules it loads."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement of a label selector; ``operator`` is ``In``, ``NotIn``, ``Exists`` or ``DoesNotExist``."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def met(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet it. As in Kubernetes, a label that is not there meets ``NotIn``."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case _:
                return self.key not in labels

    def __str__(self) -> str:
        """As ``kubectl -l`` writes it."""
        match self.operator:
            case "In" if len(self.values) == 1:
                return f"{self.key}={self.values[0]}"
            case "In" | "NotIn":
                return f"{self.key} {self.operator.lower()} ({','.join(self.values)})"
            case "Exists":
                return self.key
            case _:
                return f"!{self.key}"


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """A label selector; ``matchLabels`` are requirements too. Without requirements it selects everything."""

    requirements: tuple[Requirement, ...] = ()

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether labels meet every requirement."""
        return not self.unmet(labels)

    def unmet(self, labels: Mapping[str, str]) -> tuple[Requirement, ...]:
        """The requirements that labels do not meet."""
        return tuple(requirement for requirement in self.requirements if not requirement.met(labels))

    def __str__(self) -> str:
        """As ``kubectl -l`` writes it."""
        return ",".join(map(str, self.requirements)) or "(everything)"


@dataclass(frozen=True, slots=True)
class Selection:
    """How objects of a kind are selected: ``objects`` by their labels, ``None`` selects nothing; ``namespaces`` by
    theirs, ``None`` selects only the namespace of the object that selects."""

    objects: LabelSelector | None = None
    namespaces: LabelSelector | None = None


@dataclass(frozen=True, slots=True)
class PrometheusObject:
    """A Prometheus, PrometheusAgent or ThanosRuler. ``selections`` are by the kind of what is selected.

    ``own_namespace_only``: it ignores the ``namespaceSelector`` of monitors, each of which then finds targets in its
    own namespace only.
    """

    kind: str
    namespace: str
    name: str
    selections: Mapping[str, Selection] = field(default_factory=dict)
    own_namespace_only: bool = False


@dataclass(frozen=True, slots=True)
class MonitorEndpoint:
    """What a monitor scrapes of each Service or pod.

    ``port`` is the name of a port, ``target`` the name or the number of a container's port; "" for none. ``path`` is
    ``None`` where a relabelling sets it.
    """

    port: str = ""
    target: str = ""
    path: str | None = "/metrics"


@dataclass(frozen=True, slots=True)
class Monitor:
    """A ServiceMonitor or a PodMonitor. ``namespaces`` are those that it looks in, ``None`` for all of them."""

    kind: str
    namespace: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    selector: LabelSelector = LabelSelector()
    namespaces: tuple[str, ...] | None = ()
    endpoints: tuple[MonitorEndpoint, ...] = ()

    def looks_in(self, namespace: str) -> bool:
        """Whether it looks for Services or pods in a namespace."""
        return self.namespaces is None or namespace in (self.namespaces or (self.namespace,))
