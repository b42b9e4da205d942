"""Follows the way of the metrics to its end: each source on its own, so that one refusal leaves the others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from maintainer.clients.cluster import Cluster
from maintainer.clients.prometheus import Prometheus
from maintainer.collect import promql
from maintainer.collect.alertmanager import alertmanager
from maintainer.collect.around import around, pods_of_prometheus
from maintainer.collect.configs import prometheus_config
from maintainer.collect.notifications import notified
from maintainer.collect.reconciles import reconciles
from maintainer.collect.rights import rights
from maintainer.collect.rollouts import View
from maintainer.collect.sources import Asking, attempt
from maintainer.collect.stored import stored_in, stored_rules
from maintainer.errors import SourceUnavailable
from maintainer.model.chain import Around, Chain, Config, Pod, Stored
from maintainer.model.facts import Labels, Watched


def follow(view: View, first: Around, watched: Watched, *, alertmanager_url: str) -> Chain:
    """The whole way at the end of a run; ``first`` is what was around the controller at its beginning.

    Nothing is raised: what could not be looked at is in ``unseen``.
    """
    last = around(view.sources, view.scope)
    chain = Chain(first, last, unseen=tuple(dict.fromkeys((*first.unseen, *last.unseen))))
    cluster, prometheus = view.sources.cluster, view.sources.prometheus
    pods: tuple[Pod, ...] | None = None
    if cluster and prometheus:
        pods, why = attempt("prometheus-pods", partial(pods_of_prometheus, cluster, prometheus.url))
        chain = replace(chain, unseen=chain.unseen + why)
    if prometheus:
        chain = _of_prometheus(view, prometheus, watched, chain=chain, namespace=pods[0].namespace if pods else "")
        chain = _with_routes(view, chain, alertmanager_url)
    return _of_pods(view, pods, watched, chain=chain) if pods else chain


def _of_prometheus(view: View, prometheus: Prometheus, watched: Watched, *, chain: Chain, namespace: str) -> Chain:
    """What Prometheus says of itself and of the controller; ``namespace`` is its own, "" if that is not known."""
    ask, pods = Asking(), chain.last.pods
    counted = ask("notifications", partial(notified, prometheus)) if watched.notified else None
    return replace(
        chain,
        notified=(watched.notified, counted) if watched.notified and counted else None,
        versions=ask("versions", partial(_versions, view, prometheus)) or {},
        config=ask("config", partial(_config, prometheus, namespace)),
        reloaded=ask("runtimeinfo", partial(_reloaded, prometheus)),
        alertmanagers=ask("alertmanagers", prometheus.alertmanagers),
        reconciles=ask("reconciles", partial(reconciles, prometheus, view.scope, pods)) if pods is not None else None,
        unseen=chain.unseen + ask.unseen,
    )


def _versions(view: View, prometheus: Prometheus) -> Mapping[Labels, str]:
    """The version that each target tells now; one that tells two tells none."""
    told: dict[Labels, set[str]] = {}
    for sample in prometheus.vector(promql.selector(promql.CONTROLLER_INFO, view.scope)):
        told.setdefault(promql.target_of(sample.labels), set()).add(sample.labels.get("version", ""))
    return {target: min(versions) for target, versions in told.items() if len(versions) == 1}


def _config(prometheus: Prometheus, namespace: str) -> Config:
    return prometheus_config(str(prometheus.status("config").get("yaml")), prometheus.url, own_namespace=namespace)


def _reloaded(prometheus: Prometheus) -> bool:
    value = prometheus.status("runtimeinfo").get("reloadConfigSuccess")
    if not isinstance(value, bool):
        raise SourceUnavailable("prometheus-no-reload", permanent=True, url=prometheus.url)
    return value


def _with_routes(view: View, chain: Chain, url: str) -> Chain:
    """With Alertmanager's routes; where alerts are sent nowhere, there are none to follow."""
    if not url and not chain.alertmanagers:
        return chain
    found, why = attempt("alertmanager", partial(alertmanager, view.sources, url, chain.alertmanagers or ()))
    return replace(chain, alertmanager=found, unseen=chain.unseen + why)


def _of_pods(view: View, pods: Sequence[Pod], watched: Watched, *, chain: Chain) -> Chain:
    """What Prometheus' pods are allowed to do, and the rules that they mount."""
    ask, cluster = Asking(), view.sources.cluster
    if cluster is None:
        return chain
    if config := chain.config:
        targets, namespace = watched.targets or (), view.scope.controller_namespace
        look = partial(rights, cluster, config, targets, pods=pods, namespace=namespace)
        chain = replace(chain, rights=ask("reviews", look))
    return replace(chain, stored=_stored(ask, cluster, pods), unseen=chain.unseen + ask.unseen)


def _stored(ask: Asking, cluster: Cluster, pods: Sequence[Pod]) -> tuple[Stored, ...]:
    names = dict.fromkeys((pod.namespace, name) for pod in pods for name in pod.config_maps)
    mounted = [ask("configmaps", partial(stored_in, cluster, key)) for key in names]
    return (*(one for one in mounted if one), *(ask("prometheusrules", partial(stored_rules, cluster)) or ()))
