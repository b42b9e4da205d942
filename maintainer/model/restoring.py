"""Restoring: what is written so that an object is again as it was deployed, and how far that has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from maintainer.model.drift import Change, Content, ObjectId
from maintainer.model.message import Message

Verb = Literal["apply", "patch", "create", "delete", "disown"]
Stage = Literal["access", "configuration", "dashboards", "retention"]
Progress = Literal["writing", "waiting", "rolling-back", "done", "rolled-back", "left"]

STAGES: tuple[Stage, ...] = ("access", "configuration", "dashboards", "retention")
"""In this order objects are restored: a target that cannot be reached makes the proof of a configuration impossible."""

OWN_MANAGER = "maintainer"
"""The field manager of what no deployer can write. It owns nothing once an object is restored."""


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
    body: Content = field(default_factory=dict)
    forced: bool = False


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """How an object becomes as it was deployed again: ``requests`` in their order. ``undo`` brings the old values back.

    ``version`` and ``uid`` are of the object that the plan was made from, "" if there is none. ``changes`` are those
    that it takes back; ``kept`` are extras that stay. ``origin`` is where the desired object was read.
    """

    id: ObjectId
    stage: Stage
    version: str
    uid: str
    origin: str
    requests: tuple[ObjectWrite, ...]
    undo: tuple[ObjectWrite, ...]
    changes: tuple[Change, ...] = ()
    kept: tuple[Change, ...] = ()

    @property
    def body(self) -> Content:
        """The values that the object has afterwards, as far as they are written."""
        return self.requests[-1].body if self.requests[-1].body else self.requests[-2].body


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
class RestoringRecord:
    """What the store knows of a write, noted before each step of it.

    ``previous`` is the object before it, ``None`` if there was none. ``run`` and ``number`` tell the writes apart.
    ``normalised`` are the written values as the API server keeps them, where it changes them.
    """

    cluster: str
    run: str
    number: int
    at: datetime
    progress: Progress
    write: PlannedWrite
    previous: Mapping[str, object] | None = None
    normalised: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """What a record is about: a write of a run."""
        return self.cluster, self.run, f"{self.number:04}"

    @property
    def is_open(self) -> bool:
        """Whether the run ended before it was known how the write ended."""
        return self.progress in {"writing", "waiting", "rolling-back"}

    def now(self, progress: Progress, at: datetime) -> "RestoringRecord":
        """The record with this progress."""
        return replace(self, progress=progress, at=at)


def last_runs(records: Sequence[RestoringRecord], cluster: str, most: int) -> tuple[str, ...]:
    """The newest runs that have restored something in the cluster, the newest first."""
    runs = {record.run for record in records if record.cluster == cluster}
    return tuple(sorted(runs, reverse=True)[:most])
