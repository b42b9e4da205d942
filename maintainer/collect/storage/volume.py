"""The volume on which a Prometheus stores: its size, how full it is, and whether it can grow."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import isfinite

from maintainer.clients.cluster import Cluster
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.volumes import allows_expansion, claimed_volume
from maintainer.collect.pipeline.cluster_state import prometheus_pods
from maintainer.collect.sources import Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Key, Unavailable
from maintainer.model.matchers import matcher
from maintainer.model.pipeline import Pod
from maintainer.model.storage import Volume

_KUBELET = "kubelet_volume_stats"


def volume(
    sources: Sources, prometheus: Prometheus, *, disk_size: int, started: float | None
) -> tuple[Volume | None, tuple[Unavailable, ...]]:
    """The volume, and why it is not known; ``disk_size`` are the bytes that the settings give it, 0 for none.

    ``started`` is when the server started (epoch seconds), if that is known. Raises nothing.
    """
    given = Volume(disk_size, "settings") if disk_size else None
    if sources.cluster is None:
        lost = tuple(replace(why, source="disk") for why in sources.unavailable if why.source == "cluster")
        return given, () if given else lost
    claimed, why = sources.attempt("disk", partial(_claimed, sources, sources.cluster, prometheus, started=started))
    if claimed is None:
        return given, () if given else why
    measured, _ = sources.attempt("disk", partial(_measured, prometheus, claimed))
    expandable, _ = sources.attempt("disk", partial(allows_expansion, sources.cluster, claimed.storage_class))
    found = replace(measured or claimed, expandable=expandable)
    return (replace(found, size=disk_size, source="settings", capacity=None) if disk_size else found), ()


def _claimed(sources: Sources, cluster: Cluster, prometheus: Prometheus, *, started: float | None) -> Volume:
    pods = prometheus_pods(cluster, prometheus, service=sources.service, started=started)
    volumes = [claimed_volume(cluster, key) for key in _claims(pods)]
    return min(volumes, key=lambda found: (found.size, found.claim))


def _claims(pods: Sequence[Pod]) -> tuple[Key, ...]:
    """The claim of each pod. Raises :class:`SourceUnavailable` unless each has exactly one."""
    for pod in pods:
        if len(pod.claims) != 1:
            reason = "many-claims" if pod.claims else "no-claim"
            names = ", ".join(pod.claims)
            raise SourceUnavailable(reason, permanent=True, pod=f"{pod.namespace}/{pod.name}", names=names)
    return tuple((pod.namespace, pod.claims[0]) for pod in pods)


def _measured(prometheus: Prometheus, claimed: Volume) -> Volume:
    """With the capacity and the use that the kubelet measures, if this Prometheus scrapes kubelets."""
    namespace, _, name = claimed.claim.partition("/")
    of_claim = ",".join((matcher("namespace", namespace), matcher("persistentvolumeclaim", name)))
    numbers = []
    for family in ("capacity", "used"):
        samples = prometheus.vector(f"max({_KUBELET}_{family}_bytes{{{of_claim}}})")
        numbers += [sample.value for sample in samples if isfinite(sample.value) and sample.value > 0]
    if len(numbers) < 2:
        return claimed
    return replace(claimed, capacity=numbers[0], used=numbers[1])
