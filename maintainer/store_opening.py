"""Opens the store of the settings, a folder or the one of a cluster, and holds its lock."""

import os
import socket
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from maintainer.clients.cluster import Cluster
from maintainer.clients.limits import Limits
from maintainer.clients.stored_objects import StoredObjects
from maintainer.errors import DeliveryFailed, SourceUnavailable
from maintainer.model.clock import Clock
from maintainer.model.guard import Guard
from maintainer.settings_results import StoreSettings
from maintainer.store.configmaps import ConfigMapStore
from maintainer.store.directory import DirectoryStore
from maintainer.store.interface import LockHeld, Store
from maintainer.store.lease import Lease

FOLDER = "reports/store"
"""The store if the settings name no folder."""

LOOK_SECONDS = 10.0
"""The longest look whether the cluster has a ledger: it must not hold up a run of somebody who has none."""

WAIT_SECONDS = 2.0
"""Between two attempts to get the lock."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a store needs of a run: its clocks, how it connects to the cluster, and what guards its steps."""

    clock: Clock
    now: datetime
    connect: Callable[[Limits], Cluster]
    guard: Guard


def open_store(settings: StoreSettings, surroundings: Surroundings) -> Store:
    """The store of the settings; ``auto`` is the cluster's if there is a ledger in it that can be read."""
    folder = DirectoryStore(settings.path or FOLDER)
    if settings.kind == "directory" or (settings.kind == "auto" and not _in_cluster(settings, surroundings)):
        return folder
    try:
        return _config_maps(settings, surroundings, Limits())
    except SourceUnavailable:
        if settings.kind == "auto":
            return folder
        raise


def _in_cluster(settings: StoreSettings, surroundings: Surroundings) -> bool:
    """Whether the cluster has a ledger that can be read. That it has none, or may not be asked, is no error."""
    try:
        return has_ledger(settings, surroundings)
    except SourceUnavailable:
        return False


def has_ledger(settings: StoreSettings, surroundings: Surroundings) -> bool:
    """Whether the cluster has a ledger. Raises :class:`SourceUnavailable`."""
    limits = Limits.of_run(LOOK_SECONDS)
    with closing(_config_maps(settings, surroundings, Limits(end=limits.end, run=limits.run, retries=0))) as store:
        return store.load("ledger") is not None


def _config_maps(settings: StoreSettings, surroundings: Surroundings, limits: Limits) -> ConfigMapStore:
    objects = StoredObjects(surroundings.connect(limits), settings.namespace)
    clock, began = surroundings.clock, surroundings.clock.now()

    def now() -> datetime:
        return surroundings.now + timedelta(seconds=clock.now() - began)

    return ConfigMapStore(objects, settings.name, lease=Lease(objects, settings.name, clock=clock, now=now))


def hold(held: ExitStack, store: Store, wait: float, *, surroundings: Surroundings, run: str) -> None:
    """Hold the lock of the store until ``held`` ends, after a wait of so many seconds if need be.

    Raises :class:`DeliveryFailed` if another run holds it for longer.
    """
    clock, until = surroundings.clock, surroundings.clock.now() + wait
    since = f"{surroundings.now:%Y-%m-%d %H:%M:%S %Z}"
    holder = f"{run} on {socket.gethostname()}, process {os.getpid()}, since {since}"
    while True:
        try:
            held.enter_context(store.lock(holder))
        except LockHeld as error:
            if clock.now() >= until:
                raise DeliveryFailed(
                    f"another run holds the lock of {store.place}: {error.holder}. Nothing was run; wait for it with "
                    "--wait-lock 5m, or run without --record"
                ) from error
            clock.sleep(WAIT_SECONDS)
        else:
            return
