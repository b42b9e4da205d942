"""``cronjob/`` as an administrator installs it, and the program as its pods run it."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import yaml

from maintainer.model.export import Export, exported
from maintainer.model.ledger import ArchiveLine, Entry
from tests.e2e.kube import Object
from tests.e2e.plane import Plane
from tests.e2e.processes import Process, as_pod, start_as_pod
from tests.e2e.product import MAINTAINER
from tests.e2e.releases import MONITORING, manifests
from tests.e2e.sites import CONFIG_MAP, IN_CLUSTER
from tests.helm.charts import named, objects, rendered
from tests.helm.manifests import CRONJOB, OVERLAYS
from tests.helm.test_maintainer import KUBECTL

NAMESPACE = "maintainer"
LEASE = "coordination.k8s.io/v1", "Lease"
NOW = datetime.now(UTC)
YOUNG = """
[{check: storage/*, subject: "", reason: the Prometheus of the test has just started},
{check: alert/*, subject: "", reason: and nothing was harvested yet}]
""".strip()
"""There is no block yet, so what a day takes is not known, and no quarter of alerts in the archive."""
NONSENSE = {"records.jsonl.gz": "bm9uc2Vuc2U="}


def install(plane: Plane, overlay: str) -> str:
    return kubectl(plane, "apply", "--server-side", "--force-conflicts", "-k", str(CRONJOB / "overlays" / overlay))


def kubectl(plane: Plane, *words: str) -> str:
    """What an administrator's kubectl prints. A warning of the API server is an error."""
    ended = subprocess.run(
        [KUBECTL, *words, "--warnings-as-errors"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(plane.folder), "KUBECONFIG": str(plane.folder / "kubeconfig")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended
    return ended.stdout


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command of the pod ended: its exit code, what it said on stderr, and the gaps of its reports."""

    code: int
    said: str
    gaps: list[str]
    reports: int
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Volumes:
    """What the kubelet mounts into the pod, but for the files of its account."""

    settings: Path
    reports: Path
    desired: Path

    @property
    def environment(self) -> dict[str, str]:
        """Where the folders are, in place of their mount paths, and where the API server is."""
        folders = {
            "MAINTAINER_REPORTS_DIRECTORY": str(self.reports),
            "MAINTAINER_DESIRED_PATHS": str(self.desired),
        }
        return {"HOME": "/nowhere", **folders, **IN_CLUSTER}


def mounted(plane: Plane) -> Volumes:
    """The settings as they are in the cluster, an empty folder for reports, and the manifests of the release."""
    volumes = Volumes(plane.folder / "maintainer.yaml", plane.folder / "reports", plane.folder / "desired")
    volumes.desired.mkdir(exist_ok=True)
    (volumes.desired / "monitoring.yaml").write_text(manifests(plane, MONITORING))
    volumes.settings.write_text(plane.kube.get(CONFIG_MAP, NAMESPACE, "maintainer-settings")["data"]["maintainer.yaml"])
    volumes.reports.mkdir(exist_ok=True)
    for old in volumes.reports.iterdir():
        old.unlink()
    return volumes


def in_pod(plane: Plane, *words: str, **environ: str) -> Ended:
    """A command as the pod of the CronJob runs it: with its settings, the token of its account, and nothing else."""
    volumes = mounted(plane)
    command = [MAINTAINER, *words, "--config", volumes.settings]
    ended = subprocess.run(
        as_pod("maintainer-1", command, plane.account(NAMESPACE, "maintainer")),
        cwd=plane.folder,
        env={"PATH": "/usr/bin:/bin", **volumes.environment, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    written = [json.loads(file.read_text()) for file in volumes.reports.glob("*.json")]
    gaps = [gap["reason"] for report in written for gap in report["gaps"] if not gap.get("accepted")]
    return Ended(ended.returncode, ended.stderr, gaps, len(written), ended.stdout)


def run_due(plane: Plane) -> Ended:
    """What the CronJob in the cluster runs, with the settings where its volume has them."""
    job = plane.kube.get(("batch/v1", "CronJob"), NAMESPACE, "maintainer")["spec"]["jobTemplate"]["spec"]
    return in_pod(plane, *words_of(job["template"]), MAINTAINER_ACCEPT=YOUNG)


def words_of(template: Object) -> list[str]:
    """The arguments of a pod, without the path of its settings."""
    (container,) = template["spec"]["containers"]
    *words, option, path = map(str, container["args"])
    assert (option, path) == ("--config", "/etc/maintainer/maintainer.yaml")
    return words


@contextmanager
def served(plane: Plane) -> Iterator[Process]:
    """The command of the Deployment, as its pod."""
    pod = plane.pod(NAMESPACE, "app.kubernetes.io/name=maintainer,pod-template-hash")
    template = plane.kube.get(("apps/v1", "Deployment"), NAMESPACE, "maintainer")["spec"]["template"]
    volumes, account = mounted(plane), plane.account(NAMESPACE, "maintainer")
    command = [MAINTAINER, *words_of(template), "--config", volumes.settings]
    process = start_as_pod(
        pod, command, account=account, environment={**volumes.environment, "MAINTAINER_ACCEPT": YOUNG}
    )
    try:
        yield process
    finally:
        process.stop()


def page(path: str) -> str:
    """A page of ``maintainer serve``; "" if it does not answer, or with an error."""
    try:
        with urlopen(f"http://127.0.0.1:8080{path}", timeout=10) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def config_map(name: str, content: dict[str, str]) -> Object:
    metadata = {"namespace": NAMESPACE, "name": name}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "binaryData": content}


def damage(plane: Plane) -> None:
    """What is in the ledger is edited by hand into nonsense."""
    plane.kube.patch(CONFIG_MAP, (NAMESPACE, "maintainer-ledger"), {"binaryData": NONSENSE})


def fill(plane: Plane) -> Ended:
    """Import an entry of the ledger and a line of the archive."""
    file, entry = plane.folder / "store.jsonl", Entry("e2e", "monthly", "2026-10", "missed", NOW)
    file.write_text(exported(Export((entry,), (ArchiveLine("e2e", "sample", NOW),))))
    return in_pod(plane, "store", "import", str(file))


def forget(plane: Plane) -> None:
    """An empty store."""
    for found in plane.kube.list(CONFIG_MAP, NAMESPACE):
        if found["metadata"]["name"] not in {"maintainer-settings", "kube-root-ca.crt"}:
            plane.kube.delete(CONFIG_MAP, NAMESPACE, found["metadata"]["name"])
    plane.kube.delete(LEASE, NAMESPACE, "maintainer")


def scrape_job() -> Object:
    """The job of the chart's Prometheus for the served calendar."""
    config = named(objects(rendered(values={"maintainer": OVERLAYS["serve"]})), "ConfigMap", "prometheus-config")
    jobs: list[Object] = yaml.safe_load(config["data"]["prometheus.yml"])["scrape_configs"]
    return next(job for job in jobs if job["job_name"] == "maintainer")
