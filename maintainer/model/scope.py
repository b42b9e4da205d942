"""Which Rollouts and which series in Prometheus are compared."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Scope:
    """The Rollouts of a single controller, and the series that are about them.

    ``namespaces`` () is all namespaces. ``instance_id`` is the controller's ``--instance-id``. ``service`` is its
    metrics Service in ``controller_namespace``. ``matchers`` are PromQL label matchers such as ``cluster="a"``, for a
    Prometheus with the series of several clusters. ``replica_labels`` tell replicas of Prometheus apart.
    """

    namespaces: tuple[str, ...] = ()
    instance_id: str = ""
    controller_namespace: str = "argo-rollouts"
    service: str = "argo-rollouts-metrics"
    matchers: tuple[str, ...] = ()
    replica_labels: tuple[str, ...] = ()

    def within_its_namespace(self) -> "Scope":
        """The scope of a controller that watches its own namespace only."""
        return replace(self, namespaces=self.namespaces or (self.controller_namespace,))
