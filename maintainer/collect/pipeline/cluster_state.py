"""The state of the controller and of Prometheus in Kubernetes: Services, pods, the Lease, and the stored rules."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from maintainer.clients import monitoring, operator_objects
from maintainer.clients.cluster import Cluster
from maintainer.clients.engine import PROMETHEUS
from maintainer.clients.objects import ContentMeta
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.connections import find_prometheus
from maintainer.collect.queries.files import read_queries
from maintainer.collect.sources import SourceReader, Sources
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.model.facts import Key, Target
from maintainer.model.pipeline import CONTROLLER, NAME_LABEL, ControllerState, FoundController, Pod, StoredRules
from maintainer.model.scope import Scope

LEASE = "argo-rollouts-controller-lock"
SAME_START = 300.0
"""Seconds by which a process may show another start time than its container, such as after a clock was set."""
_SERVICE_HOST = re.compile(r"([^.]+)\.([^.]+)\.svc(\..+)?")
_PROXY_PATH = re.compile(r"/api/v1/namespaces/([^/]+)/services/(?:https?:)?([^/:]+)(?::[^/]*)?/proxy.*")


def controller_state(sources: Sources, scope: Scope) -> ControllerState:
    """The controller's Service, its pods, its ready endpoints and its Lease, as they are now."""
    cluster, read = sources.cluster, SourceReader(sources.guard)
    if cluster is None:
        return ControllerState()
    namespace = scope.controller_namespace
    service = read("services", partial(monitoring.service, cluster, namespace, scope.service))
    pods = read("pods", partial(monitoring.pods, cluster, namespace))
    ready = read("endpointslices", partial(monitoring.ready_endpoints, cluster, namespace, scope.service))
    lease, holder = read("leases", partial(_leader, cluster, scope)) or ("", "")
    return ControllerState(
        looked=True, service=service, pods=pods, ready=ready, lease=lease, holder=holder, unavailable=read.unavailable
    )


def lease_names(scope: Scope) -> tuple[str, ...]:
    """The names that the controller's Lease may have. They end with the instance id from v1.10.0 on."""
    return (f"{LEASE}-{scope.instance_id}", LEASE) if scope.instance_id else (LEASE,)


def _leader(cluster: Cluster, scope: Scope) -> tuple[str, str]:
    """The name of the controller's Lease and the pod that holds it; ("", "") if no pod does."""
    for name in lease_names(scope):
        if holder := monitoring.lease_holder(cluster, scope.controller_namespace, name):
            return name, holder
    return "", ""


def controllers_elsewhere(
    sources: Sources, cluster: Cluster, scope: Scope, *, targets: Sequence[Target]
) -> tuple[FoundController, ...]:
    """The namespaces with a controller, by the labels of pods, by the controllers' ``targets``, and by the Lease there.

    Raises nothing: where one of these may not be read, the others may still find it.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for namespace in {pod.namespace for pod in _labelled_controllers(sources, cluster)}:
        found[namespace].append("pods")
    for namespace in {target.discovered.get("__meta_kubernetes_namespace", "") for target in targets} - {""}:
        found[namespace].append("target")
    for namespace, by in found.items():
        held, _ = sources.attempt("leases", partial(_leader, cluster, replace(scope, controller_namespace=namespace)))
        by.extend(["lease"] if held and held[1] else [])
    found.pop(scope.controller_namespace, None)
    return tuple(FoundController(namespace, tuple(by)) for namespace, by in sorted(found.items()))


def same_id_elsewhere(sources: Sources, cluster: Cluster, scope: Scope) -> tuple[FoundController, ...]:
    """The other namespaces with pods of the controller that has the scope's instance id. Raises nothing."""
    pods = [pod for pod in _labelled_controllers(sources, cluster) if pod.instance_id == scope.instance_id]
    namespaces = {pod.namespace for pod in pods} - {scope.controller_namespace}
    return tuple(FoundController(namespace, ("pods",)) for namespace in sorted(namespaces))


def _labelled_controllers(sources: Sources, cluster: Cluster) -> tuple[Pod, ...]:
    """The pods of all namespaces with the usual label of a controller; () if they may not be listed."""
    selector = f"{NAME_LABEL}={CONTROLLER}"
    labelled, _ = sources.attempt("pods", partial(monitoring.pods, cluster, "", selector=selector))
    return labelled or ()


def prometheus_pods(
    cluster: Cluster, prometheus: Prometheus, *, service: Key | None = None, started: float | None = None
) -> tuple[Pod, ...]:
    """The pods of Prometheus, which is behind the ``service`` that the settings name.

    If neither they nor the URL name a Service, they are those of the only Prometheus in the cluster, if that is the
    same process: ``started`` is the start time that the server at the URL shows (epoch seconds), ``None`` if it shows
    none. Another engine may be there besides, so its Service is not guessed. Raises :class:`SourceUnavailable` if the
    pods cannot be determined.
    """
    if named := service or service_of(prometheus.url):
        return _pods_of(cluster, named)
    url = prometheus.url
    candidates = find_prometheus(cluster.services()) if prometheus.engine == PROMETHEUS else ()
    if not candidates:
        raise SourceUnavailable("no-prometheus-service", permanent=True, url=url)
    if len(candidates) > 1:
        names = ", ".join(f"{candidate.namespace}/{candidate.name}" for candidate in candidates)
        raise SourceUnavailable("many-prometheus-services", permanent=True, url=url, names=names)
    only = candidates[0].namespace, candidates[0].name
    pods = _pods_of(cluster, only)
    _require_same_process(pods, url, service="/".join(only), started=started)
    return pods


def ruler_pods(cluster: Cluster, ruler: Prometheus) -> tuple[Pod, ...]:
    """The pods of a ruler. Raises :class:`SourceUnavailable` if its URL does not name its Service."""
    if named := service_of(ruler.url):
        return _pods_of(cluster, named)
    raise SourceUnavailable("no-ruler-service", permanent=True, who=ruler.who, url=ruler.url)


def _pods_of(cluster: Cluster, key: Key) -> tuple[Pod, ...]:
    namespace, name = key
    service = monitoring.service(cluster, namespace, name)
    selector = service.selector.items() if service else ()
    pods = tuple(pod for pod in monitoring.pods(cluster, namespace) if selector and selector <= pod.labels.items())
    if not pods:
        raise SourceUnavailable("no-prometheus-pods", permanent=True, namespace=namespace, service=name)
    return pods


def _require_same_process(pods: Sequence[Pod], url: str, *, service: str, started: float | None) -> None:
    """Raise :class:`SourceUnavailable` unless a container of the pods started when the server at the URL did."""
    times = [time for pod in pods for time in pod.started]
    if started is None or not times:
        raise SourceUnavailable("unknown-prometheus", permanent=True, url=url, service=service)
    if all(abs(time - started) > SAME_START for time in times):
        raise SourceUnavailable("other-prometheus", permanent=True, url=url, service=service)


def service_of(url: str) -> Key | None:
    """The namespace and name of the Service in a URL: from its DNS name, or from the path of the API server's proxy."""
    parts = urlsplit(url)
    if match := _PROXY_PATH.fullmatch(parts.path):
        return match[1], match[2]
    match = _SERVICE_HOST.fullmatch(parts.hostname or "")
    return (match[2], match[1]) if match else None


def mounted_rules(read: SourceReader, cluster: Cluster, *, pods: Sequence[Pod]) -> tuple[StoredRules, ...]:
    """The rules in the ConfigMaps that Prometheus' pods mount.

    Raises nothing: what cannot be read is in ``read.unavailable``.
    """
    keys = dict.fromkeys((pod.namespace, name) for pod in pods for name in pod.config_maps)
    mounted = [
        read("configmaps", partial(rules_in_config_map, cluster, key), about="/".join(("ConfigMap", *key)))
        for key in keys
    ]
    return tuple(rules for rules in mounted if rules)


def rules_in_config_map(cluster: Cluster, key: Key) -> StoredRules | None:
    """The rules in a ConfigMap, or ``None`` if it does not exist. Raises :class:`SourceUnavailable`."""
    config_map = cluster.config_map(*key)
    return _rules("ConfigMap", config_map.metadata, content={"data": config_map.data}) if config_map else None


def prometheus_rules(read: SourceReader, cluster: Cluster) -> tuple[StoredRules, ...]:
    """The rules in all PrometheusRules of the cluster.

    Raises nothing: what cannot be read is in ``read.unavailable``.
    """
    structs = read("prometheusrules", partial(operator_objects.prometheus_rules, cluster)) or ()
    stored = [
        read(
            "prometheusrules",
            partial(_rules, "PrometheusRule", struct.metadata, content={"spec": struct.spec}),
            about=f"PrometheusRule/{struct.metadata.namespace}/{struct.metadata.name}",
        )
        for struct in structs
    ]
    return tuple(rules for rules in stored if rules)


def _rules(kind: str, meta: ContentMeta, *, content: Mapping[str, Any]) -> StoredRules:
    name = f"{kind}/{meta.namespace}/{meta.name}"
    try:
        queries = read_queries(json.dumps({"kind": kind, **content}), f"{name}.json")
    except ConfigError as error:
        raise SourceUnavailable("unreadable-rules", object=name, detail=str(error)) from error
    if queries.unchecked:
        detail = ", ".join(unchecked.name for unchecked in queries.unchecked)
        raise SourceUnavailable("unreadable-rules", object=name, detail=detail)
    rules = tuple(query for query in queries.queries if query.asks in {"alert", "record"})
    return StoredRules(kind, meta.namespace, meta.name, rules, meta.changed, meta.labels)
