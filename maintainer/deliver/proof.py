"""Waits until Prometheus runs with the files that were written, and does not take an answer for that."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

from maintainer.errors import SourceUnavailable
from maintainer.model.clock import Clock
from maintainer.model.message import Message, message
from maintainer.model.reasons import told

T = TypeVar("T")


class Server(Protocol):
    """The type of :class:`maintainer.clients.prometheus.Prometheus`."""

    @property
    def who(self) -> str:
        """Its name in reports."""

    def reload(self) -> str:
        """Make it read its files; returns why it keeps what it has, "" if it has taken them."""


class Refused(Exception):
    """A server, ``who``, does not take its files; ``said`` is what it says."""

    def __init__(self, who: str, said: str) -> None:
        super().__init__(who, said)
        self.who = who
        self.said = said


@dataclass(frozen=True, slots=True)
class Proof(Generic[T]):
    """How it is seen that what was written is in use.

    ``reload`` asks Prometheus to read its files, and raises :class:`Refused`; ``observe`` looks at what is stored and
    what is loaded. Both raise :class:`SourceUnavailable`. ``in_use`` judges whether what is stored is loaded, and
    nothing is loaded any more that was stored before; ``perhaps`` counts as no until the wait is over. ``lacking`` are
    the names of the servers for which it is not yes, where there are several.
    """

    reload: Callable[[], None]
    observe: Callable[[], T]
    in_use: Callable[[T], Literal["yes", "perhaps", "no"]]
    lacking: Callable[[T], Sequence[str]]


def reload_all(servers: Iterable[Server]) -> None:
    """Make all servers read their files, also after one that fails.

    Raises :class:`Refused` for the first that refuses, else :class:`SourceUnavailable` for the last that is lost.
    """
    refused: Refused | None = None
    lost: SourceUnavailable | None = None
    for server in servers:
        try:
            said = server.reload()
        except SourceUnavailable as error:
            lost, said = error, ""
        if said:
            refused = refused or Refused(server.who, said)
    if refused:
        raise refused
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
            seen = proof.observe()
            use = proof.in_use(seen)
            if use == "yes" or (use == "perhaps" and clock.now() >= end):
                return None
            why = why or _not_loaded(proof.lacking(seen), round(patience.wait))
        except Refused as error:
            why = message("restoring/reload-refused", who=error.who, said=error.said)
            if taken and give_up:
                return why
        except SourceUnavailable as error:
            why = told(error)
        if clock.now() >= end:
            return why
        clock.sleep(patience.pause)


def _not_loaded(lacking: Sequence[str], seconds: int) -> Message:
    if lacking:
        return message("restoring/not-loaded.some", servers=", ".join(lacking), seconds=seconds)
    return message("restoring/not-loaded", seconds=seconds)


def _reload(proof: Proof[Any]) -> Message | None:
    """Why Prometheus could not be asked to reload: a sidecar, or Prometheus by itself, may do it all the same."""
    try:
        proof.reload()
    except SourceUnavailable as error:
        return told(error)
    return None
