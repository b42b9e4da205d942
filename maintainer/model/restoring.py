"""Restoring: what is written so that an object is again as it was deployed, and how far that has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from maintainer.model.drift import Change, ObjectId
from maintainer.model.message import Message

Verb = Literal["apply", "patch", "create", "delete", "disown"]
Stage = Literal["access", "configuration", "dashboards", "retention"]
Progress = Literal["writing", "waiting", "rolling-back", "done", "rolled-back", "left"]

STAGES: tuple[Stage, ...] = ("access", "configuration", "dashboards", "retention")
"""In this order objects are restored: a configuration cannot be proven while its targets cannot be reached."""

OWN_MANAGER = "maintainer"
"""The field manager of what no deployer can write. It owns nothing once an object is restored."""

_MOMENT = timedelta(microseconds=1)

OPEN: frozenset[Progress] = frozenset(("writing", "waiting", "rolling-back"))
"""How far a write has come while it is not known how it ends."""


@dataclass(frozen=True, slots=True)
class ObjectWrite:
    """A request that changes an object, as the field manager ``manager``.

    ``apply`` is a server-side apply of ``body``, which takes fields from other managers if it is ``forced``; ``patch``
    a merge patch. ``disown`` takes out of all other managers' entries what the Apply entry of the manager owns, and
    changes no value; its body is empty, like that of ``delete``. Bodies have no resourceVersion: it is added when the
    request is sent.
    """

    verb: Verb
    manager: str
    body: Mapping[str, Any] = field(default_factory=dict)
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Rewrite:
    """How an object becomes as it was deployed: ``requests`` in their order. ``undo`` brings the old values back.

    ``version`` and ``uid`` are of the object that this was made from, "" if there is none. ``origin`` is where the
    deployed object was read.
    """

    id: ObjectId
    stage: Stage
    version: str
    uid: str
    origin: str
    requests: tuple[ObjectWrite, ...]
    undo: tuple[ObjectWrite, ...]

    @property
    def body(self) -> Mapping[str, Any]:
        """The values that the object has afterwards, as far as they are written."""
        return next(request.body for request in reversed(self.requests) if request.verb != "disown")

    @property
    def body_before(self) -> Mapping[str, Any]:
        """The values that it has after ``undo``; empty if it did not exist."""
        return next(request.body for request in reversed(self.undo) if request.verb != "disown")


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """A rewrite with the ``changes`` that it takes back; ``kept`` are extras, and retention, that stay."""

    rewrite: Rewrite
    changes: tuple[Change, ...] = ()
    kept: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class NotRestored:
    """An object that differs and is not written, with the reason and what to do."""

    id: ObjectId
    why: Message


@dataclass(frozen=True, slots=True)
class RestoringPlan:
    """What would be written, in the order of the stages, and what would not."""

    writes: tuple[PlannedWrite, ...] = ()
    not_restored: tuple[NotRestored, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """What became of an object, and why it is not what was wanted.

    ``restored``: it is as it was deployed, and where Prometheus reads it, that is loaded. ``rolled-back``: it was, and
    has its previous values again. ``undone``: the same, because somebody wanted it. ``refused``: nothing was written,
    and would not be next time. ``failed``: nothing was written, because the API server could not be asked or did not
    allow it, which will not pass by itself if ``permanent``. ``changed``: somebody else changes it, and it was left to
    them. ``reloaded``: it was stored as it was deployed, and Prometheus has loaded it now; ``unloaded``: it has not,
    although it was asked to. ``unknown``: the next run will see to it.
    """

    kind: Literal[
        "restored", "rolled-back", "undone", "refused", "failed", "changed", "reloaded", "unloaded", "unknown"
    ]
    id: ObjectId
    why: Message | None = None
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class RestoringRecord:
    """What the store knows of a rewrite: noted before it begins, and before each step of it.

    ``previous`` is the whole object before it, ``None`` if there was none. ``run`` is when its run began, by its own
    clock, and ``number`` tells the rewrites of a run apart. ``turn`` counts the runs that restored something: clocks of
    two machines need not agree. It is 0 in records of versions that did not count them.
    """

    cluster: str
    run: str
    number: int
    at: datetime
    progress: Progress
    rewrite: Rewrite
    previous: Mapping[str, Any] | None = None
    turn: int = 0

    @property
    def key(self) -> tuple[str, ...]:
        """What a record is about: a rewrite of a run."""
        return self.cluster, self.run, f"{self.number:04}"

    def now(self, progress: Progress, at: datetime) -> "RestoringRecord":
        """The record when it has come so far: later than before, also by a clock that is behind."""
        return replace(self, progress=progress, at=max(at, self.at + _MOMENT))
