"""Reads what the pipeline checks judge: Kubernetes, Prometheus' own state and configuration, Alertmanager's routes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from maintainer.clients.cluster import Cluster
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy import promql
from maintainer.collect.accuracy.rollouts import Observer
from maintainer.collect.pipeline.alertmanager import alertmanager
from maintainer.collect.pipeline.cluster_state import controller_state, mounted_rules, prometheus_pods
from maintainer.collect.pipeline.configs import prometheus_config
from maintainer.collect.pipeline.counts import notification_counts, reconcile_counts
from maintainer.collect.pipeline.operator_objects import operator_objects
from maintainer.collect.pipeline.rbac import permissions
from maintainer.collect.sources import SourceReader, attempt
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import FleetObservation, Labels, target_of
from maintainer.model.pipeline import ControllerState, PipelineFacts, Pod, PrometheusConfig


def pipeline_facts(
    observer: Observer, first: ControllerState, *, observation: FleetObservation, alertmanager_url: str
) -> PipelineFacts:
    """The state of the pipeline at the end of a run.

    ``first`` is the controller's state at the beginning of the run. ``alertmanager_url`` "" is an Alertmanager that
    Prometheus names. Raises nothing: what could not be read is in ``unavailable``.
    """
    last = controller_state(observer.sources, observer.scope)
    facts = PipelineFacts(first, last, unavailable=tuple(dict.fromkeys((*first.unavailable, *last.unavailable))))
    cluster, prometheus = observer.sources.cluster, observer.sources.prometheus
    if cluster:
        read = SourceReader()
        facts = replace(facts, operated=operator_objects(read, cluster))
        facts = replace(facts, unavailable=facts.unavailable + read.unavailable)
    if prometheus is None:
        return facts
    pods: tuple[Pod, ...] = ()
    if cluster:
        running, why = attempt("prometheus-pods", partial(prometheus_pods, cluster, prometheus.url))
        pods, facts = running or (), replace(facts, unavailable=facts.unavailable + why)
    namespace = pods[0].namespace if pods else ""
    facts = _with_prometheus_state(observer, prometheus, observation=observation, facts=facts, namespace=namespace)
    facts = _with_routes(observer, facts, url=alertmanager_url)
    return (
        _with_cluster_objects(observer, cluster, observation=observation, facts=facts, pods=pods)
        if cluster and pods
        else facts
    )


def _with_prometheus_state(
    observer: Observer, prometheus: Prometheus, *, observation: FleetObservation, facts: PipelineFacts, namespace: str
) -> PipelineFacts:
    """With what Prometheus tells about itself and the controller. ``namespace`` is Prometheus' own, "" if unknown."""
    read, pods = SourceReader(), facts.last.pods
    counts = read("notifications", partial(notification_counts, prometheus)) if observation.notified else None
    return replace(
        facts,
        notified=(observation.notified, counts) if observation.notified and counts else None,
        versions=read("versions", partial(_versions, observer, prometheus)) or {},
        config=read("config", partial(_config, prometheus, namespace)),
        reloaded=read("runtimeinfo", partial(_reloaded, prometheus)),
        alertmanagers=read("alertmanagers", prometheus.alertmanagers),
        reconciles=read("reconciles", partial(reconcile_counts, prometheus, observer.scope, pods=pods))
        if pods is not None
        else None,
        unavailable=facts.unavailable + read.unavailable,
    )


def _versions(observer: Observer, prometheus: Prometheus) -> Mapping[Labels, str]:
    """The controller's version by target, without targets that expose two versions."""
    versions: dict[Labels, set[str]] = {}
    for sample in prometheus.vector(promql.selector(promql.CONTROLLER_INFO, observer.scope)):
        versions.setdefault(target_of(sample.labels), set()).add(sample.labels.get("version", ""))
    return {target: min(exposed) for target, exposed in versions.items() if len(exposed) == 1}


def _config(prometheus: Prometheus, namespace: str) -> PrometheusConfig:
    return prometheus_config(str(prometheus.status("config").get("yaml")), prometheus.url, own_namespace=namespace)


def _reloaded(prometheus: Prometheus) -> bool:
    """Whether Prometheus could load its configuration the last time that it read the file."""
    value = prometheus.status("runtimeinfo").get("reloadConfigSuccess")
    if not isinstance(value, bool):
        raise SourceUnavailable("prometheus-no-reload", permanent=True, url=prometheus.url)
    return value


def _with_routes(observer: Observer, facts: PipelineFacts, *, url: str) -> PipelineFacts:
    """With Alertmanager's routes, unless Prometheus sends alerts to no Alertmanager."""
    if not url and not facts.alertmanagers:
        return facts
    config, why = attempt(
        "alertmanager", partial(alertmanager, observer.sources, url, active=facts.alertmanagers or ())
    )
    return replace(facts, alertmanager=config, unavailable=facts.unavailable + why)


def _with_cluster_objects(
    observer: Observer, cluster: Cluster, *, observation: FleetObservation, facts: PipelineFacts, pods: Sequence[Pod]
) -> PipelineFacts:
    """With the permissions of Prometheus' pods and the rules that the cluster stores for them."""
    read = SourceReader()
    if config := facts.config:
        targets, namespace = observation.targets or (), observer.scope.controller_namespace
        review = partial(permissions, cluster, config, targets=targets, pods=pods, namespace=namespace)
        facts = replace(facts, rights=read("reviews", review))
    stored = (*mounted_rules(read, cluster, pods=pods), *facts.operated.rules)
    return replace(facts, stored=stored, unavailable=facts.unavailable + read.unavailable)
