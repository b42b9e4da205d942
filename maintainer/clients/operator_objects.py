"""The objects of the Prometheus operator, as typed structs and as facts.

A kind that the API server does not know has no objects. All functions raise :class:`SourceUnavailable`, as
:class:`Cluster` does.
"""

from typing import Any, TypeVar

import msgspec

from maintainer.clients.cluster import Cluster
from maintainer.clients.objects import ContentMeta, ListMeta
from maintainer.errors import SourceUnavailable
from maintainer.model.operator_objects import (
    LabelSelector,
    Monitor,
    MonitorEndpoint,
    PrometheusObject,
    Requirement,
    Selection,
)

T = TypeVar("T")

_GROUP = "monitoring.coreos.com"
_PROMETHEUSES = {
    "Prometheus": ("v1", "prometheuses"),
    "PrometheusAgent": ("v1alpha1", "prometheusagents"),
    "ThanosRuler": ("v1", "thanosrulers"),
}
"""Version and plural name of each kind that selects monitors or rules."""


class _Meta(msgspec.Struct, gc=False):
    name: str
    namespace: str = ""
    labels: dict[str, str] | None = None


class _Expression(msgspec.Struct, gc=False):
    key: str
    operator: str
    values: list[str] | None = None


class _Selector(msgspec.Struct, rename="camel", gc=False):
    match_labels: dict[str, str] | None = None
    match_expressions: list[_Expression] | None = None


class _Namespaces(msgspec.Struct, rename="camel", gc=False):
    any: bool = False
    match_names: list[str] | None = None


class _Relabeling(msgspec.Struct, rename="camel", gc=False):
    target_label: str = ""


class _Endpoint(msgspec.Struct, rename="camel", gc=False):
    port: str | None = None
    port_number: int | None = None
    target_port: int | str | None = None
    path: str | None = None
    relabelings: list[_Relabeling] | None = None


class _MonitorSpec(msgspec.Struct, rename="camel", gc=False):
    selector: _Selector = msgspec.field(default_factory=_Selector)
    namespace_selector: _Namespaces | None = None
    endpoints: list[_Endpoint] | None = None
    pod_metrics_endpoints: list[_Endpoint] | None = None


class _MonitorStruct(msgspec.Struct, gc=False):
    metadata: _Meta
    spec: _MonitorSpec


class _MonitorPage(msgspec.Struct, gc=False):
    metadata: ListMeta
    items: list[_MonitorStruct]


class _PrometheusSpec(msgspec.Struct, rename="camel", gc=False):
    service_monitor_selector: _Selector | None = None
    service_monitor_namespace_selector: _Selector | None = None
    pod_monitor_selector: _Selector | None = None
    pod_monitor_namespace_selector: _Selector | None = None
    rule_selector: _Selector | None = None
    rule_namespace_selector: _Selector | None = None
    ignore_namespace_selectors: bool = False


class _PrometheusStruct(msgspec.Struct, gc=False):
    metadata: _Meta
    spec: _PrometheusSpec = msgspec.field(default_factory=_PrometheusSpec)


class _PrometheusPage(msgspec.Struct, gc=False):
    metadata: ListMeta
    items: list[_PrometheusStruct]


class PrometheusRuleStruct(msgspec.Struct, gc=False):
    """A PrometheusRule."""

    metadata: ContentMeta
    spec: dict[str, Any] = {}


class _PrometheusRulePage(msgspec.Struct, gc=False):
    metadata: ListMeta
    items: list[PrometheusRuleStruct]


def service_monitors(cluster: Cluster) -> tuple[Monitor, ...]:
    """All ServiceMonitors of the cluster."""
    pages = _pages(cluster, ("v1", "servicemonitors"), type_=_MonitorPage)
    return tuple(_monitor("ServiceMonitor", struct) for page in pages for struct in page.items)


def pod_monitors(cluster: Cluster) -> tuple[Monitor, ...]:
    """All PodMonitors of the cluster."""
    pages = _pages(cluster, ("v1", "podmonitors"), type_=_MonitorPage)
    return tuple(_monitor("PodMonitor", struct) for page in pages for struct in page.items)


def prometheus_rules(cluster: Cluster) -> tuple[PrometheusRuleStruct, ...]:
    """All PrometheusRules of the cluster."""
    pages = _pages(cluster, ("v1", "prometheusrules"), type_=_PrometheusRulePage)
    return tuple(struct for page in pages for struct in page.items)


def prometheuses(cluster: Cluster) -> tuple[PrometheusObject, ...]:
    """All objects of the cluster that select monitors or rules."""
    return tuple(
        _prometheus(kind, struct)
        for kind, resource in _PROMETHEUSES.items()
        for page in _pages(cluster, resource, type_=_PrometheusPage)
        for struct in page.items
    )


def _pages(cluster: Cluster, resource: tuple[str, str], *, type_: type[T]) -> tuple[T, ...]:
    version, plural = resource
    try:
        return cluster.pages((f"{_GROUP}/{version}", plural), "", type_=type_)
    except SourceUnavailable as error:
        if error.reason == "cluster-no-resource":
            return ()
        raise


def _monitor(kind: str, struct: _MonitorStruct) -> Monitor:
    meta, spec = struct.metadata, struct.spec
    looked_in = spec.namespace_selector or _Namespaces()
    endpoints = spec.endpoints if kind == "ServiceMonitor" else spec.pod_metrics_endpoints
    return Monitor(
        kind=kind,
        namespace=meta.namespace,
        name=meta.name,
        labels=meta.labels or {},
        selector=_selector(spec.selector) or LabelSelector(),
        namespaces=None if looked_in.any else tuple(looked_in.match_names or ()),
        endpoints=tuple(map(_endpoint, endpoints or ())),
    )


def _endpoint(struct: _Endpoint) -> MonitorEndpoint:
    """An endpoint; as for the operator, ``port`` wins over a number, and a number over ``targetPort``."""
    relabelled = any(relabeling.target_label == "__metrics_path__" for relabeling in struct.relabelings or ())
    target = "" if struct.port else str(struct.port_number or struct.target_port or "")
    return MonitorEndpoint(struct.port or "", target, None if relabelled else struct.path or "/metrics")


def _prometheus(kind: str, struct: _PrometheusStruct) -> PrometheusObject:
    meta, spec = struct.metadata, struct.spec
    monitors = {
        "ServiceMonitor": _selection(spec.service_monitor_selector, spec.service_monitor_namespace_selector),
        "PodMonitor": _selection(spec.pod_monitor_selector, spec.pod_monitor_namespace_selector),
    }
    rules = {"PrometheusRule": _selection(spec.rule_selector, spec.rule_namespace_selector)}
    selections = {"Prometheus": monitors | rules, "PrometheusAgent": monitors, "ThanosRuler": rules}
    return PrometheusObject(kind, meta.namespace, meta.name, selections[kind], spec.ignore_namespace_selectors)


def _selection(objects: _Selector | None, namespaces: _Selector | None) -> Selection:
    return Selection(_selector(objects), _selector(namespaces))


def _selector(struct: _Selector | None) -> LabelSelector | None:
    if struct is None:
        return None
    labels = (Requirement(key, "In", (value,)) for key, value in (struct.match_labels or {}).items())
    expressions = (
        Requirement(expression.key, expression.operator, tuple(expression.values or ()))
        for expression in struct.match_expressions or ()
    )
    return LabelSelector((*labels, *expressions))
