"""What is being watched: which Rollouts, which of Prometheus' series."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of the world that one controller and its metrics cover.

    ``namespaces`` () is all. ``matchers`` are PromQL label matchers such as ``cluster="a"`` for a Prometheus that
    holds several clusters.
    """

    namespaces: tuple[str, ...] = ()
    instance_id: str = ""
    controller_namespace: str = "argo-rollouts"
    service: str = "argo-rollouts-metrics"
    matchers: tuple[str, ...] = ()
