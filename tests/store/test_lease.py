"""Two runs at once on the store of a cluster: one holds the Lease, and the other is told which."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from maintainer.clients.stored_objects import LEASES
from maintainer.errors import SourceUnavailable
from maintainer.model.clock import Clock
from maintainer.sandbox.store import Object
from maintainer.store.interface import LockHeld
from tests.store.in_cluster import InCluster


@pytest.fixture
def world(tmp_path: Path) -> Iterator[InCluster]:
    world = InCluster(tmp_path)
    yield world
    world.stop()


def lease(world: InCluster) -> Object:
    found = world.objects.get("leases", ("maintainer", "maintainer"))
    assert found
    return found


def test_one_run_holds_the_lease_and_its_end_frees_it(world: InCluster) -> None:
    with world.store().lock("host-a, process 1"):
        with pytest.raises(LockHeld) as held, world.store().lock("host-b, process 2"):
            pytest.fail("two runs hold the lease")
        assert held.value.holder.startswith("host-a, process 1 (last seen 20")
    with world.store().lock("host-b, process 2"):
        assert lease(world)["spec"]["holderIdentity"] == "host-b, process 2"
    assert not lease(world)["spec"].get("holderIdentity")


def test_a_run_that_fails_frees_the_lease(world: InCluster) -> None:
    with pytest.raises(ZeroDivisionError), world.store().lock("host-a, process 1"):
        raise ZeroDivisionError
    with world.store().lock("host-b, process 2"):
        pass


def test_a_lease_is_renewed_while_its_run_lasts(world: InCluster) -> None:
    with world.store(duration=0.4).lock("host-a, process 1"):
        first, until = lease(world)["spec"]["renewTime"], time.monotonic() + 20
        while lease(world)["spec"]["renewTime"] == first and time.monotonic() < until:
            time.sleep(0.05)
        assert lease(world)["spec"]["renewTime"] > first


def abandon(world: InCluster) -> None:
    """The Lease of a run that was killed an hour ago."""
    metadata = {"namespace": "maintainer", "name": "maintainer"}
    spec = {"holderIdentity": "host-a, process 1", "leaseDurationSeconds": 60, "renewTime": "2026-10-01T06:00:00.000Z"}
    world.objects.put("leases", {"apiVersion": LEASES[0], "kind": "Lease", "metadata": metadata, "spec": spec})


def test_the_lease_of_a_run_that_was_killed_is_taken_once_it_gives_no_sign(world: InCluster) -> None:
    abandon(world)
    waited: list[float] = []

    with world.store(clock=Clock(lambda: 0.0, waited.append)).lock("host-b, process 2"):
        assert lease(world)["spec"]["holderIdentity"] == "host-b, process 2"
    assert waited == [20.0]


def test_a_run_whose_clock_is_late_is_not_taken_for_a_killed_one(world: InCluster) -> None:
    renewing = world.store(behind=120.0, duration=0.2)

    def sleep(_seconds: float) -> None:
        first, until = lease(world)["spec"]["renewTime"], time.monotonic() + 20
        while lease(world)["spec"]["renewTime"] == first and time.monotonic() < until:
            time.sleep(0.02)

    with (
        renewing.lock("host-a, process 1"),
        pytest.raises(LockHeld),
        world.store(clock=Clock(lambda: 0.0, sleep)).lock("host-b, process 2"),
    ):
        pytest.fail("two runs hold the lease")


def test_a_run_that_lost_the_lease_does_not_free_that_of_the_next(world: InCluster) -> None:
    with world.store().lock("host-a, process 1"):
        world.objects.put("leases", {**lease(world), "spec": {"holderIdentity": "host-b, process 2"}})
    assert lease(world)["spec"]["holderIdentity"] == "host-b, process 2"


def test_a_lease_that_somebody_touched_is_still_freed(world: InCluster) -> None:
    with world.store().lock("host-a, process 1"):
        world.objects.put("leases", {**lease(world), "metadata": {**lease(world)["metadata"], "labels": {"a": "b"}}})
    assert not lease(world)["spec"].get("holderIdentity")


@pytest.mark.parametrize("verb", ["get", "create", "patch"])
def test_a_missing_right_is_told_before_the_run(world: InCluster, verb: str) -> None:
    world.api.forbid(verb, "leases")
    with pytest.raises(SourceUnavailable, match="cluster-forbidden-in-namespace"), world.store().lock("host-a"):
        pytest.fail("the lease is held")
