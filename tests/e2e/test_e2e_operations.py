"""The commands of docs/operations.md on a real API server, in their order: nothing is left of it in the end."""

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maintainer.model.export import Export, exported
from maintainer.model.ledger import ArchiveLine, Entry
from tests.e2e.plane import Plane, control_plane
from tests.e2e.processes import until
from tests.e2e.product import MAINTAINER

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
NOT_HERE = (
    "docker ",
    "make image",
    "tools/containers.sh ",
    "kubectl logs ",
    "kubectl port-forward ",
    "maintainer doctor",
    "maintainer report show",
)
"""There is neither a registry, nor a container that has a log or a port, nor a Prometheus, and so no report."""
PASSING = re.compile(r"event.*|lease.*/(kube-|apiserver-).*")
"""What comes and goes in every cluster."""
NOW = datetime.now(UTC)
REMEMBERED = Export((Entry("e2e", "monthly", "2026-10", "missed", NOW),), (ArchiveLine("e2e", "sample", NOW),))


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with control_plane(tmp_path_factory.mktemp("plane")) as running:
        for name in ("argo-rollouts", "monitoring"):
            running.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        kubeconfig = running.folder / "kubeconfig"
        for context in ("old", "new"):
            at(running, f"kubectl config set-context {context} --cluster=$(kubectl config get-clusters | tail -n 1)"
               f" --user=$(kubectl config get-users | tail -n 1) --kubeconfig {kubeconfig}")  # fmt: skip
        (running.folder / "cronjob").symlink_to(ROOT / "cronjob")
        until(lambda: not unfinished(running), 120, lambda: str(unfinished(running)))
        yield running


def unfinished(plane: Plane) -> set[str]:
    """The namespaces that lack what Kubernetes itself puts into each of them, some time after it is made."""

    def having(kind: tuple[str, str], name: str) -> set[str]:
        return {each["metadata"]["namespace"] for each in plane.kube.list(kind) if each["metadata"]["name"] == name}

    whole = having(("v1", "ServiceAccount"), "default") & having(("v1", "ConfigMap"), "kube-root-ca.crt")
    return {each["metadata"]["name"] for each in plane.kube.list(("v1", "Namespace"))} - whole


def at(plane: Plane, script: str) -> str:
    """What an administrator's shell prints."""
    ended = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script],
        cwd=plane.folder,
        env={
            "PATH": f"{MAINTAINER.parent}:/usr/bin:/bin",
            "HOME": str(plane.folder),
            "KUBECONFIG": str(plane.folder / "kubeconfig"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, f"{script}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


def commands(title: str) -> str:
    """The commands of a section, without those that need what is not here."""
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    lines = "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL)).splitlines()
    return "\n".join(line for line in lines if not line.startswith(NOT_HERE))


def objects(plane: Plane) -> set[str]:
    """All objects of the cluster, as ``namespace kind/name``."""
    kinds = at(plane, "kubectl api-resources --verbs=list -o name").split()
    name = "{range .items[*]}{.metadata.namespace} {.kind}/{.metadata.name}{'\\n'}{end}"
    listed = at(plane, f'kubectl get {",".join(kinds)} -A -o jsonpath="{name}"')
    return {line for line in listed.splitlines() if not PASSING.fullmatch(line.split()[-1].lower())}


def test_what_is_installed_upgraded_and_restored_is_removed_without_a_trace(plane: Plane) -> None:
    before = objects(plane)

    at(plane, commands("In a cluster in 5 minutes"))
    installed = objects(plane)
    assert "maintainer CronJob/maintainer" in installed

    (plane.folder / "first.jsonl").write_text(exported(REMEMBERED))
    at(plane, "MAINTAINER_STORE_KIND=configmaps maintainer store import first.jsonl")
    assert "2026-10" in at(plane, commands("See what it does"))

    at(plane, commands("Upgrade, and go back"))
    image = "{.spec.jobTemplate.spec.template.spec.containers[0].image}"
    assert at(plane, f"kubectl get cronjob -n maintainer maintainer -o jsonpath='{image}'").endswith(":0.2.0")

    at(plane, commands("Back up, move and restore"))
    assert at(plane, "maintainer store export") == (plane.folder / "first.jsonl").read_text()
    assert at(plane, "kubectl get cronjob -n maintainer maintainer -o jsonpath='{.spec.suspend}'") == "false"

    at(plane, "kubectl apply -k cronjob/overlays/prometheus-operator")
    at(plane, commands("Remove it without a trace"))
    assert objects(plane) - before == set()
    assert before - objects(plane) == set()
