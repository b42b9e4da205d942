"""The objects of the Prometheus operator, and the Services and namespaces that their selectors choose from."""

from collections.abc import Sequence
from functools import partial

from maintainer.clients import monitoring
from maintainer.clients import operator_objects as client
from maintainer.clients.cluster import Cluster
from maintainer.collect.pipeline.cluster_state import prometheus_rules
from maintainer.collect.sources import SourceReader
from maintainer.errors import SourceUnavailable
from maintainer.model.operator_objects import PrometheusObject
from maintainer.model.pipeline import OperatorObjects

MOST_PROMETHEUSES = 200
"""Each monitor and each rule is compared with each Prometheus."""


def operator_objects(read: SourceReader, cluster: Cluster) -> OperatorObjects:
    """All monitors and rules, and what is needed to say who selects them and what they select.

    Raises nothing: what cannot be read is in ``read.unavailable``.
    """
    service_monitors = read("servicemonitors", partial(client.service_monitors, cluster)) or ()
    pod_monitors = read("podmonitors", partial(client.pod_monitors, cluster)) or ()
    rules = prometheus_rules(read, cluster)
    monitors = (*service_monitors, *pod_monitors)
    if not monitors and not rules:
        return OperatorObjects()
    prometheuses = read("prometheuses", partial(_prometheuses, cluster))
    by_label = select_namespaces_by_label(prometheuses or ())
    return OperatorObjects(
        monitors=monitors,
        rules=rules,
        prometheuses=prometheuses,
        services=read("service-list", partial(monitoring.services, cluster)) if monitors else None,
        namespaces=read("namespace-labels", partial(monitoring.namespaces, cluster)) if by_label else None,
    )


def _prometheuses(cluster: Cluster) -> tuple[PrometheusObject, ...]:
    """All objects of a Prometheus. Raises :class:`SourceUnavailable` also if these are more than any cluster has."""
    found = client.prometheuses(cluster)
    if len(found) > MOST_PROMETHEUSES:
        raise SourceUnavailable("many-prometheuses", permanent=True, count=len(found), most=MOST_PROMETHEUSES)
    return found


def select_namespaces_by_label(prometheuses: Sequence[PrometheusObject]) -> bool:
    """Whether a selector of namespaces depends on their labels."""
    selections = (selection for prometheus in prometheuses for selection in prometheus.selections.values())
    return any(selection.namespaces and selection.namespaces.requirements for selection in selections)
