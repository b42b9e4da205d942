"""The two sides that are compared, as far as they could be reached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from maintainer.clients.cluster import Cluster
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.web import Web
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Cost, Unavailable
from maintainer.model.message import message

T = TypeVar("T")

_LOST = ("-connection", "-timeout", "-unauthorized", "-tls", "-handshake")
"""How the reasons end after which every other request would end the same."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The clients, each ``None`` where it could not be opened: ``unavailable`` has the reasons.

    ``grafana`` is also ``None`` where no URL of a Grafana is configured.
    """

    cluster: Cluster | None
    prometheus: Prometheus | None
    unavailable: tuple[Unavailable, ...] = ()
    grafana: Web | None = None

    @property
    def name(self) -> str:
        """What the cluster is called where nobody gave it a name."""
        return self.cluster.name if self.cluster else "?"

    def spent(self) -> Mapping[str, Cost]:
        """What each source was asked for."""
        return {
            "kubernetes": self.cluster.cost if self.cluster else Cost(),
            "prometheus": self.prometheus.cost if self.prometheus else Cost(),
        }

    def close(self) -> None:
        """Give all connections back."""
        for client in (self.cluster, self.prometheus, self.grafana):
            if client:
                client.close()


def unavailable(source: str, error: SourceUnavailable) -> Unavailable:
    """The fact that a source could not be looked at."""
    return Unavailable(source, message(f"gap/{error.reason}", **error.params), error.permanent)


def attempt(source: str, look: Callable[[], T]) -> tuple[T | None, tuple[Unavailable, ...]]:
    """What ``look`` gives, or ``None`` and why."""
    try:
        return look(), ()
    except SourceUnavailable as error:
        return None, (unavailable(source, error),)


class SourceReader:
    """Asks one server for several things, each on its own: what is refused leaves the others.

    A server that could not be reached, or does not know us, is not asked again; ``unavailable`` has all reasons.
    """

    def __init__(self) -> None:
        self.unavailable: tuple[Unavailable, ...] = ()
        self._lost: SourceUnavailable | None = None

    def __call__(self, source: str, look: Callable[[], T]) -> T | None:
        """What ``look`` gives, or ``None`` with the reason in ``unavailable``."""
        if self._lost:
            self.unavailable += (unavailable(source, self._lost),)
            return None
        try:
            return look()
        except SourceUnavailable as error:
            self.unavailable += (unavailable(source, error),)
            self._lost = error if error.reason.endswith(_LOST) else None
            return None
