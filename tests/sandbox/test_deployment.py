"""What Helm has deployed in the simulated cluster, and what was edited since: the product reads it as the real one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maintainer.clients import helm
from maintainer.clients.cluster import Cluster
from maintainer.clients.whole_objects import stored_object
from maintainer.model.drift import ObjectId
from maintainer.sandbox.api import ApiServer
from maintainer.sandbox.deployment import Installed, Writer, edit, install
from maintainer.sandbox.kubelet import Kubelet
from maintainer.sandbox.store import Store
from tests.servers.connected import connected

AT = datetime(2026, 11, 1, tzinfo=UTC)
CONFIG = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"namespace": "monitoring", "name": "config"},
    "data": {"a.yml": "a: 1"},
}
KEY = ("monitoring", "config")


@pytest.fixture
def store() -> Store:
    store = Store()
    install(store, Installed("monitoring", "stack", [CONFIG], AT))
    return store


@pytest.fixture
def cluster(store: Store, tmp_path: Path) -> Iterator[Cluster]:
    api = ApiServer(store).start()
    with connected(api.url, tmp_path) as cluster:
        yield cluster
    api.stop()


def test_a_release_has_its_objects_its_manager_and_its_manifests(cluster: Cluster) -> None:
    (revision,) = helm.revisions(cluster, "monitoring", "stack")
    release, manifests = helm.contents(cluster, revision)
    assert (release.status, release.applied, "name: config" in manifests) == ("deployed", "Apply", True)
    stored = stored_object(cluster, ObjectId("v1", "ConfigMap", *KEY), "configmaps")
    assert stored is not None
    assert [(one.name, one.operation, one.time) for one in stored.managers] == [("helm", "Apply", AT)]


def test_an_edit_takes_its_fields_from_the_deployer_at_its_time(store: Store, cluster: Cluster) -> None:
    edit(
        store,
        "configmaps",
        KEY,
        lambda live: live["data"].update({"a.yml": "a: 2"}),
        by=Writer("kubectl-edit", AT + timedelta(days=1)),
    )
    stored = stored_object(cluster, ObjectId("v1", "ConfigMap", *KEY), "configmaps")
    assert stored is not None
    assert {(one.name, one.time) for one in stored.managers} == {
        ("helm", AT),
        ("kubectl-edit", AT + timedelta(days=1)),
    }


def test_the_kubelet_writes_what_is_stored_and_nothing_that_is_the_same(store: Store, tmp_path: Path) -> None:
    kubelet = Kubelet(store, tmp_path, [KEY, ("monitoring", "none")])
    kubelet.sync()
    first = (tmp_path / "a.yml").stat()
    kubelet.sync()
    assert (tmp_path / "a.yml").stat() == first
    edit(store, "configmaps", KEY, lambda live: live["data"].update({"a.yml": "a: 2"}), by=Writer("kubectl-edit", AT))
    kubelet.sync()
    assert [(file.name, file.read_text("utf-8")) for file in tmp_path.iterdir()] == [("a.yml", "a: 2")]
