"""The servers that a run reads, and how their failures become facts instead of exceptions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from maintainer.clients.cluster import Cluster
from maintainer.clients.limits import Limits
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.web import Web
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Cost, Key, Unavailable
from maintainer.model.guard import Guard, unguarded
from maintainer.model.message import message
from maintainer.model.reasons import told

T = TypeVar("T")

_FACTS = {"rollouts": "rollouts", "configmaps": "dashboards", "prometheusrules": "prometheusrules"}
"""By resource, the fact that its objects are read for."""

_SERVER_LOST = ("-connection", "-timeout", "-unauthorized", "-tls", "-handshake")
"""Ends of the reasons that will hold for every other request to the same server."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The clients. Those that could not be opened are ``None`` and have their reasons in ``unavailable``.

    ``grafana`` and ``ruler`` are also ``None`` if no URL of them is configured. ``service`` is the Service of
    Prometheus that the settings name. Each reading goes through the ``guard``, and keeps to the ``limits``.
    """

    cluster: Cluster | None
    prometheus: Prometheus | None
    unavailable: tuple[Unavailable, ...] = ()
    grafana: Web | None = None
    ruler: Prometheus | None = None
    service: Key | None = None
    guard: Guard = unguarded
    limits: Limits = field(default_factory=Limits)

    @property
    def evaluator(self) -> Prometheus | None:
        """The server that evaluates the rules and notifies Alertmanager."""
        return self.ruler or self.prometheus

    @property
    def name(self) -> str:
        """The name of the cluster in reports if the settings have none, "" if it is not known."""
        return self.cluster.name if self.cluster else ""

    def attempt(
        self, source: str, read: Callable[[], T], *, about: str = ""
    ) -> tuple[T | None, tuple[Unavailable, ...]]:
        """The result of ``read``, or ``None`` and why; ``about`` is the object that is read, if it is one."""
        return attempt(source, read, self.guard, about=about)

    @property
    def left_out(self) -> tuple[Unavailable, ...]:
        """The objects that could not be read, each with its name. The other objects of their kind could."""
        odd = self.cluster.odd.found if self.cluster else {}
        return tuple(
            Unavailable(
                _FACTS[resource],
                message("gap/odd-object", resource=resource, namespace=namespace, name=name, detail=detail),
                permanent=True,
            )
            for (resource, (namespace, name)), detail in odd.items()
        )

    def spent(self) -> Mapping[str, Cost]:
        """The cost of the run so far, by source."""
        return {
            "kubernetes": self.cluster.cost if self.cluster else Cost(),
            "prometheus": self.prometheus.cost if self.prometheus else Cost(),
        }

    def close(self) -> None:
        """Close all connections."""
        for client in (self.cluster, self.prometheus, self.grafana, self.ruler):
            if client:
                client.close()


def unavailable(source: str, error: SourceUnavailable) -> Unavailable:
    """The error as a fact, with its message in the catalogue; URLs in it are without passwords and tokens."""
    return Unavailable(source, told(error), error.permanent)


def _unavailable_object(source: str, error: SourceUnavailable, about: str) -> Unavailable:
    """The same, with the name of the object: a fault of this program does not know what it is about."""
    fact = unavailable(source, error)
    if not about or error.reason not in {"fault", "fault-unsaved"}:
        return fact
    return replace(fact, reason=message("gap/of-object", object=about, why=fact.reason))


def attempt(
    source: str, read: Callable[[], T], guard: Guard, *, about: str = ""
) -> tuple[T | None, tuple[Unavailable, ...]]:
    """The result of ``read``, or ``None`` and the reason if it raises :class:`SourceUnavailable`."""
    try:
        return guard(read), ()
    except SourceUnavailable as error:
        return None, (_unavailable_object(source, error, about),)


class SourceReader:
    """Reads several sources of a server, so that a source that fails does not cost the others.

    After a failed connection or login, the server gets no further request: every source that follows is unavailable
    for the same reason. ``unavailable`` has all reasons.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self.unavailable: tuple[Unavailable, ...] = ()
        self._lost: SourceUnavailable | None = None

    def __call__(self, source: str, read: Callable[[], T], *, about: str = "") -> T | None:
        """The result of ``read``, or ``None`` with the reason in ``unavailable``; ``about`` is as in ``attempt``."""
        if self._lost:
            self.unavailable += (unavailable(source, self._lost),)
            return None
        try:
            return self._guard(read)
        except SourceUnavailable as error:
            self.unavailable += (_unavailable_object(source, error, about),)
            self._lost = error if error.reason.endswith(_SERVER_LOST) else None
            return None
