"""With the roles of the CronJob doctor finds that nothing lacks, and without one of them it says what does."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from maintainer.render.words import say
from maintainer.sandbox.world import World
from tests.helm.charts import Object, named
from tests.helm.test_maintainer import kustomized
from tests.scenarios.examined import ENGLISH, examined, told
from tests.scenarios.stacks import having
from tests.scenarios.test_doctor import SOMEBODY

pytestmark = pytest.mark.extended

KINDS = {"Role": "roles", "RoleBinding": "rolebindings", "ClusterRole": "clusterroles"}
KINDS |= {"ClusterRoleBinding": "clusterrolebindings", "Namespace": "namespaces"}


@pytest.fixture(scope="module")
def manifests() -> list[Object]:
    """What is installed, with the rights for somebody, since the sandbox gives its own account all of them."""
    text = yaml.safe_dump_all(kustomized("audit"))
    return list(
        yaml.safe_load_all(
            text.replace("kind: ServiceAccount\n  name: maintainer", "kind: ServiceAccount\n  name: somebody")
        )
    )


@contextmanager
def installed(world: World, manifests: list[Object]) -> Iterator[None]:
    with ExitStack() as stack:
        for manifest in manifests:
            if manifest["kind"] in KINDS:
                stack.enter_context(having(world, KINDS[manifest["kind"]], manifest))
        yield


def flags(manifests: list[Object]) -> dict[str, Any]:
    """The settings of the CronJob, as somebody; Prometheus is at another address, and its Service is told."""
    settings = yaml.safe_load(named(manifests, "ConfigMap", "maintainer-settings")["data"]["maintainer.yaml"])
    return {
        "cluster.as": SOMEBODY,
        "prometheus.service": "monitoring/prometheus",
        "store.kind": settings["store"]["kind"],
        "grafana.dashboards": settings["grafana"]["dashboards"],
    }


def test_the_rights_of_the_cronjob_are_all_that_doctor_looks_for(
    healthy: World, manifests: list[Object], tmp_path: Path
) -> None:
    with installed(healthy, manifests):
        rows = examined(healthy.environment(), tmp_path, flags(manifests))

    assert {row.state for row in rows.values()} == {"ok"}, told(rows)


@pytest.mark.parametrize(
    ("role", "row", "said"),
    [
        ("maintainer", "permissions", "list rollouts"),
        ("maintainer-controller", "permissions", "get services in argo-rollouts"),
        ("maintainer-prometheus", "permissions", "get services in monitoring"),
        ("maintainer-store", "store", "get/create/patch/delete configmaps in maintainer"),
    ],
)
def test_without_a_role_of_the_cronjob_doctor_says_so(
    healthy: World, manifests: list[Object], tmp_path: Path, role: str, row: str, said: str
) -> None:
    kept = [item for item in manifests if item["metadata"]["name"] != role or "Role" not in item["kind"]]
    with installed(healthy, kept):
        rows = examined(healthy.environment(), tmp_path, flags(manifests))

    assert [found.id for found in rows.values() if found.state == "broken"] == [row], told(rows)
    assert said in say(ENGLISH, rows[row].seen)
