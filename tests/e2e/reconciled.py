"""The guide's charts on a real API server, a real Prometheus with the files of a kubelet, and the command."""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import requests
from kubernetes.dynamic.exceptions import NotFoundError

from tests.e2e.parts import found
from tests.e2e.plane import Plane
from tests.e2e.processes import Process, start_as_pod
from tests.e2e.product import MAINTAINER, Report
from tests.e2e.releases import MONITORING, SERVICE, install
from tests.e2e.sites import CONFIG_MAP, IN_CLUSTER, PROMETHEUS, inside
from tests.helm.test_maintainer import KUBECTL

RULES = "argo-rollouts.rules.yml"
CONFIG = "monitoring", "prometheus-config"
STORE = "maintainer"
RBAC = "rbac.authorization.k8s.io/v1"


@dataclass
class Kubelet:
    """Brings the files of Prometheus' ConfigMap ``delay`` seconds after they were seen, while it is not ``away``."""

    plane: Plane
    folder: Path
    delay: float = 0.0
    away: bool = False
    _seen: list[tuple[float, Mapping[str, str]]] = field(default_factory=list)
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def run(self, ended: threading.Event) -> None:
        while not ended.wait(0.2):
            self.sync()

    def sync(self) -> None:
        with self._alone:  # what was read first must not be written last
            self._sync()

    def _sync(self) -> None:
        try:
            data = self.plane.kube.get(CONFIG_MAP, *CONFIG)["data"]
        except NotFoundError:  # the files stay as they are
            return
        if not self._seen or self._seen[-1][1] != data:
            self._seen.append((monotonic() + (self.delay if self._seen else 0.0), data))
        due = [files for at, files in self._seen if at <= monotonic()]
        if not self.away:
            self.folder.mkdir(parents=True, exist_ok=True)
            for name, text in due[-1].items():
                new = self.folder / f"{name}.new"  # Prometheus may read it at any time
                new.write_text(text)
                new.replace(self.folder / name)


@dataclass
class Deployed:
    """What was deployed, and how it is edited, deployed again and restored."""

    plane: Plane
    kubelet: Kubelet
    prometheus: Process

    def rules(self) -> str:
        """The alert rules, as they are stored."""
        text: str = self.plane.kube.get(CONFIG_MAP, *CONFIG)["data"][RULES]
        return text

    def version(self) -> str:
        version: str = self.plane.kube.get(CONFIG_MAP, *CONFIG)["metadata"]["resourceVersion"]
        return version

    def loaded(self, alert: str) -> float | None:
        """For how many seconds the alert waits in the rules that Prometheus has loaded; ``None`` if it has none."""
        groups = requests.get(f"{PROMETHEUS}/api/v1/rules", timeout=10).json()["data"]["groups"]
        waits = [rule["duration"] for group in groups for rule in group["rules"] if rule["name"] == alert]
        return waits[0] if waits else None

    def edit(self, script: str, name: tuple[str, str] = CONFIG, kind: str = "configmap") -> None:
        """``kubectl edit``, with a sed script for an editor."""
        self.kubectl("-n", name[0], "edit", kind, name[1], editor=f"sed -i '{script}'")

    def kubectl(self, *words: str, editor: str = "false") -> str:
        environ = {"KUBECONFIG": self.kubeconfig, "KUBE_EDITOR": editor, "PATH": "/usr/bin:/bin", "HOME": self.home}
        ended = subprocess.run([KUBECTL, *words], env=environ, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 0, ended
        return ended.stdout

    @property
    def home(self) -> str:
        return str(self.plane.folder)

    @property
    def kubeconfig(self) -> str:
        return str(self.plane.folder / "kubeconfig")

    def upgrade(self, values: Mapping[str, Any] | None = None) -> None:
        """``helm upgrade`` of the monitoring. Without values, those of the release before are kept."""
        install(self.plane, "monitoring", MONITORING, values)

    def command(self, *words: str) -> list[str]:
        quickly = ("--prometheus-url", PROMETHEUS, "-o", "-", "--format", "json")
        return [str(MAINTAINER), "run", "reconcile", *quickly, *words]

    def environment(self, **more: str) -> dict[str, str]:
        """Short waits, and a store in the cluster."""
        store = {"MAINTAINER_STORE_KIND": "configmaps", "MAINTAINER_STORE_NAMESPACE": STORE}
        own = {"KUBECONFIG": self.kubeconfig, "MAINTAINER_RECONCILE_WAIT": "20s"}
        return {"PATH": "/usr/bin:/bin", "HOME": self.home, **own, **store, **more}

    def run(self, *words: str, **more: str) -> Report:
        """``maintainer run reconcile`` with these options, and its report."""
        ended = self.ended(*words, **more)
        assert ended.stdout, f"exit {ended.returncode}: {ended.stderr}"
        return Report(ended.returncode, json.loads(ended.stdout), ended.stderr)

    @contextmanager
    def running(self, *words: str, **more: str) -> Iterator["Running"]:
        """The same, while it runs."""
        popen = subprocess.Popen(
            self.command(*words),
            cwd=self.plane.folder,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield Running(popen)
        finally:
            popen.kill()
            popen.communicate()

    def load(self) -> None:
        """Let Prometheus load what is stored."""
        self.kubelet.sync()
        assert requests.post(f"{PROMETHEUS}/-/reload", timeout=10).ok

    def reset(self, values: Mapping[str, Any]) -> None:
        """Deploy anew, and load that."""
        self.kubelet.delay, self.kubelet.away = 0.0, False
        self.plane.kube.delete(CONFIG_MAP, *CONFIG)
        self.upgrade(values)
        self.load()

    def allow_to_read(self, user: str) -> None:
        """A user that can read everything, and write nothing."""
        role = {"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": user}}
        rules = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]}]
        reference = {"apiGroup": RBAC.partition("/")[0], "kind": "ClusterRole", "name": user}
        subjects = [{"apiGroup": RBAC.partition("/")[0], "kind": "User", "name": user}]
        binding = {**role, "kind": "ClusterRoleBinding", "roleRef": reference, "subjects": subjects}
        self.plane.kube.apply({**role, "rules": rules}, binding)

    def ended(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*words),
            cwd=self.plane.folder,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )


@dataclass
class Running:
    """A command that runs."""

    popen: "subprocess.Popen[str]"

    def report(self) -> Report:
        """Its report, when it has ended."""
        printed, said = self.popen.communicate(timeout=120)
        assert printed, said
        return Report(self.popen.returncode, json.loads(printed), said)


def done(report: Report) -> list[tuple[str, str]]:
    """What was done, and to what."""
    return [(action["kind"], action["subject"]["name"]) for action in report.json["actions"]]


@contextmanager
def deployed(plane: Plane) -> Iterator[Deployed]:
    """Both charts, and Prometheus with the arguments of its StatefulSet."""
    namespaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        for name in (SERVICE[1], "monitoring", STORE)
    ]
    plane.kube.apply(*namespaces)
    install(plane, "argo-rollouts", SERVICE)
    install(plane, "monitoring", MONITORING)
    kubelet = Kubelet(plane, plane.folder / "prometheus-config")
    kubelet.sync()
    made = Deployed(plane, kubelet, prometheus(plane, kubelet.folder))
    try:
        with synced(kubelet):
            yield made
    finally:
        made.prometheus.stop()


@contextmanager
def synced(kubelet: Kubelet) -> Iterator[None]:
    """Let a kubelet bring the files meanwhile."""
    ended = threading.Event()
    thread = threading.Thread(target=kubelet.run, args=(ended,))
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def prometheus(plane: Plane, folder: Path, *, name: str = "prometheus-0", at: Sequence[str] = ()) -> Process:
    """The Prometheus of the chart, running. It answers ``at`` these addresses with ports, else at port 9090 of all."""
    workload = plane.kube.get(("apps/v1", "StatefulSet"), "monitoring", "prometheus")
    (container,) = workload["spec"]["template"]["spec"]["containers"]
    volumes = {"/etc/prometheus": folder, "/prometheus": plane.folder / f"data-{name}"}
    flags = [inside(word, volumes) for word in container["args"]]
    command = [found("prometheus"), *flags, *(f"--web.listen-address={address}" for address in at)]
    account = plane.account("monitoring", "prometheus")
    process = start_as_pod(name, command, account=account, environment=IN_CLUSTER)
    process.wait_for(f"http://{at[0]}/-/ready" if at else f"{PROMETHEUS}/-/ready")
    return process
