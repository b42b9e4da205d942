"""Follows the way of the metrics to its end: each source on its own, so that one refusal leaves the others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy import promql
from maintainer.collect.accuracy.rollouts import Observer
from maintainer.collect.pipeline.alertmanager import alertmanager
from maintainer.collect.pipeline.cluster_state import controller_state, prometheus_pods, stored_rules
from maintainer.collect.pipeline.configs import prometheus_config
from maintainer.collect.pipeline.counts import notification_counts, reconcile_counts
from maintainer.collect.pipeline.rbac import permissions
from maintainer.collect.sources import SourceReader, attempt
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import FleetObservation, Labels, target_of
from maintainer.model.pipeline import ControllerState, PipelineFacts, Pod, PrometheusConfig


def pipeline_facts(
    observer: Observer, first: ControllerState, observation: FleetObservation, *, alertmanager_url: str
) -> PipelineFacts:
    """The whole way at the end of a run; ``first`` is what was around the controller at its beginning.

    Nothing is raised: what could not be looked at is in ``unavailable``.
    """
    last = controller_state(observer.sources, observer.scope)
    facts = PipelineFacts(first, last, unavailable=tuple(dict.fromkeys((*first.unavailable, *last.unavailable))))
    cluster, prometheus = observer.sources.cluster, observer.sources.prometheus
    pods: tuple[Pod, ...] | None = None
    if cluster and prometheus:
        pods, why = attempt("prometheus-pods", partial(prometheus_pods, cluster, prometheus.url))
        facts = replace(facts, unavailable=facts.unavailable + why)
    if prometheus:
        facts = _of_prometheus(
            observer, prometheus, observation, facts=facts, namespace=pods[0].namespace if pods else ""
        )
        facts = _with_routes(observer, facts, alertmanager_url)
    return _of_pods(observer, pods, observation, facts=facts) if pods else facts


def _of_prometheus(
    observer: Observer, prometheus: Prometheus, observation: FleetObservation, *, facts: PipelineFacts, namespace: str
) -> PipelineFacts:
    """What Prometheus says of itself and of the controller; ``namespace`` is its own, "" if that is not known."""
    ask, pods = SourceReader(), facts.last.pods
    counted = ask("notifications", partial(notification_counts, prometheus)) if observation.notified else None
    return replace(
        facts,
        notified=(observation.notified, counted) if observation.notified and counted else None,
        versions=ask("versions", partial(_versions, observer, prometheus)) or {},
        config=ask("config", partial(_config, prometheus, namespace)),
        reloaded=ask("runtimeinfo", partial(_reloaded, prometheus)),
        alertmanagers=ask("alertmanagers", prometheus.alertmanagers),
        reconciles=ask("reconciles", partial(reconcile_counts, prometheus, observer.scope, pods))
        if pods is not None
        else None,
        unavailable=facts.unavailable + ask.unavailable,
    )


def _versions(observer: Observer, prometheus: Prometheus) -> Mapping[Labels, str]:
    """The version that each target tells now; one that tells two tells none."""
    told: dict[Labels, set[str]] = {}
    for sample in prometheus.vector(promql.selector(promql.CONTROLLER_INFO, observer.scope)):
        told.setdefault(target_of(sample.labels), set()).add(sample.labels.get("version", ""))
    return {target: min(versions) for target, versions in told.items() if len(versions) == 1}


def _config(prometheus: Prometheus, namespace: str) -> PrometheusConfig:
    return prometheus_config(str(prometheus.status("config").get("yaml")), prometheus.url, own_namespace=namespace)


def _reloaded(prometheus: Prometheus) -> bool:
    value = prometheus.status("runtimeinfo").get("reloadConfigSuccess")
    if not isinstance(value, bool):
        raise SourceUnavailable("prometheus-no-reload", permanent=True, url=prometheus.url)
    return value


def _with_routes(observer: Observer, facts: PipelineFacts, url: str) -> PipelineFacts:
    """With Alertmanager's routes; where alerts are sent nowhere, there are none to follow."""
    if not url and not facts.alertmanagers:
        return facts
    found, why = attempt("alertmanager", partial(alertmanager, observer.sources, url, facts.alertmanagers or ()))
    return replace(facts, alertmanager=found, unavailable=facts.unavailable + why)


def _of_pods(
    observer: Observer, pods: Sequence[Pod], observation: FleetObservation, *, facts: PipelineFacts
) -> PipelineFacts:
    """What Prometheus' pods are allowed to do, and the rules that they mount."""
    ask, cluster = SourceReader(), observer.sources.cluster
    if cluster is None:
        return facts
    if config := facts.config:
        targets, namespace = observation.targets or (), observer.scope.controller_namespace
        look = partial(permissions, cluster, config, targets, pods=pods, namespace=namespace)
        facts = replace(facts, rights=ask("reviews", look))
    return replace(facts, stored=stored_rules(ask, cluster, pods), unavailable=facts.unavailable + ask.unavailable)
