"""Only a run that holds the lock of the right store may restore: where the cluster's cannot be seen, it may not."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients.cluster import Cluster
from maintainer.clients.limits import Limits
from maintainer.errors import SourceUnavailable
from maintainer.model.clock import Clock
from maintainer.model.guard import unguarded
from maintainer.remembering import remembering
from maintainer.settings import load
from maintainer.store_opening import Surroundings
from tests.store.in_cluster import InCluster

NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)


def connecting(cluster: Cluster | SourceUnavailable) -> Surroundings:
    """A run on this cluster, or on one that refuses each connection with this error."""

    def connect(_limits: Limits) -> Cluster:
        if isinstance(cluster, SourceUnavailable):
            raise cluster
        return cluster

    return Surroundings(Clock(lambda: 0.0, lambda _seconds: None), NOW, connect, unguarded)


def noted(surroundings: Surroundings, folder: Path, **store: Any) -> str:
    """The store in which a run would note what it restores."""
    flags = {
        "store.record": True,
        "store.path": str(folder),
        **{f"store.{name}": value for name, value in store.items()},
    }
    with remembering(load("", {}, flags), surroundings, run="reconcile") as opened:
        opened.restoring(lambda: "production")
        return opened.store.place


def test_where_the_clusters_store_may_not_be_read_nothing_is_restored(tmp_path: Path) -> None:
    refused = SourceUnavailable("cluster-unauthorized", permanent=True, url="https://127.0.0.1:6443", detail="no")
    with pytest.raises(SourceUnavailable) as raised:
        noted(connecting(refused), tmp_path)

    assert raised.value is refused


def test_a_folder_that_the_settings_name_is_a_choice(tmp_path: Path) -> None:
    refused = SourceUnavailable("cluster-unauthorized", permanent=True, url="https://127.0.0.1:6443", detail="no")
    assert str(tmp_path) in noted(connecting(refused), tmp_path, kind="directory")


def test_a_cluster_without_a_store_leaves_the_notes_in_the_folder(tmp_path: Path) -> None:
    world = InCluster(tmp_path)
    try:
        assert str(tmp_path) in noted(connecting(world.cluster), tmp_path)
    finally:
        world.stop()
