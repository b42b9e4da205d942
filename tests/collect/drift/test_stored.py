"""What the cluster stores of the objects that were deployed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients.cluster import Cluster
from maintainer.collect.drift.stored import stored_objects
from maintainer.collect.sources import Sources
from maintainer.model.drift import FieldManager, ObjectId, StoredObject
from tests.servers.connected import connected
from tests.servers.scripted import Scripted, says

CONFIG = ObjectId("v1", "ConfigMap", "monitoring", "prometheus-config")
ROLE = ObjectId("rbac.authorization.k8s.io/v1", "ClusterRole", "", "prometheus")
NOT_FOUND = says({"kind": "Status", "reason": "NotFound", "message": "not found"}, 404)
FORBIDDEN = says({"kind": "Status", "reason": "Forbidden", "message": "no"}, 403)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(NOT_FOUND) as server:
        yield server


@pytest.fixture
def cluster(server: Scripted, tmp_path: Path) -> Iterator[Cluster]:
    with connected(server.url, tmp_path) as cluster:
        yield cluster


def config(**metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": "prometheus-config", "resourceVersion": "7", **metadata}, "data": {"a": "b"}}


def test_an_object_is_told_apart_from_who_wrote_it(server: Scripted, cluster: Cluster) -> None:
    write = {"manager": "helm", "operation": "Apply", "time": "2026-11-30T09:00:00Z", "fieldsV1": {"f:data": {}}}
    server.script[:] = [says(config(managedFields=[write]))]
    stored, why = stored_objects(Sources(cluster, None), cluster, [CONFIG])
    manager = FieldManager("helm", "Apply", datetime(2026, 11, 30, 9, tzinfo=UTC), {"f:data": {}})
    assert (stored, why) == ({CONFIG: StoredObject(CONFIG, config(), "7", (manager,))}, ())
    assert server.asked[0].path == "/api/v1/namespaces/monitoring/configmaps/prometheus-config"


def test_an_object_that_does_not_exist_is_none_and_one_that_may_not_be_read_is_a_gap(
    server: Scripted, cluster: Cluster
) -> None:
    server.script[:] = [NOT_FOUND, FORBIDDEN]
    stored, why = stored_objects(Sources(cluster, None), cluster, [CONFIG, ROLE])
    assert stored == {CONFIG: None}
    assert [fact.reason.id for fact in why] == ["gap/cluster-forbidden"]
    assert server.asked[1].path == "/apis/rbac.authorization.k8s.io/v1/clusterroles/prometheus"


@pytest.mark.parametrize("odd", [[], {"managedFields": 1}, {"resourceVersion": None}])
def test_an_object_with_odd_metadata_is_a_gap(odd: Any, server: Scripted, cluster: Cluster) -> None:
    server.script[:] = [says({"metadata": {**config()["metadata"], **odd} if odd else odd})]
    stored, why = stored_objects(Sources(cluster, None), cluster, [CONFIG])
    assert (stored, [fact.reason.id for fact in why]) == ({}, ["gap/web-broken-answer"])
