"""The lock of a cluster's store: a Lease that a run renews while it lasts."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from maintainer.clients.api_request import ObjectChanged
from maintainer.clients.stored_objects import LEASES, LeaseSpec, StoredLease, StoredObjects
from maintainer.errors import SourceUnavailable
from maintainer.model.clock import Clock
from maintainer.store.interface import LockHeld

DURATION = 60.0
"""Seconds after which a Lease that is not renewed is free. It is renewed four times as often."""


class Lease:
    """A Lease with this name. ``clock`` measures the wait for an abandoned Lease, ``now`` is the time of day.

    A lost Lease costs no run its result: all writes compare versions.
    """

    def __init__(
        self,
        objects: StoredObjects,
        name: str,
        *,
        clock: Clock,
        now: Callable[[], datetime],
        duration: float = DURATION,
    ) -> None:
        self._objects = objects
        self._name = name
        self._clock = clock
        self._now = now
        self._duration = duration

    @contextmanager
    def held(self, holder: str) -> Iterator[None]:
        """Hold the Lease, and renew it. Raises :class:`LockHeld`, and :class:`SourceUnavailable` before it is held."""
        renewal = _Renewal(self._take(holder))
        thread = threading.Thread(target=self._renew, args=(renewal, holder), name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            renewal.ended.set()
            # A request that gets no answer must not hold up the end: then the Lease is free after its duration.
            thread.join(timeout=2.0)
            if not thread.is_alive():
                self._free(renewal, holder)

    def _take(self, holder: str) -> str:
        """Become the holder, and return the resourceVersion."""
        try:
            lease = self._get() or self._objects.ensure(LEASES, self._name, type_=StoredLease)
            if lease.spec.holder_identity and not self._abandoned(lease):
                raise LockHeld(_described(lease))
            return self._write(lease.metadata.resource_version, holder)
        except ObjectChanged:
            raise LockHeld(_described(self._get())) from None

    def _abandoned(self, lease: StoredLease) -> bool:
        """Whether the holder has given no sign for the duration of the Lease.

        Its clock and ours may differ, so an old sign is only believed if no new one comes while it should.
        """
        duration = timedelta(seconds=lease.spec.lease_duration_seconds or self._duration)
        if lease.spec.renew_time and lease.spec.renew_time + duration > self._now():
            return False
        self._clock.sleep(self._duration / 3)
        again = self._get()
        return again is not None and again.metadata.resource_version == lease.metadata.resource_version

    def _renew(self, renewal: "_Renewal", holder: str) -> None:
        """Renew the Lease until the run ends, or somebody else has taken it."""
        while not renewal.ended.wait(self._duration / 4):
            try:
                renewal.version = self._write(renewal.version, holder)
            except SourceUnavailable:
                continue
            except ObjectChanged:
                if not self._still_ours(renewal, holder):
                    return

    def _still_ours(self, renewal: "_Renewal", holder: str) -> bool:
        """Whether we hold the Lease; then its resourceVersion is noted. An answer to a renewal may have been lost."""
        try:
            lease = self._get()
        except SourceUnavailable:
            return True
        if lease is None or lease.spec.holder_identity != holder:
            return False
        renewal.version = lease.metadata.resource_version
        return True

    def _write(self, version: str, holder: str | None) -> str:
        spec = {
            "holderIdentity": holder,
            "leaseDurationSeconds": round(self._duration) or 1 if holder else None,
            "renewTime": self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if holder else None,
        }
        written = self._objects.patch(LEASES, self._name, version=version, body={"spec": spec}, type_=StoredLease)
        return written.metadata.resource_version

    def _free(self, renewal: "_Renewal", holder: str) -> None:
        """Let the next run begin at once, if the Lease is still ours."""
        if self._still_ours(renewal, holder):
            try:
                self._write(renewal.version, None)
            except (SourceUnavailable, ObjectChanged):
                return

    def _get(self) -> StoredLease | None:
        return self._objects.get(LEASES, self._name, type_=StoredLease)


def _described(lease: StoredLease | None) -> str:
    spec = lease.spec if lease else LeaseSpec()
    at = f" (last seen {spec.renew_time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)" if spec.renew_time else ""
    return f"{spec.holder_identity or 'another run'}{at}"


class _Renewal:
    """What the thread of the renewals and the run tell each other."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.ended = threading.Event()
