"""The objects of the Prometheus operator in few words: a monitor, rules and a Prometheus that fit together."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from maintainer.analyse.pipeline.pipeline import Pipeline
from maintainer.analyse.pipeline.selected import pipeline_selected, pipeline_selected_gaps
from maintainer.model.facts import FleetObservation
from maintainer.model.operator_objects import (
    LabelSelector,
    Monitor,
    MonitorEndpoint,
    PrometheusObject,
    Requirement,
    Selection,
)
from maintainer.model.pipeline import OperatorObjects, Port, Service, StoredRules
from maintainer.model.queries import LoadedRule
from maintainer.model.report import Finding, Gap
from tests.analyse.pipeline.builders import NAME, NOTHING_SCRAPED, facts, pipeline, rule, service

RELEASE = {"release": "kube-prometheus"}
METRICS = {"app.kubernetes.io/name": "argo-rollouts-metrics"}


def selector(labels: Mapping[str, str] | None = None, *requirements: Requirement) -> LabelSelector:
    """A selector of these labels, with more requirements."""
    own = (Requirement(key, "In", (value,)) for key, value in (labels or {}).items())
    return LabelSelector((*own, *requirements))


EVERYWHERE = LabelSelector()


def selection(objects: LabelSelector | None, namespaces: LabelSelector | None = EVERYWHERE) -> Selection:
    """A selection, from all namespaces if nothing else is said."""
    return Selection(objects, namespaces)


def prometheus(
    name: str = "k8s",
    *,
    kind: str = "Prometheus",
    selections: Mapping[str, Selection] | None = None,
    own_namespace_only: bool = False,
) -> PrometheusObject:
    """A Prometheus that selects by the label ``release`` from all namespaces, as that of kube-prometheus-stack does."""
    defaults = dict.fromkeys(("ServiceMonitor", "PodMonitor", "PrometheusRule"), selection(selector(RELEASE)))
    return PrometheusObject(
        kind, "monitoring", name, defaults if selections is None else selections, own_namespace_only
    )


def selecting(**kinds: Selection) -> PrometheusObject:
    """The same with other selections, such as ``ServiceMonitor=selection(None)``."""
    return prometheus(selections={**prometheus().selections, **kinds})


def monitor(**fields: Any) -> Monitor:
    """The ServiceMonitor of the chart argo-rollouts, labelled as the Prometheus wants it."""
    defaults: dict[str, Any] = {
        "kind": "ServiceMonitor",
        "namespace": "argo-rollouts",
        "name": "argo-rollouts",
        "labels": RELEASE,
        "selector": selector(METRICS),
        "endpoints": (MonitorEndpoint("metrics"),),
    }
    return Monitor(**{**defaults, **fields})


def pod_monitor(**fields: Any) -> Monitor:
    """The same as a PodMonitor."""
    return monitor(**{"kind": "PodMonitor", "selector": selector(NAME), **fields})


def rules(*found: LoadedRule, **fields: Any) -> StoredRules:
    """A PrometheusRule with one alert about Rollouts, labelled as the Prometheus wants it."""
    queries = tuple(loaded.query for loaded in found or (rule(),))
    defaults: dict[str, Any] = {"namespace": "argo-rollouts", "name": "rollouts", "labels": RELEASE}
    return StoredRules(kind="PrometheusRule", queries=queries, **{**defaults, **fields})


def metrics_service(*ports: Port, **fields: Any) -> Service:
    """The controller's Service, with labels."""
    return service(*ports, **{"labels": METRICS, **fields})


def world(
    *monitors: Monitor,
    seen: FleetObservation | None = None,
    own: Mapping[str, Any] | None = None,
    loaded: tuple[LoadedRule, ...] | None = (),
    **operated: Any,
) -> Pipeline:
    """A cluster with these monitors in which no metrics arrive and no rule is loaded; ``own`` are other facts."""
    defaults: dict[str, Any] = {
        "monitors": monitors,
        "prometheuses": (prometheus(),),
        "services": (metrics_service(),),
        "namespaces": {"argo-rollouts": {"team": "delivery"}, "monitoring": {}},
    }
    found = OperatorObjects(**{**defaults, **operated})
    return pipeline(facts(operated=found, stored=found.rules, **(own or {})), seen or NOTHING_SCRAPED, rules=loaded)


def found(pipeline_: Pipeline) -> tuple[Finding, ...]:
    """What the check finds."""
    return tuple(pipeline_selected(pipeline_))


def gaps(pipeline_: Pipeline) -> tuple[Gap, ...]:
    """What the check cannot judge."""
    return tuple(pipeline_selected_gaps(pipeline_))


def unavailable(pipeline_: Pipeline, *reasons: Any) -> Pipeline:
    """The same with facts that could not be read."""
    return replace(pipeline_, facts=replace(pipeline_.facts, unavailable=reasons))
