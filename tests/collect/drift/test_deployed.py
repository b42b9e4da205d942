"""What was deployed, as Helm and files tell it."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from maintainer.clients.cluster import Cluster
from maintainer.collect.drift.deployed import Wanted, deployed
from maintainer.collect.sources import Sources
from maintainer.model.drift import Deployed, ObjectId, Release, ReleaseState
from tests.collect.drift.releases import MANIFEST, listed, packed, secret
from tests.servers.connected import connected
from tests.servers.scripted import Scripted, says

CONFIG = ObjectId("v1", "ConfigMap", "monitoring", "prometheus-config")
ROLE = ObjectId("rbac.authorization.k8s.io/v1", "ClusterRole", "", "prometheus")
KINDS = frozenset({"ConfigMap", "ClusterRole"})


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(says(listed())) as server:
        yield server


@pytest.fixture
def cluster(server: Scripted, tmp_path: Path) -> Iterator[Cluster]:
    with connected(server.url, tmp_path) as cluster:
        yield cluster


def of_releases(cluster: Cluster, *, expected: bool = False) -> Deployed:
    return deployed(Sources(cluster, None), Wanted(("monitoring/monitoring",), (), KINDS, expected=expected))


def of_files(*paths: Path, kinds: frozenset[str] = KINDS) -> Deployed:
    return deployed(Sources(None, None), Wanted((), tuple(map(str, paths)), kinds))


def reasons(found: Deployed) -> list[str]:
    return [fact.reason.id for fact in found.unavailable]


def test_the_newest_deployed_revision_says_what_was_deployed(server: Scripted, cluster: Cluster) -> None:
    server.script[:] = [says(listed((9, "superseded"), (10, "deployed"))), says(secret()), says(secret())]
    found = of_releases(cluster)
    assert [(each.id, each.origin) for each in found.objects] == [
        (ROLE, "Helm release monitoring/monitoring, revision 10"),
        (CONFIG, "Helm release monitoring/monitoring, revision 10"),
    ]
    release = Release("monitoring", "monitoring", 10, "deployed", applied="Update")
    assert found.releases == (ReleaseState(release, release),)
    assert server.asked[0].query["labelSelector"] == "owner=helm,name=monitoring"
    assert "PartialObjectMetadataList" in server.asked[0].headers["accept"]
    assert server.asked[1].path.endswith("/namespaces/monitoring/secrets/sh.helm.release.v1.monitoring.v10")


def test_a_failed_upgrade_is_known_beside_what_is_deployed(server: Scripted, cluster: Cluster) -> None:
    failed = {"status": "failed", "description": "conflict with kubectl-edit"}
    server.script[:] = [
        says(listed((2, "failed"), (1, "deployed"))),
        says(secret(info=failed, apply_method="ssa")),
        says(secret(apply_method="ssa")),
    ]
    (state,) = of_releases(cluster).releases
    assert state == ReleaseState(
        Release("monitoring", "monitoring", 2, "failed", "conflict with kubectl-edit", "Apply"),
        Release("monitoring", "monitoring", 1, "deployed", "", "Apply"),
    )


def test_releases_in_config_maps_are_read(server: Scripted, cluster: Cluster) -> None:
    in_config_map = {"data": {"release": packed({"info": {}, "manifest": MANIFEST})}}
    server.script[:] = [says(listed()), says(listed((1, "deployed"))), says(in_config_map)]
    assert [each.id for each in of_releases(cluster).objects] == [ROLE, CONFIG]


@pytest.mark.parametrize("payload", [b"", b"%%%", b64encode(b"no gzip"), b64encode(packed({"a": 1}).encode()[:-40])])
def test_a_broken_release_is_a_gap(payload: bytes, server: Scripted, cluster: Cluster) -> None:
    broken = {"data": {"release": b64encode(payload).decode()}}
    server.script[:] = [says(listed((1, "deployed"))), says(broken)]
    found = of_releases(cluster)
    assert (found.objects, reasons(found)) == ((), ["gap/helm-broken"])


def test_a_release_that_is_huge_unpacked_is_a_gap(server: Scripted, cluster: Cluster) -> None:
    server.script[:] = [says(listed((1, "deployed"))), says(secret(manifest=" " * (17 << 20)))]
    assert reasons(of_releases(cluster)) == ["gap/helm-broken"]


def test_a_release_of_the_defaults_may_be_absent_and_a_named_one_may_not(cluster: Cluster) -> None:
    assert reasons(of_releases(cluster)) == ["gap/nothing-deployed"]
    assert reasons(of_releases(cluster, expected=True)) == ["gap/helm-no-release"]


def test_without_a_cluster_nobody_says_that_releases_are_absent() -> None:
    assert reasons(deployed(Sources(None, None), Wanted(("monitoring/monitoring",), (), KINDS))) == []


def test_the_manifests_of_a_folder_are_read_and_lists_are_opened(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(MANIFEST.replace("name: prometheus-config", "name: a\n  namespace: team"), "utf-8")
    (tmp_path / "b.json").write_text(
        '{"kind": "List", "items": ['
        '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b", "namespace": "n"}}]}',
        "utf-8",
    )
    (tmp_path / "README.md").write_text("# none", "utf-8")
    found = of_files(tmp_path)
    assert [each.id.name for each in found.objects] == ["prometheus", "b", "a"]
    assert found.objects[2].origin == str(tmp_path / "a.yaml")


def test_a_broken_file_does_not_cost_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: [", "utf-8")
    (tmp_path / "b.yaml").write_text(MANIFEST, "utf-8")
    found = of_files(tmp_path, tmp_path / "absent.yaml")
    assert len(found.objects) == 2
    assert reasons(found) == ["gap/manifest-unreadable", "gap/manifest-unreadable"]


def test_values_are_read_as_kubernetes_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: n}\n"
        'data: {int: 9090, float: 1.5, yes: yes, no: "no", null: ~, time: 2026-11-30, text: "9090", octal: 0644}\n',
        "utf-8",
    )
    (found,) = of_files(file).objects
    assert found.content["data"] == {
        "int": 9090, "float": 1.5, "yes": True, "no": "no", "null": None, "time": "2026-11-30", "text": "9090",
        "octal": 420,
    }  # fmt: skip


def test_a_workload_is_compared_for_its_retention_alone(tmp_path: Path) -> None:
    workload = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: %s, namespace: n}\nspec: {args: [%s]}\n"
    (tmp_path / "a.yaml").write_text(workload % ("grafana", "--home=/"), "utf-8")
    (tmp_path / "b.yaml").write_text(workload % ("prometheus", "--storage.tsdb.retention.time=30d"), "utf-8")
    assert [each.id.name for each in of_files(tmp_path).objects] == ["prometheus"]
