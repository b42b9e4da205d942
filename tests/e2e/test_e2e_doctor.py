"""Doctor on a real API server: the CronJob's rights are enough for it, and the manifest that it prints gives them."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.cronjob import NAMESPACE, install
from tests.e2e.plane import Plane, control_plane
from tests.e2e.processes import Command, as_pod
from tests.e2e.product import MAINTAINER
from tests.e2e.releases import MONITORING, manifests
from tests.e2e.sites import CONFIG_MAP, IN_CLUSTER, QUICK, Site, site
from tests.helm.test_maintainer import kustomized
from tests.servers.shell import pasted

Rows = dict[str, dict[str, Any]]
DOCTOR = (MAINTAINER, "doctor", "--format", "json")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with control_plane(tmp_path_factory.mktemp("plane")) as plane, site(plane, QUICK) as made:
        install(plane, "audit")
        yield made


def examined(plane: Plane, command: Command, environ: dict[str, str]) -> tuple[int, Rows]:
    """The exit code and the rows of doctor."""
    ended = subprocess.run(
        [*map(str, command)],
        cwd=plane.folder,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere", **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.stdout, ended
    return ended.returncode, {row["id"]: row for row in json.loads(ended.stdout)["rows"]}


def in_pod(plane: Plane) -> tuple[int, Rows]:
    """Doctor as the pod of the CronJob would run it."""
    settings = plane.folder / "settings-of-the-pod.yaml"
    settings.write_text(plane.kube.get(CONFIG_MAP, NAMESPACE, "maintainer-settings")["data"]["maintainer.yaml"])
    desired = plane.folder / "desired"
    desired.mkdir(exist_ok=True)
    (desired / "monitoring.yaml").write_text(manifests(plane, MONITORING))
    command = as_pod("maintainer-1", [*DOCTOR, "--config", settings], plane.account(NAMESPACE, "maintainer"))
    return examined(plane, command, {**IN_CLUSTER, "MAINTAINER_DESIRED_PATHS": str(desired)})


def states(rows: Rows) -> dict[str, str]:
    return {id_: row["state"] for id_, row in rows.items()}


def test_with_the_rights_of_the_cronjob_every_row_is_ok(cluster: Site) -> None:
    code, rows = in_pod(cluster.plane)

    assert set(states(rows).values()) == {"ok"}, rows
    assert code == 0
    assert "system:serviceaccount:maintainer:maintainer" in rows["kubernetes"]["seen"]
    assert {"alertmanager", "clocks", "deployed", "retention", "store"} <= rows.keys()


def test_from_outside_prometheus_is_found_and_reached_through_the_api_server(cluster: Site) -> None:
    environ = {"KUBECONFIG": str(cluster.plane.folder / "kubeconfig")}
    code, rows = examined(cluster.plane, DOCTOR, environ)

    assert (set(states(rows).values()), code) == ({"ok"}, 0), rows
    assert "/services/prometheus:" in rows["prometheus"]["seen"]


def test_the_manifest_that_is_printed_gives_the_rights_that_lack(cluster: Site) -> None:
    kube = cluster.plane.kube
    for manifest in kustomized("audit"):
        if "Role" in manifest["kind"]:
            metadata = manifest["metadata"]
            kube.delete((manifest["apiVersion"], manifest["kind"]), metadata.get("namespace", ""), metadata["name"])
    code, rows = in_pod(cluster.plane)

    assert code == 3
    assert {id_ for id_, state in states(rows).items() if state == "broken"} == {"permissions", "store"}, rows
    assert {row["because"] for row in rows.values()} <= {"", "permissions"}
    environ = {"KUBECONFIG": str(cluster.plane.folder / "kubeconfig")}
    for _ in range(2):  # with the rights on pods, the ConfigMaps that they mount are known by their names
        for row in (rows["permissions"], rows["store"]):
            if row["next"]:
                done = pasted(row["next"], environ, home=cluster.plane.folder)
                assert done.returncode == 0, done.stdout
        code, rows = in_pod(cluster.plane)
    assert (set(states(rows).values()), code) == ({"ok"}, 0), rows
