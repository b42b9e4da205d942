"""The servers that a restoring makes reload, and what each of them has loaded: all of it, or an error."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from maintainer.clients.prometheus import Prometheus
from maintainer.collect.drift.replicas import Replica, opened_replicas
from maintainer.collect.sources import Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.drift import LoadedConfiguration
from maintainer.model.facts import Unavailable


@contextmanager
def servers(sources: Sources) -> Iterator[tuple[Prometheus, ...]]:
    """The clients of all servers that read files. Raises :class:`SourceUnavailable` if one cannot be asked."""
    with _all(sources) as replicas:
        yield tuple(replica.client for replica in replicas)


def loaded_now(sources: Sources) -> tuple[LoadedConfiguration, ...]:
    """What each server has loaded of what it reads. Raises :class:`SourceUnavailable` if one does not say."""
    with _all(sources) as replicas:
        return tuple(
            LoadedConfiguration(
                server=replica.shown,
                pod=replica.pod,
                config=replica.client.config() if replica.scrapes else None,
                rules=replica.client.whole_rules() if replica.evaluates else None,
            )
            for replica in replicas
        )


@contextmanager
def _all(sources: Sources) -> Iterator[tuple[Replica, ...]]:
    with opened_replicas(sources) as (replicas, unavailable):
        if unavailable or not replicas:
            raise _unseen(replicas, unavailable)
        yield replicas


def _unseen(replicas: Sequence[Replica], unavailable: Iterable[Unavailable]) -> SourceUnavailable:
    """That not all servers can be asked, with the pods that cannot."""
    pods = [str(one.reason.named["pod"]) for one in unavailable if "pod" in one.reason.named]
    if pods:
        return SourceUnavailable("replicas-not-ready", count=len(pods), pods=", ".join(pods))
    return SourceUnavailable("replicas-unseen", count=len(replicas))
