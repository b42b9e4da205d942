"""Reads what the pipeline checks judge: Kubernetes, Prometheus' own state and configuration, Alertmanager's routes."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from functools import partial

from maintainer.clients.cluster import Cluster
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.accuracy import promql
from maintainer.collect.accuracy.rollouts import MAX_TARGETS, Observer
from maintainer.collect.pipeline.alertmanager import alertmanager
from maintainer.collect.pipeline.arriving import arriving_families, scraped_samples
from maintainer.collect.pipeline.cluster_state import (
    controller_state,
    controllers_elsewhere,
    mounted_rules,
    prometheus_pods,
    ruler_pods,
    same_id_elsewhere,
)
from maintainer.collect.pipeline.configs import prometheus_config
from maintainer.collect.pipeline.counts import STARTED, notification_counts, pending_reconciles, reconcile_counts
from maintainer.collect.pipeline.operator_objects import operator_objects
from maintainer.collect.pipeline.rbac import permissions
from maintainer.collect.sources import SourceReader, Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.contract import INFO
from maintainer.model.counts import NATIVE_RECONCILES, RECONCILES, PendingReconciles, ReconcileCounts
from maintainer.model.facts import FleetObservation, Key, Labels, Scrape, Target, Unavailable, target_of
from maintainer.model.pipeline import (
    ControllerState,
    FoundController,
    PipelineFacts,
    Pod,
    PrometheusConfig,
)
from maintainer.model.secret_text import bare_url


def pipeline_facts(
    observer: Observer, first: ControllerState, *, observation: FleetObservation, alertmanager_url: str
) -> PipelineFacts:
    """The state of the pipeline at the end of a run.

    ``first`` is the controller's state at the beginning of the run. ``alertmanager_url`` "" is an Alertmanager that
    Prometheus names. Raises nothing: what could not be read is in ``unavailable``.
    """
    last = controller_state(observer.sources, observer.scope)
    facts = PipelineFacts(
        first,
        last,
        ruler=observer.sources.ruler is not None,
        unavailable=tuple(dict.fromkeys((*first.unavailable, *last.unavailable))),
    )
    cluster, prometheus = observer.sources.cluster, observer.sources.prometheus
    if cluster:
        read = SourceReader(observer.sources.guard)
        facts = replace(facts, operated=operator_objects(read, cluster))
        facts = replace(facts, unavailable=facts.unavailable + read.unavailable)
    if cluster:
        facts = replace(facts, elsewhere=_elsewhere(observer, cluster, observation, facts=facts))
    if prometheus is None:
        return facts
    pods, pods_with_rules, why = _pods(observer.sources, prometheus, observation=observation)
    facts = replace(facts, unavailable=facts.unavailable + why)
    namespace = pods[0].namespace if pods else ""
    facts = _with_prometheus_state(observer, prometheus, observation=observation, facts=facts, namespace=namespace)
    facts = _with_routes(observer, facts, url=alertmanager_url)
    if cluster is None:
        return facts
    facts = _with_permissions(observer, cluster, observation=observation, facts=facts, pods=pods) if pods else facts
    return _with_stored_rules(observer, cluster, facts=facts, pods=pods_with_rules) if pods_with_rules else facts


def sampled_facts(observer: Observer, first: ControllerState, *, observation: FleetObservation) -> PipelineFacts:
    """The part of the state of the pipeline that a short look at the fleet needs; otherwise as ``pipeline_facts``."""
    sources, prometheus = observer.sources, observer.sources.prometheus
    last = controller_state(sources, observer.scope)
    facts = PipelineFacts(
        first,
        last,
        ruler=sources.ruler is not None,
        unavailable=tuple(dict.fromkeys((*first.unavailable, *last.unavailable))),
    )
    if sources.cluster:
        facts = replace(facts, elsewhere=_elsewhere(observer, sources.cluster, observation, facts=facts))
    if prometheus is None:
        return facts
    read, waiting = SourceReader(sources.guard), _waiting(observation)
    config = read("config", partial(_config, prometheus, prometheus, namespace="")) if waiting else None
    metric = _reconcile_metric(config, observation.targets or ())
    ask = partial(_pending, observer, prometheus, observation, keys=waiting, metric=metric)
    arrives = partial(arriving_families, prometheus, observer.scope, (observation.targets or ())[:MAX_TARGETS])
    return replace(
        facts,
        versions=read("versions", partial(_versions, observer, prometheus)) or {},
        families=read("families", arrives) if observation.silent else None,
        pending=read("pending-reconciles", ask) if waiting else None,
        unavailable=tuple(dict.fromkeys((*facts.unavailable, *read.unavailable))),
    )


def _waiting(observation: FleetObservation) -> Set[Key]:
    """The Rollouts on which the controller has not acted yet."""
    return {key for bracket in observation.brackets[-1:] for key, seen in bracket.before.items() if seen.pending}


def _reconcile_metric(config: PrometheusConfig | None, targets: Sequence[Target]) -> str:
    """The name of the series with the count of reconciles."""
    stored = config.stored_histograms(targets) if config else None
    return RECONCILES if stored is None or stored.classic else NATIVE_RECONCILES


def _elsewhere(
    observer: Observer, cluster: Cluster, observation: FleetObservation, *, facts: PipelineFacts
) -> tuple[FoundController, ...]:
    """The other namespaces with a controller, if the scope's controller is not in its own."""
    sources, scope = observer.sources, observer.scope
    if facts.first.absent and facts.last.absent:
        return controllers_elsewhere(sources, cluster, scope, targets=observation.targets or ())
    if facts.last.only_others(scope.instance_id):
        return same_id_elsewhere(sources, cluster, scope)
    return ()


def _pods(
    sources: Sources, prometheus: Prometheus, *, observation: FleetObservation
) -> tuple[tuple[Pod, ...], tuple[Pod, ...], tuple[Unavailable, ...]]:
    """The pods of Prometheus, the pods of the server that evaluates the rules, and why some are not known."""
    cluster, ruler = sources.cluster, sources.ruler
    if cluster is None:
        return (), (), ()
    started = observation.notified.started if observation.notified else None
    if ruler:  # The counts are those of the ruler, whose start time says nothing about Prometheus.
        own, _ = sources.attempt("prometheus-pods", partial(prometheus.own, (STARTED,)))
        started = (own or {}).get(STARTED)
    find = partial(prometheus_pods, cluster, prometheus, service=sources.service, started=started)
    pods, why = sources.attempt("prometheus-pods", find)
    if ruler is None:
        return pods or (), pods or (), (*why, *(replace(unavailable, source="ruler-pods") for unavailable in why))
    pods_with_rules, why_not = sources.attempt("ruler-pods", partial(ruler_pods, cluster, ruler))
    return pods or (), pods_with_rules or (), why + why_not


def _with_prometheus_state(
    observer: Observer, prometheus: Prometheus, *, observation: FleetObservation, facts: PipelineFacts, namespace: str
) -> PipelineFacts:
    """With what Prometheus tells about itself and the controller. ``namespace`` is Prometheus' own, "" if unknown."""
    read, pods = SourceReader(observer.sources.guard), facts.last.pods
    answers = all(unavailable.source != "scrapes" for unavailable in observation.unavailable)
    listed = [
        target for target in observation.targets or () if target_of(dict(target.labels)) not in observation.others
    ]
    targets = listed[:MAX_TARGETS] if answers else []
    evaluator = observer.sources.evaluator or prometheus
    ask = read if evaluator is prometheus else SourceReader(observer.sources.guard)
    counts = ask("notifications", partial(notification_counts, evaluator)) if observation.notified else None
    waiting = _waiting(observation)
    config = read("config", partial(_config, prometheus, evaluator, namespace=namespace))
    metric = _reconcile_metric(config, listed)
    return replace(
        facts,
        notified=(observation.notified, counts) if observation.notified and counts else None,
        versions=read("versions", partial(_versions, observer, prometheus)) or {},
        config=config,
        reloaded=read("runtimeinfo", partial(_reloaded, prometheus)),
        alertmanagers=ask("alertmanagers", evaluator.alertmanagers),
        reconciles=read("reconciles", partial(_reconciles, observer, prometheus, observation, pods=pods, metric=metric))
        if pods is not None
        else None,
        labels=read("labels", partial(_labels, observer, prometheus, observation)),
        samples=read("samples", partial(scraped_samples, prometheus, observer.scope, targets)) or {},
        families=read("families", partial(arriving_families, prometheus, observer.scope, targets))
        if observation.silent
        else None,
        pending=read(
            "pending-reconciles", partial(_pending, observer, prometheus, observation, keys=waiting, metric=metric)
        )
        if waiting
        else None,
        unavailable=tuple(dict.fromkeys((*facts.unavailable, *read.unavailable, *ask.unavailable))),
    )


def _reconciles(
    observer: Observer, prometheus: Prometheus, observation: FleetObservation, *, pods: Sequence[Pod], metric: str
) -> ReconcileCounts:
    holding = _namespace_labels(observation)
    return reconcile_counts(prometheus, observer.scope, pods=pods, namespace_labels=holding, metric=metric)


def _pending(
    observer: Observer, prometheus: Prometheus, observation: FleetObservation, *, keys: Set[Key], metric: str
) -> PendingReconciles:
    holding = _namespace_labels(observation)
    return pending_reconciles(prometheus, observer.scope, keys=keys, namespace_labels=holding, metric=metric)


def _namespace_labels(observation: FleetObservation) -> Mapping[Labels, str]:
    """The label of each target that holds the Rollouts' namespaces."""
    return {scrape.target: scrape.namespace_label for scrape in _newest_scrapes(observation)}


def _labels(observer: Observer, prometheus: Prometheus, observation: FleetObservation) -> frozenset[str] | None:
    """The names of the labels of the Rollouts' series at the time of the newest scrape; ``None`` without a scrape."""
    if not (scrapes := _newest_scrapes(observation)):
        return None
    selector = promql.selector(INFO, observer.scope)
    return prometheus.label_names(selector, at=max(scrape.at for scrape in scrapes))


def _newest_scrapes(observation: FleetObservation) -> tuple[Scrape, ...]:
    return next((bracket.scrapes for bracket in reversed(observation.brackets) if bracket.scrapes), ())


def _versions(observer: Observer, prometheus: Prometheus) -> Mapping[Labels, str]:
    """The controller's version by target, without targets that expose two versions."""
    versions: dict[Labels, set[str]] = {}
    for sample in prometheus.vector(promql.selector(promql.CONTROLLER_INFO, observer.scope)):
        versions.setdefault(target_of(sample.labels), set()).add(sample.labels.get("version", ""))
    return {target: min(exposed) for target, exposed in versions.items() if len(exposed) == 1}


def _config(prometheus: Prometheus, evaluator: Prometheus, *, namespace: str) -> PrometheusConfig:
    """The configuration of the server that scrapes. Which labels another server gives its alerts is not known."""
    text = prometheus.config()
    if not text:
        raise SourceUnavailable("prometheus-no-config", permanent=True, who=prometheus.who, url=prometheus.url)
    config = prometheus_config(text, prometheus.url, own_namespace=namespace)
    own_alerts = evaluator is prometheus and prometheus.engine.evaluates
    return config if own_alerts else replace(config, relabelled=True)


def _reloaded(prometheus: Prometheus) -> bool:
    """Whether Prometheus could load its configuration the last time that it read the file."""
    value = prometheus.status("runtimeinfo").get("reloadConfigSuccess")
    if not isinstance(value, bool):
        raise SourceUnavailable("prometheus-no-reload", permanent=True, who=prometheus.who, url=prometheus.url)
    return value


def _with_routes(observer: Observer, facts: PipelineFacts, *, url: str) -> PipelineFacts:
    """With Alertmanager's routes, unless Prometheus sends alerts to no Alertmanager.

    Once they are read, the URLs of the Alertmanagers are only named, so their passwords go.
    """
    active = facts.alertmanagers or ()
    if not url and not active:
        return facts
    config, why = observer.sources.attempt("alertmanager", partial(alertmanager, observer.sources, url, active=active))
    named = facts.alertmanagers and tuple(map(bare_url, active))
    return replace(facts, alertmanager=config, alertmanagers=named, unavailable=facts.unavailable + why)


def _with_permissions(
    observer: Observer, cluster: Cluster, *, observation: FleetObservation, facts: PipelineFacts, pods: Sequence[Pod]
) -> PipelineFacts:
    """With the permissions of Prometheus' pods."""
    config = facts.config
    if config is None:
        return facts
    targets, namespace = observation.targets or (), observer.scope.controller_namespace
    review = partial(permissions, cluster, config, targets=targets, pods=pods, namespace=namespace)
    rights, why = observer.sources.attempt("reviews", review)
    return replace(facts, rights=rights, unavailable=facts.unavailable + why)


def _with_stored_rules(
    observer: Observer, cluster: Cluster, *, facts: PipelineFacts, pods: Sequence[Pod]
) -> PipelineFacts:
    """With the rules that the cluster stores for the pods of the server that evaluates them."""
    read = SourceReader(observer.sources.guard)
    stored = (*mounted_rules(read, cluster, pods=pods), *facts.operated.rules)
    return replace(facts, stored=stored, unavailable=facts.unavailable + read.unavailable)
