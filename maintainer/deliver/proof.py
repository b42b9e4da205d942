"""Waits until Prometheus runs with the files that were written, and does not take an answer for that."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

from maintainer.errors import SourceUnavailable
from maintainer.model.clock import Clock
from maintainer.model.message import Message, message
from maintainer.model.reasons import told

T = TypeVar("T")


class Server(Protocol):
    """The type of :class:`maintainer.clients.prometheus.Prometheus`."""

    def reload(self) -> str:
        """Make it read its files; returns why it keeps what it has, "" if it has taken them."""


class Refused(Exception):
    """Prometheus does not take its files; the text is what it says."""


@dataclass(frozen=True, slots=True)
class Proof(Generic[T]):
    """How it is seen that what was written is in use.

    ``reload`` asks Prometheus to read its files, and raises :class:`Refused`; ``observe`` looks at what is stored and
    what is loaded. Both raise :class:`SourceUnavailable`. ``in_use`` judges whether what is stored is loaded, and
    nothing is loaded any more that was stored before; ``perhaps`` counts as no until the wait is over.
    """

    reload: Callable[[], None]
    observe: Callable[[], T]
    in_use: Callable[[T], Literal["yes", "perhaps", "no"]]


def reload_all(servers: Iterable[Server]) -> None:
    """Make all servers read their files. Raises :class:`Refused`, and :class:`SourceUnavailable` after the last."""
    lost: SourceUnavailable | None = None
    for server in servers:
        try:
            said = server.reload()
        except SourceUnavailable as error:
            lost, said = error, ""
        if said:
            raise Refused(said)
    if lost:
        raise lost


@dataclass(frozen=True, slots=True)
class Patience:
    """For how many seconds a proof is awaited, and how many pass between two looks."""

    clock: Clock
    wait: float = 300.0
    pause: float = 5.0


def proven(proof: Proof[Any], patience: Patience) -> Message | None:
    """Why Prometheus does not run with what was written; ``None`` once it does."""
    return _awaited(proof, patience, give_up=True)


def put_back(proof: Proof[Any], patience: Patience) -> Message | None:
    """Why Prometheus does not run with what was put back; ``None`` once it does."""
    return _awaited(proof, patience, give_up=False)


def _awaited(proof: Proof[Any], patience: Patience, *, give_up: bool) -> Message | None:
    """Reload and look until what is stored is loaded.

    Until the kubelet has brought the new file, Prometheus reads the old one: that it takes it says nothing, and that
    it refuses it neither. A refusal counts (``give_up``) once a file was taken: then the new one has come.
    """
    clock, taken = patience.clock, False
    end = clock.now() + patience.wait
    while True:
        try:
            why = _reload(proof)
            taken = taken or why is None
            use = proof.in_use(proof.observe())
            if use == "yes" or (use == "perhaps" and clock.now() >= end):
                return None
            why = why or message("restoring/not-loaded", seconds=round(patience.wait))
        except Refused as error:
            why = message("restoring/reload-refused", said=str(error))
            if taken and give_up:
                return why
        except SourceUnavailable as error:
            why = told(error)
        if clock.now() >= end:
            return why
        clock.sleep(patience.pause)


def _reload(proof: Proof[Any]) -> Message | None:
    """Why Prometheus could not be asked to reload: a sidecar, or Prometheus by itself, may do it all the same."""
    try:
        proof.reload()
    except SourceUnavailable as error:
        return told(error)
    return None
