"""A cluster after the guide: the real controller, Prometheus and Alertmanager behind the objects of the charts."""

import base64
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.e2e.kube import Object, namespaced
from tests.e2e.parts import found
from tests.e2e.plane import HOST, Plane
from tests.e2e.processes import Command, Process, start, start_as_pod, until
from tests.e2e.releases import MONITORING, SERVICE, install

CONFIG_MAP, SERVICE_KIND = ("v1", "ConfigMap"), ("v1", "Service")
RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
PROMETHEUS_SERVICE = "monitoring/prometheus"
"""Which Service is behind a URL of this machine can only be guessed, by times of start, where it is not told."""
IN_CLUSTER = {"KUBERNETES_SERVICE_HOST": HOST, "KUBERNETES_SERVICE_PORT": "6443"}
SLACK = "http://hooks.slack.test:9094/services/T/B/secret"
PROMETHEUS, ALERTMANAGER = "http://prometheus.monitoring.svc:9090", "http://alertmanager.monitoring.svc:9093"
QUICK: Mapping[str, Any] = {
    "scrape": {"interval": "3s", "timeout": "3s"},
    "alerting": {"groupWait": "1s", "groupInterval": "2s", "slack": {"enabled": True, "webhookUrl": SLACK}},
}
"""Values of the monitoring chart with short intervals, for fast tests."""


@dataclass(slots=True)
class Site:
    """The programs on a control plane. ``values`` are those of the monitoring chart."""

    plane: Plane
    values: Mapping[str, Any]
    running: dict[str, Process] = field(default_factory=dict)

    @property
    def configs(self) -> Path:
        """The folder for the volumes of pods."""
        return self.plane.folder / "volumes"

    def install(self) -> None:
        """Install both charts in the order of the guide."""
        install(self.plane, "argo-rollouts", SERVICE)
        install(self.plane, "monitoring", MONITORING, self.values)

    def start_controller(self) -> None:
        """Start the controller as the pod of its Deployment."""
        pod = self.plane.pod("argo-rollouts", "app.kubernetes.io/name=argo-rollouts")
        # With the default rate limit of the client, hundreds of new Rollouts wait for minutes.
        # Its health is not on port 8080, which all pods share here, and which is that of maintainer serve.
        speed = ("--qps=200", "--burst=400")
        command = [found("rollouts-controller"), *speed, "--loglevel=warning", "--healthzPort=8082"]
        self.running["controller"] = self._start(pod, command, ("argo-rollouts", "argo-rollouts"))
        self.running["controller"].wait_for("http://127.0.0.1:8090/metrics")

    def start_prometheus(self) -> None:
        """Start Prometheus as the pod of the chart's StatefulSet, with the arguments in the StatefulSet."""
        pod = self.plane.pod("monitoring", "app.kubernetes.io/component=prometheus")
        self.mount("prometheus-config")
        folders = {"/etc/prometheus": self.configs / "prometheus-config", "/prometheus": self.plane.folder / "data"}
        command = [found("prometheus"), *self._arguments("prometheus", folders)]
        self.running["prometheus"] = self._start(pod, command, ("monitoring", "prometheus"))
        self.running["prometheus"].wait_for(f"{PROMETHEUS}/-/ready")

    def forget(self) -> None:
        """Restart Prometheus without its data: else it shows the series of a removed job for five minutes."""
        self.stop("prometheus")
        shutil.rmtree(self.plane.folder / "data")
        self.start_prometheus()

    def start_alertmanager(self) -> None:
        """Start Alertmanager in the same manner. Debian's version is older than the chart's image."""
        pod = self.plane.pod("monitoring", "app.kubernetes.io/component=alertmanager")
        folder, secrets = self.mount("alertmanager-config"), self.configs / "secrets"
        (secrets / "slack").mkdir(parents=True, exist_ok=True)
        secret = self.plane.kube.get(("v1", "Secret"), "monitoring", "alertmanager-slack")["data"]
        (secrets / "slack" / "webhook-url").write_bytes(base64.b64decode(secret["webhook-url"]))
        config = folder / "alertmanager.yml"
        config.write_text(config.read_text().replace("/etc/alertmanager-secrets", str(secrets)))
        folders = {"/etc/alertmanager": folder, "/alertmanager": self.plane.folder / "alertmanager"}
        program = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")
        assert program, "alertmanager is not on PATH: apt-get install prometheus-alertmanager"
        command = [Path(program), *self._arguments("alertmanager", folders)]
        self.running["alertmanager"] = self._start(pod, command, ("monitoring", "default"))
        self.running["alertmanager"].wait_for(f"{ALERTMANAGER}/-/ready")

    def stop(self, *names: str) -> None:
        """Stop these programs, or all programs."""
        for name in names or tuple(self.running):
            self.running.pop(name).stop()

    def config_map(self, key: tuple[str, str]) -> Mapping[str, str]:
        """The files of a ConfigMap."""
        data: Mapping[str, str] = self.plane.kube.get(CONFIG_MAP, *key)["data"]
        return data

    def mount(self, name: str) -> Path:
        """Write the files of a ConfigMap of the namespace monitoring, as the kubelet does."""
        folder = self.configs / name
        folder.mkdir(parents=True, exist_ok=True)
        data = self.config_map(("monitoring", name))
        for there in folder.iterdir():
            if there.name not in data:
                there.unlink()
        for file, text in data.items():
            (folder / file).write_text(text)
        return folder

    def reload(self) -> None:
        """Make Prometheus reload its configuration and its rules."""
        answer = requests.post(f"{PROMETHEUS}/-/reload", timeout=10)
        assert answer.ok, answer.text

    def query(self, promql: str) -> list[dict[str, Any]]:
        """The result of an instant query."""
        answer = requests.get(f"{PROMETHEUS}/api/v1/query", {"query": promql}, timeout=10).json()
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    def wait_for(self, promql: str) -> None:
        """Wait until a query has a result."""
        until(lambda: self.query(promql), 120, lambda: f"{promql}; {self.query('up')}")

    def _arguments(self, name: str, folders: Mapping[str, Path]) -> list[str]:
        workload = self.plane.kube.get(("apps/v1", "StatefulSet"), "monitoring", name)
        (container,) = workload["spec"]["template"]["spec"]["containers"]
        return [inside(word, folders) for word in container["args"]]

    def _start(self, pod: str, command: Command, account: tuple[str, str]) -> Process:
        files = self.plane.account(*account)
        return start_as_pod(pod, command, account=files, environment=IN_CLUSTER)


def inside(word: str, folders: Mapping[str, Path]) -> str:
    """An argument with the folder of a volume in place of its mount path."""
    flag, is_given, path = word.partition("=")
    if is_given and path.startswith("/"):
        for mounted, folder in folders.items():
            if path == mounted or path.startswith(f"{mounted}/"):
                return f"{flag}={folder}{path.removeprefix(mounted)}"
    return word


def prepare(plane: Plane, *, upstreams_service: bool = False) -> None:
    """Apply Argo Rollouts' install.yaml; by default without its metrics Service, which the chart creates."""
    manifests = [manifest for manifest in yaml.safe_load_all(found("install.yaml").read_text()) if manifest]
    if not upstreams_service:
        manifests = [manifest for manifest in manifests if manifest["kind"] != "Service"]
    namespaces = [_namespace("argo-rollouts"), _namespace("monitoring", **RESTRICTED)]
    plane.kube.apply(*namespaces, *namespaced(manifests, "argo-rollouts"))
    # There is no provisioner for the volume claims of the charts.
    plane.kube.apply(_STORAGE_CLASS)
    plane.kube.apply(*(volume(name, size) for name, size in (("prometheus", "50Gi"), ("alertmanager", "1Gi"))))


@contextmanager
def site(plane: Plane, values: Mapping[str, Any]) -> Iterator[Site]:
    """The guide's monitoring of a controller; ready when Prometheus scrapes the controller."""
    prepare(plane)
    made = Site(plane, values)
    try:
        made.install()
        made.start_controller()
        made.start_prometheus()
        made.start_alertmanager()
        made.wait_for('up{job="argo-rollouts"} == 1')
        yield made
    finally:
        made.stop()


@contextmanager
def debian(made: Site) -> Iterator[str]:
    """A second Prometheus, Debian's, which is built without Kubernetes discovery; yields its URL.

    Its configuration is the chart's, with the active targets of the chart's Prometheus in place of discovery.
    """
    program = shutil.which("prometheus")
    assert program, "prometheus is not on PATH: apt-get install prometheus"
    folder = made.plane.folder / "debian"
    shutil.copytree(made.configs / "prometheus-config", folder)
    config = yaml.safe_load((folder / "prometheus.yml").read_text())
    active = requests.get(f"{PROMETHEUS}/api/v1/targets", timeout=10).json()["data"]["activeTargets"]
    for job in config["scrape_configs"]:
        if job.pop("kubernetes_sd_configs", None):
            del job["relabel_configs"]
            job["static_configs"] = [_static(target) for target in active if target["scrapePool"] == job["job_name"]]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    flags = (f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}")
    server = start([program, *flags, "--web.listen-address=127.0.0.1:9242"], folder)
    try:
        server.wait_for("http://127.0.0.1:9242/-/ready")
        yield "http://127.0.0.1:9242"
    finally:
        server.stop()


def _static(target: Mapping[str, Any]) -> dict[str, Any]:
    labels = target["labels"]
    return {"targets": [labels["instance"]], "labels": {"pod": labels["pod"]}}


def _namespace(name: str, **labels: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


_STORAGE_CLASS: Object = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "disk", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "kubernetes.io/no-provisioner",
    "allowVolumeExpansion": True,
}


def volume(name: str, size: str) -> Object:
    """A PersistentVolume that a claim of this size can have."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "capacity": {"storage": size},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "disk",
            "hostPath": {"path": os.devnull},
        },
    }
