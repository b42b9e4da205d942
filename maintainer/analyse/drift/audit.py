"""What the checks of drift examine: the three layers, and in what they differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from maintainer.analyse.drift.objects import changes
from maintainer.analyse.drift.owners import ForeignOwner, foreign_owner
from maintainer.analyse.reproduce import Access
from maintainer.model.drift import Change, DesiredObject, DriftFacts, StoredObject

WORKLOADS = frozenset(("DaemonSet", "Deployment", "StatefulSet"))
RETENTION = "arg=--storage.tsdb.retention"
"""How the step to an argument begins that limits what Prometheus keeps."""


@dataclass(frozen=True, slots=True)
class ComparedObject:
    """An object that was deployed, as it is stored, ``None`` if it does not exist, and in what it differs."""

    desired: DesiredObject
    stored: StoredObject | None
    changes: tuple[Change, ...] = ()
    owner: ForeignOwner | None = None


@dataclass(frozen=True, slots=True)
class DriftAudit:
    """The facts of a run, and the objects that could be read."""

    facts: DriftFacts
    objects: tuple[ComparedObject, ...]
    access: Access
    now: datetime


def drift_audit(facts: DriftFacts, *, access: Access, now: datetime) -> DriftAudit:
    """Compare what was deployed with what is stored."""
    return DriftAudit(facts, tuple(_compared(facts)), access, now)


def _compared(facts: DriftFacts) -> Iterator[ComparedObject]:
    for desired in facts.deployed.objects:
        if desired.id not in facts.stored:
            continue
        stored = facts.stored[desired.id]
        if stored is None:
            yield ComparedObject(desired, None)
        else:
            found = tuple(change for change in changes(desired, stored) if _counts(desired, change))
            yield ComparedObject(desired, stored, found, foreign_owner(stored))


def _counts(desired: DesiredObject, change: Change) -> bool:
    """Whether a change is this program's business: of a workload, only its retention is."""
    return desired.id.kind not in WORKLOADS or any(str(step).startswith(RETENTION) for step in change.path)
