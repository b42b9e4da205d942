"""Waits until Prometheus runs with the files that were written, and does not take an answer for that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from maintainer.errors import SourceUnavailable
from maintainer.model.clock import Clock
from maintainer.model.message import Message, message
from maintainer.model.reasons import told

T = TypeVar("T")


class Refused(Exception):
    """Prometheus does not take its files; the text is what it says."""


@dataclass(frozen=True, slots=True)
class Proof(Generic[T]):
    """How it is seen that what was written is in use.

    ``reload`` asks Prometheus to read its files, and raises :class:`Refused`; ``observe`` looks at what it has loaded.
    Both raise :class:`SourceUnavailable`. ``satisfied`` judges whether that is what was deployed, and ``as_before``
    whether it is what was loaded before.
    """

    reload: Callable[[], None]
    observe: Callable[[], T]
    satisfied: Callable[[T], bool]
    as_before: Callable[[T], bool]


@dataclass(frozen=True, slots=True)
class Patience:
    """For how many seconds a proof is awaited, and how many pass between two looks."""

    clock: Clock
    wait: float = 300.0
    pause: float = 5.0


def proven(proof: Proof[Any], patience: Patience) -> Message | None:
    """Why Prometheus does not run with what was deployed; ``None`` once it does."""
    return _awaited(proof, proof.satisfied, patience)


def put_back(proof: Proof[Any], patience: Patience) -> Message | None:
    """Why Prometheus does not run with what it had before; ``None`` once it does."""
    return _awaited(proof, proof.as_before, patience, give_up=False)


def _awaited(
    proof: Proof[Any], wanted: Callable[[Any], bool], patience: Patience, *, give_up: bool = True
) -> Message | None:
    """Reload and look until it is as wanted.

    Until the kubelet has brought the new file, Prometheus reads the old one: that it takes it says nothing, and that
    it refuses it neither. A refusal counts (``give_up``) once a file was taken: then the new one has come.
    """
    clock, taken = patience.clock, False
    end = clock.now() + patience.wait
    while True:
        try:
            proof.reload()
            taken = True
            why = message("restoring/not-loaded", seconds=round(patience.wait))
            if wanted(proof.observe()):
                return None
        except Refused as error:
            why = message("restoring/reload-refused", said=str(error))
            if taken and give_up:
                return why
        except SourceUnavailable as error:
            why = told(error)
        if clock.now() >= end:
            return why
        clock.sleep(patience.pause)
