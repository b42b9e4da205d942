"""What the checks of drift examine: the three layers, and in what they differ."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial

from maintainer.analyse.drift.copies import OtherCopy, other_copy
from maintainer.analyse.drift.documents import documents
from maintainer.analyse.drift.loaded import (
    NotLoaded,
    config_not_loaded,
    pools_not_running,
    retention_not_loaded,
    rules_not_loaded,
)
from maintainer.analyse.drift.meaning import known_series, with_meaning
from maintainer.analyse.drift.objects import changes
from maintainer.analyse.drift.owners import ForeignOwner, foreign_owner
from maintainer.analyse.promql.selector_faults import KnownSeries
from maintainer.analyse.reproduce import Access
from maintainer.model.drift import Change, DashboardCopy, DesiredObject, DriftFacts, ObjectId, StoredObject
from maintainer.model.report import Json

WORKLOADS = frozenset(("DaemonSet", "Deployment", "StatefulSet"))
RETENTION = "--storage.tsdb.retention"
"""How an argument begins that limits what Prometheus keeps."""
SETTLED = timedelta(minutes=10)
"""The time after which what is stored must be loaded: a mounted ConfigMap takes two minutes, a reload up to three."""


@dataclass(frozen=True, slots=True)
class ComparedObject:
    """An object that was deployed, as it is stored, ``None`` if it does not exist, and in what it differs.

    ``not_loaded`` is what the servers lack of an object that is stored as it was deployed. ``copies`` are Grafana's
    copies of its dashboards, as far as these are stored as they were deployed and Grafana has them in another way.
    """

    desired: DesiredObject
    stored: StoredObject | None
    changes: tuple[Change, ...] = ()
    owner: ForeignOwner | None = None
    not_loaded: tuple[NotLoaded, ...] = ()
    copies: tuple[OtherCopy, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether it lacks something that was deployed, or has something else there."""
        return self.stored is None or any(change.what != "extra" for change in self.changes)

    @property
    def reload_helps(self) -> bool:
        """Whether a server lacks something that it would read again: flags it takes only when it starts.

        Nor does it begin a job by reading again that it has loaded and cannot begin.
        """
        return any(not (lack.idle or str(lack.path[0]).startswith("--")) for lack in self.not_loaded)

    @property
    def written(self) -> datetime | None:
        """When a field of it was written last, ``None`` if that is not known."""
        managers = self.stored.managers if self.stored else ()
        return max((manager.time for manager in managers if manager.time and not manager.subresource), default=None)


@dataclass(frozen=True, slots=True)
class DriftAudit:
    """The facts of a run, and the objects that could be read."""

    facts: DriftFacts
    objects: tuple[ComparedObject, ...]
    access: Access
    now: datetime

    def fresh(self, compared: ComparedObject) -> bool:
        """Whether an object was written too recently for Prometheus to have loaded it by now."""
        return compared.written is not None and self.now - compared.written < SETTLED


def drift_audit(facts: DriftFacts, *, access: Access, now: datetime) -> DriftAudit:
    """Compare what was deployed with what is stored, and what is stored as deployed with what is loaded."""
    known = cache(partial(known_series, facts.deployed.objects))
    copies: dict[ObjectId, list[DashboardCopy]] = {}
    for copy in facts.copies:
        copies.setdefault(copy.holder, []).append(copy)
    objects = (
        _compared(desired, facts.stored[desired.id], known=known, copies=copies.get(desired.id, ()))
        for desired in facts.deployed.objects
        if desired.id in facts.stored
    )
    loaded = (
        compared if compared.differs else replace(compared, not_loaded=tuple(_not_loaded(compared, facts, now)))
        for compared in objects
    )
    return DriftAudit(facts, tuple(loaded), access, now)


def _compared(
    desired: DesiredObject,
    stored: StoredObject | None,
    *,
    known: Callable[[], KnownSeries],
    copies: Iterable[DashboardCopy],
) -> ComparedObject:
    if stored is None:
        return ComparedObject(desired, None)
    counted = (change for change in changes(desired, stored) if counts(desired, change))
    found = tuple(with_meaning(change, desired, known=known) for change in counted)
    edited = {change.key or change.path[-1] for change in found if change.path}
    others = (other_copy(copy, desired, known=known) for copy in copies if copy.key not in edited)
    return ComparedObject(
        desired, stored, found, foreign_owner(stored), copies=tuple(other for other in others if other)
    )


def counts(desired: DesiredObject, change: Change) -> bool:
    """Whether a change is this program's business: of a workload, only its retention is."""
    return desired.id.kind not in WORKLOADS or any(str(step).startswith(f"arg={RETENTION}") for step in change.path)


def _not_loaded(compared: ComparedObject, facts: DriftFacts, now: datetime) -> Iterator[NotLoaded]:
    """What each server lacks. Where another server evaluates the rules, the one that scrapes need not have them."""
    held, flags = documents(compared.desired), _retention_flags(compared.desired)
    for server in facts.loaded:
        if server.evaluates:
            yield from rules_not_loaded(held.groups, server)
        if server.scrapes:
            for config in held.configs:
                yield from config_not_loaded(config, server)
                yield from pools_not_running(config, server, now)
            yield from retention_not_loaded(flags, server)


def _retention_flags(desired: DesiredObject) -> Mapping[str, str]:
    """The flags of a workload that limit what Prometheus keeps, and their values."""
    found = _arguments(desired.content) if desired.id.kind in WORKLOADS else ()
    flags = (text.removeprefix("--").partition("=") for text in found if text.startswith(RETENTION))
    return {name: value for name, _, value in flags}


def _arguments(content: Json) -> Iterator[str]:
    """The arguments of all containers."""
    if isinstance(content, Mapping):
        arguments = content.get("args")
        yield from (text for text in arguments if isinstance(text, str)) if isinstance(arguments, (list, tuple)) else ()
        for value in content.values():
            yield from _arguments(value)
    elif isinstance(content, (list, tuple)):
        for item in content:
            yield from _arguments(item)
