"""What was asked of a Rollout and does not show in its status yet, by upstream's rules for clients of the API."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from maintainer.clients.decoding import Moment, decoded
from maintainer.model.facts import Pending

_DIGITS = 19
"""Digits of a generation, which is an int64."""


class _Write(msgspec.Struct, rename="camel"):
    """An entry of ``managedFields``: the last write of a field manager."""

    manager: str = ""
    time: Moment | None = None
    fields: dict[str, dict[str, Any]] = msgspec.field(name="fieldsV1", default={})

    @property
    def at(self) -> float:
        """The time of the write in seconds since the epoch, 0 if there is none."""
        return self.time.timestamp() if self.time else 0.0


def request(generation: int, observed: str, *, abort: tuple[bool, bool], unpausing: bool) -> str:
    """What the controller has not acted on (see :class:`Pending`), "" if nothing.

    ``abort`` is whether ``status.abort`` is true and whether ``status.abortedAt`` is set: the controller writes the
    two together. Source: ``isGenerationObserved`` and ``IsUnpausing`` in utils/rollout/rolloututil.go, and
    ``CalculateAbortStatus`` in rollout/pause.go of Argo Rollouts v1.9.2.
    """
    if observed != str(generation) and _is_older(observed, generation):
        return "spec"
    asked, acted_on = abort
    if asked is not acted_on:
        return "abort" if asked else "retry"
    return "promotion" if unpausing else ""


def pending(asked: str, generation: int, observed: str, *, writes: msgspec.Raw) -> Pending:
    """The request with its time and its writer from ``managedFields``, which may be empty.

    A promotion has neither: it removes the pause conditions, and nobody is the manager of a field that is not there.
    Raises :class:`BrokenAnswer`.
    """
    if asked not in _WROTE or not bytes(writes):
        return Pending(asked, generation, observed)
    known: list[_Write] = decoded(writes, list[_Write] | None) or []  # type: ignore[arg-type]  # a union is no type
    own = max(filter(_WROTE[asked], known), key=lambda write: write.at, default=_Write())
    return Pending(asked, generation, observed, own.at, own.manager, max((write.at for write in known), default=0.0))


def _is_older(observed: str, generation: int) -> bool:
    """Whether this is the number of an older generation. Controllers before v1.0 wrote a hash of the spec."""
    return observed.isdecimal() and len(observed) <= _DIGITS and int(observed) < generation


_WROTE: Mapping[str, Callable[[_Write], bool]] = {
    "spec": lambda write: "f:spec" in write.fields,
    "abort": lambda write: "f:abort" in write.fields.get("f:status", {}),
    "retry": lambda write: "f:abort" in write.fields.get("f:status", {}),
}
"""By request, whether a write may have made it."""
