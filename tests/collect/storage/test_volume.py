"""The volume of a Prometheus: of the settings, of its claim, as its kubelet measures it, or why it is not known."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.sources import Sources
from maintainer.collect.storage.volume import volume
from maintainer.model.storage import Volume
from tests.scenarios.front import Answer, Asked, Front
from tests.servers.connected import connected

GIB = 2**30
SERVICE = {
    "metadata": {"name": "prometheus", "namespace": "monitoring"},
    "spec": {"selector": {"app": "prometheus"}, "ports": [{"port": 9090}]},
}
CLAIM = {"spec": {"storageClassName": "ssd"}, "status": {"capacity": {"storage": "50Gi"}}}
CLASS = {"allowVolumeExpansion": True}
FOUND = Volume(50 * GIB, "claim", claim="monitoring/data-0", storage_class="ssd", expandable=True)


def pod(number: int, *claims: str) -> dict[str, Any]:
    volumes = [{"name": claim, "persistentVolumeClaim": {"claimName": claim}} for claim in claims]
    return {
        "metadata": {"name": f"prometheus-{number}", "namespace": "monitoring", "labels": {"app": "prometheus"}},
        "spec": {"containers": [{"image": "prometheus"}], "volumes": volumes},
        "status": {"phase": "Running"},
    }


@contextmanager
def cluster(
    folder: Path, *pods: dict[str, Any], results: Mapping[str, float] | None = None, **objects: dict[str, Any] | None
) -> Iterator[Sources]:
    """The sources of a cluster with these pods of Prometheus; ``None`` for an object is one that is forbidden."""
    core, monitoring = "/api/v1/namespaces/monitoring", results or {}
    known: dict[str, Any] = {
        f"{core}/services/prometheus": SERVICE,
        f"{core}/pods": {"metadata": {}, "items": list(pods)},
        f"{core}/persistentvolumeclaims/data-0": CLAIM,
        f"{core}/persistentvolumeclaims/data-1": {**CLAIM, "status": {"capacity": {"storage": "40Gi"}}},
        "/apis/storage.k8s.io/v1/storageclasses/ssd": CLASS,
    }
    known |= {path: found for path in known for name, found in objects.items() if path.split("/")[-2] == name}

    def answer(asked: Asked, _forward: Callable[[], Answer]) -> Answer:
        path = asked.target.partition("?")[0]
        if path == "/api/v1/query":
            values = [value for name, value in monitoring.items() if name in asked.query]
            result = [{"metric": {}, "value": [1, str(value)]} for value in values]
            return _json({"status": "success", "data": {"resultType": "vector", "result": result}})
        found = known.get(path)
        refusal = {"kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden", "message": "forbidden"}
        return Answer(403, json.dumps(refusal).encode()) if found is None else _json(found)

    with Front("http://127.0.0.1:9", answer) as front, connected(front.url, folder) as client:
        prometheus = Prometheus(Endpoint(front.url))
        try:
            yield Sources(client, prometheus, service=("monitoring", "prometheus"))
        finally:
            prometheus.close()


def _json(value: Any) -> Answer:
    return Answer(body=json.dumps(value).encode())


def read(sources: Sources, disk_size: int = 0) -> tuple[Volume | None, list[str]]:
    assert sources.prometheus is not None
    found, why = volume(sources, sources.prometheus, disk_size=disk_size, started=None)
    assert all(each.source == "disk" for each in why)
    return found, [each.reason.id for each in why]


def test_the_volume_is_that_of_the_claim_of_the_pod(tmp_path: Path) -> None:
    with cluster(tmp_path, pod(0, "data-0")) as sources:
        assert read(sources) == (FOUND, [])


def test_of_several_pods_the_smallest_volume_counts(tmp_path: Path) -> None:
    with cluster(tmp_path, pod(0, "data-0"), pod(1, "data-1")) as sources:
        found, why = read(sources)

    assert found is not None
    assert (found.size, found.claim, why) == (40 * GIB, "monitoring/data-1", [])


def test_what_the_kubelet_measures_is_kept_beside_it(tmp_path: Path) -> None:
    measured = {"capacity_bytes": 49.0 * GIB, "used_bytes": 20.0 * GIB}
    with cluster(tmp_path, pod(0, "data-0"), results=measured) as sources:
        found, _ = read(sources)

    assert found is not None
    assert (found.size, found.capacity, found.used) == (50 * GIB, 49 * GIB, 20 * GIB)


@pytest.mark.parametrize(
    ("pods", "reason"),
    [((pod(0),), "gap/no-claim"), ((pod(0, "data-0", "data-1"),), "gap/many-claims"), ((), "gap/no-prometheus-pods")],
)
def test_a_volume_that_cannot_be_told_is_a_gap(tmp_path: Path, pods: tuple[dict[str, Any], ...], reason: str) -> None:
    with cluster(tmp_path, *pods) as sources:
        assert read(sources) == (None, [reason])


def test_a_claim_that_is_not_bound_has_no_size(tmp_path: Path) -> None:
    with cluster(tmp_path, pod(0, "data-0"), persistentvolumeclaims={"spec": {}, "status": {}}) as sources:
        assert read(sources) == (None, ["gap/no-volume"])


def test_without_the_right_to_read_the_class_it_is_not_known_whether_the_volume_grows(tmp_path: Path) -> None:
    with cluster(tmp_path, pod(0, "data-0"), storageclasses=None) as sources:
        found, why = read(sources)

    assert found is not None
    assert (found.expandable, why) == (None, [])


@pytest.mark.parametrize("pods", [(pod(0, "data-0"),), (pod(0),)])
def test_the_size_of_the_settings_goes_before_all(tmp_path: Path, pods: tuple[dict[str, Any], ...]) -> None:
    with cluster(tmp_path, *pods) as sources:
        found, why = read(sources, 30 * GIB)

    assert found is not None
    assert (found.size, found.source, why) == (30 * GIB, "settings", [])
