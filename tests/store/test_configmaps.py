"""The store in ConfigMaps: what is left by runs that are killed, that write at once, or that meet other objects."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest

from maintainer.errors import SourceUnavailable
from maintainer.sandbox.store import Object, key_of
from maintainer.store.configmaps import KEY
from maintainer.store.interface import MOST_ASIDE, Conflict, Store
from tests.store.entries import entry, incompressible
from tests.store.in_cluster import Dying, InCluster
from tests.store.machine import EFFORT, Killed, Writers, ledger, put


class ClusterWriters(Writers):
    world: ClassVar[InCluster]
    after = False

    def set_up(self) -> None:
        for item in self.world.objects.snapshot("configmaps").objects:
            self.world.objects.delete("configmaps", key_of(item))

    def store(self) -> Store:
        return self.world.store()

    def kill(self, number: int, write: Callable[[Store], object]) -> None:
        self.after = not self.after
        with suppress(Killed):
            write(self.world.store(Dying(self.world.cluster, number % 8 + 1, after=self.after)))


@pytest.fixture(scope="module", autouse=True)
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The cluster of the writers: to start one for each example takes too long."""
    ClusterWriters.world = InCluster(tmp_path_factory.mktemp("shared"))
    yield
    ClusterWriters.world.stop()


ClusterWriters.TestCase.settings = EFFORT
TestClusterWriters = ClusterWriters.TestCase


@pytest.fixture
def world(tmp_path: Path) -> Iterator[InCluster]:
    world = InCluster(tmp_path)
    yield world
    world.stop()


def config_map(world: InCluster, name: str) -> Object:
    found = world.objects.get("configmaps", ("maintainer", name))
    assert found
    return found


def make(world: InCluster, name: str, **content: Any) -> None:
    """A ConfigMap as a person makes it."""
    metadata = {"namespace": "maintainer", "name": name}
    world.objects.put("configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **content})


def test_reading_asks_once_and_makes_nothing(world: InCluster) -> None:
    assert ledger(world.store()).read().records == ()
    assert list(world.api.requests) == [("GET", "/api/v1/namespaces/maintainer/configmaps/maintainer-ledger")]


def test_a_ledger_that_is_too_large_for_a_config_map_continues_in_known_names(world: InCluster) -> None:
    large = [entry(f"2026-{month:02}", report=incompressible(600, month)) for month in range(1, 6)]
    ledger(world.store()).add(large)

    names = [item["metadata"]["name"] for item in world.objects.snapshot("configmaps").objects]
    assert names == ["maintainer-ledger", "maintainer-ledger-2", "maintainer-ledger-3"]
    assert ledger(world.store()).read().records == tuple(large)


def test_a_document_is_written_only_over_the_expected_version(world: InCluster) -> None:
    store = world.store()
    store.save("ledger", b"one", None)
    first = store.load("ledger")
    assert first
    store.save("ledger", b"two", first.version)

    for expected in (None, first.version):
        with pytest.raises(Conflict):
            store.save("ledger", b"three", expected)
        with pytest.raises(Conflict):
            store.set_aside("ledger", expected or "")
    with pytest.raises(Conflict):
        store.delete("ledger", first.version)
    after = store.load("ledger")
    assert after
    assert after.content == b"two"


@pytest.mark.parametrize(
    "content",
    [
        {"data": {"prometheus.yml": "scrape_configs: []"}},
        {"data": {"note": "mine"}, "binaryData": {KEY: "bm9uc2Vuc2U="}},
        {"binaryData": {"other": "AA=="}},
    ],
)
def test_a_config_map_of_somebody_else_or_edited_into_nonsense_is_copied_before_it_is_used(
    world: InCluster, content: dict[str, Any]
) -> None:
    make(world, "maintainer-ledger", **content)
    assert [problem.name for problem in ledger(world.store()).read().problems] == ["ledger"]

    problems = ledger(world.store()).add([entry()])

    assert [problem.aside for problem in problems] == ["maintainer-aside-1"]
    copied = config_map(world, "maintainer-aside-1")
    assert {key: copied.get(key) for key in ("data", "binaryData") if copied.get(key)} == content
    assert ledger(world.store()).read().records == (entry(),)
    assert "data" not in config_map(world, "maintainer-ledger")


def test_what_was_set_aside_is_never_overwritten(world: InCluster) -> None:
    for number in range(1, MOST_ASIDE + 1):
        make(world, f"maintainer-aside-{number}", data={"number": str(number)})
    make(world, "maintainer-ledger", data={"a": "b"})

    with pytest.raises(SourceUnavailable, match="store-asides"):
        ledger(world.store()).add([entry()])
    assert config_map(world, "maintainer-ledger")["data"] == {"a": "b"}


def test_setting_aside_again_after_a_kill_uses_the_same_copy(world: InCluster) -> None:
    make(world, "maintainer-ledger", data={"a": "b"})
    stored = world.store().load("ledger")
    assert stored

    assert {world.store().set_aside("ledger", stored.version) for _ in range(2)} == {"maintainer-aside-1"}


def test_a_namespace_that_does_not_exist_is_named(world: InCluster) -> None:
    world.objects.delete("namespaces", ("", "maintainer"))
    with pytest.raises(SourceUnavailable, match="cluster-no-namespace"):
        ledger(world.store()).add([entry()])


@pytest.mark.parametrize(("verb", "needed"), [("get", "get"), ("create", "create, patch"), ("patch", "create, patch")])
def test_a_missing_right_is_named(world: InCluster, verb: str, needed: str) -> None:
    world.api.forbid(verb, "configmaps")
    with pytest.raises(SourceUnavailable, match="cluster-forbidden-in-namespace") as refused:
        ledger(world.store()).add([entry()])
    assert refused.value.params["verb"] == needed


def test_a_document_that_is_too_large_for_the_api_is_refused_by_it(world: InCluster) -> None:
    with pytest.raises(SourceUnavailable, match="Too long"):
        world.store().save("ledger", bytes(2**20 + 1), None)
    put(world.store(), "ledger", bytes(900 * 1024))
