"""Looks for what the settings name, before there are settings."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial

from maintainer.clients import monitoring
from maintainer.clients.cluster import Cluster
from maintainer.clients.objects import ServiceStruct
from maintainer.collect.connections import find_prometheus
from maintainer.collect.pipeline.alertmanager import find_alertmanager
from maintainer.collect.queries.loaded import LABEL
from maintainer.collect.sources import SourceReader, Sources
from maintainer.model.contract import series_named
from maintainer.model.facts import Key
from maintainer.model.first_look import FirstLook, PrometheusService
from maintainer.model.pipeline import CONTROLLER, NAME_LABEL, Pod

RELEASE, RELEASE_NAMESPACE = "meta.helm.sh/release-name", "meta.helm.sh/release-namespace"
"""The annotations with which Helm says of which release an object is."""


def first_look(sources: Sources, usual_dashboards: Sequence[str]) -> FirstLook:
    """What the cluster has of all that the settings name.

    ``usual_dashboards`` are ConfigMaps as namespace/name. They are also looked for in the namespaces of Prometheus.
    """
    cluster, read = sources.cluster, SourceReader(sources.guard)
    if cluster is None:
        return FirstLook(unavailable=sources.unavailable)
    listed = read("services", cluster.services)
    controllers = partial(monitoring.pods, cluster, "", selector=f"{NAME_LABEL}={CONTROLLER}")
    look = FirstLook(inside=cluster.inside, controllers=read("pods", controllers))
    usual = {_key_of(name) for name in usual_dashboards}
    if listed is not None:
        look = _with_services(look, listed)
        usual |= {(service.namespace, name) for service in find_prometheus(listed) for _, name in usual}
    dashboards = read("dashboards", partial(_dashboards, cluster, usual))
    return replace(look, dashboards=dashboards, unavailable=(*read.unavailable, *sources.left_out))


def _with_services(look: FirstLook, listed: Sequence[ServiceStruct]) -> FirstLook:
    return replace(
        look,
        releases=_releases(look.controllers or (), listed),
        services=tuple(map(monitoring.service_fact, listed)),
        prometheus=tuple(PrometheusService(str(found), found.dns_url) for found in find_prometheus(listed)),
        alertmanagers=tuple(f"{found.metadata.namespace}/{found.metadata.name}" for found in find_alertmanager(listed)),
    )


def _releases(controllers: Sequence[Pod], listed: Sequence[ServiceStruct]) -> tuple[str, ...]:
    """The Helm releases of the Services of Prometheus, of Alertmanager, and before the pods of a controller."""
    servers = {(found.namespace, found.name) for found in find_prometheus(listed)}
    servers |= {(found.metadata.namespace, found.metadata.name) for found in find_alertmanager(listed)}
    own = [one for one in listed if _key(one) in servers or any(_leads_to(one, pod) for pod in controllers)]
    names = ((one.metadata.annotations.get(RELEASE_NAMESPACE), one.metadata.annotations.get(RELEASE)) for one in own)
    return tuple(sorted({f"{namespace}/{name}" for namespace, name in names if namespace and name}))


def _key(service: ServiceStruct) -> Key:
    return service.metadata.namespace, service.metadata.name


def _leads_to(service: ServiceStruct, pod: Pod) -> bool:
    """Whether a Service selects a pod."""
    selector = service.spec.selector.items()
    return service.metadata.namespace == pod.namespace and bool(selector) and selector <= pod.labels.items()


def _dashboards(cluster: Cluster, usual: Collection[Key]) -> tuple[str, ...]:
    """The ConfigMaps with dashboards that name a metric of the controller, and the usual ones, labelled or not."""
    labelled = cluster.config_maps("", selector=LABEL)
    found = {
        (item.metadata.namespace, item.metadata.name) for item in labelled if any(map(series_named, item.data.values()))
    }
    found |= {key for key in usual if key not in found and cluster.config_map(*key)}
    return tuple("/".join(key) for key in sorted(found))


def _key_of(name: str) -> Key:
    namespace, _, own = name.partition("/")
    return namespace, own
