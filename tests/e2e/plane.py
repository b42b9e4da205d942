"""A real Kubernetes control plane, with nodes that kwok simulates."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
import yaml
from kubernetes.dynamic.exceptions import NotFoundError

from tests.e2e.kube import Kube, Object
from tests.e2e.parts import found
from tests.e2e.processes import Command, Process, start, until

HOST = "10.44.255.1"
"""An address of the range that ``tools/e2e.sh`` gives to this machine; each pod has an address of its own in it."""
URL = f"https://{HOST}:6443"
OURS = Path("/run/hosts")
"""What ``tools/e2e.sh`` leaves in the namespaces that it makes."""
STAGES = ("node-initialize", "node-heartbeat", "pod-ready", "pod-complete", "pod-delete")
AUDIT: Object = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata", "userGroups": ["system:serviceaccounts:maintainer"]}, {"level": "None"}],
}
"""The requests of maintainer's ServiceAccount are in the audit log of the API server."""
ROOM = {"cpu": "1k", "memory": "1Ti", "pods": "5k", "ephemeral-storage": "1Ti"}
NODE: Object = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "node-1", "annotations": {"kwok.x-k8s.io/node": "fake"}},
    "status": dict.fromkeys(("allocatable", "capacity"), ROOM),
}


@dataclass(frozen=True, slots=True)
class Plane:
    """A running control plane with its files in ``folder``."""

    kube: Kube
    folder: Path

    def account(self, namespace: str, name: str) -> Path:
        """The files that the kubelet mounts into a pod of a ServiceAccount."""
        folder = self.folder / f"account-{namespace}-{name}"
        folder.mkdir(exist_ok=True)
        (folder / "token").write_text(self.kube.token_of(namespace, name))
        (folder / "ca.crt").write_bytes(self.kube.ca_file.read_bytes())
        (folder / "namespace").write_text(namespace)
        return folder

    @property
    def audit_log(self) -> Path:
        """A line of JSON for each request of maintainer's ServiceAccount."""
        return self.folder / "audit.jsonl"

    def pod(self, namespace: str, selector: str) -> str:
        """The name of the only pod of a workload, once it is ready."""
        pods: list[Object] = []

        def ready() -> bool:
            pods[:] = self.kube.list(("v1", "Pod"), namespace, selector)
            return [_is_ready(pod) for pod in pods] == [True]

        until(ready, 60, lambda: f"pods of {selector} in {namespace}: {[pod['status'] for pod in pods]}")
        name: str = pods[0]["metadata"]["name"]
        return name


@contextmanager
def control_plane(folder: Path) -> Iterator[Plane]:
    """Start a control plane with a node, and end it."""
    assert OURS.exists(), "outside of namespaces of its own, the addresses of its pods are other machines': make e2e"
    running: list[Process] = []
    try:
        kube = _started(folder, running)
        yield Plane(kube, folder)
    finally:
        for process in reversed(running):
            process.stop()


@contextmanager
def api_server(folder: Path, program: str = "kube-apiserver") -> Iterator[Plane]:
    """Start an API server by itself: objects are stored, and no controller does anything with them."""
    assert OURS.exists(), "outside of namespaces of its own, it would take the ports of another one: make e2e"
    running: list[Process] = []
    try:
        kube = _served(folder, running, program)
        (folder / "kubeconfig").write_text(kube.kubeconfig())
        yield Plane(kube, folder)
    finally:
        for process in reversed(running):
            process.stop()


@contextmanager
def newer_api_server(older: Plane) -> Iterator[Plane]:
    """Start the present API server on what an older one stores, as while a cluster is upgraded."""
    folder = older.folder / "newer"
    folder.mkdir()
    for shared in ("tokens.csv", "key.pem"):
        (folder / shared).write_bytes((older.folder / shared).read_bytes())
    process = start(_api_server(folder, port=6444), folder)
    try:
        url, ca_file = f"https://{HOST}:6444", folder / "certificates" / "apiserver.crt"
        process.wait_for(f"{url}/readyz", ca_file=ca_file)
        kube = Kube(url, older.kube.token, ca_file)
        (folder / "kubeconfig").write_text(kube.kubeconfig())
        yield Plane(kube, folder)
    finally:
        process.stop()


def _started(folder: Path, running: list[Process]) -> Kube:
    kube = _served(folder, running)
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(kube.kubeconfig())
    running += [start(command, folder) for command in _others(folder, kubeconfig)]
    kube.create(NODE)
    return kube


def _served(folder: Path, running: list[Process], program: str = "kube-apiserver") -> Kube:
    token = secrets.token_hex(16)
    (folder / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n')
    (folder / "key.pem").write_bytes(trustme.CA().private_key_pem.bytes())
    running.append(start(_etcd(folder), folder))
    running[-1].wait_for("http://127.0.0.1:2379/health")
    running.append(start(_api_server(folder, program), folder))
    ca_file = folder / "certificates" / "apiserver.crt"
    running[-1].wait_for(f"{URL}/livez", ca_file=ca_file)
    kube = Kube(URL, token, ca_file)
    until(lambda: _is_there(kube), 60, lambda: f"the namespace default; {running[-1].end_of_log()}")
    return kube


def _etcd(folder: Path) -> Command:
    # The data need not outlive the test, so nothing has to be synced to the disk.
    return [found("etcd"), "--data-dir", folder / "etcd", "--unsafe-no-fsync", "--log-level=warn"]


def _api_server(folder: Path, program: str = "kube-apiserver", *, port: int = 6443) -> Command:
    key, policy = folder / "key.pem", folder / "audit-policy.yaml"
    policy.write_text(yaml.safe_dump(AUDIT))
    return [
        found(program),
        "--etcd-servers=http://127.0.0.1:2379",
        f"--cert-dir={folder / 'certificates'}",
        "--bind-address=0.0.0.0",
        f"--advertise-address={HOST}",
        f"--secure-port={port}",
        "--authorization-mode=RBAC",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--service-cluster-ip-range=10.0.0.0/16",
        f"--audit-policy-file={policy}",
        f"--audit-log-path={folder / 'audit.jsonl'}",
    ]


def _others(folder: Path, kubeconfig: Path) -> Iterator[Command]:
    yield [
        found("kube-controller-manager"),
        f"--kubeconfig={kubeconfig}",
        f"--service-account-private-key-file={folder / 'key.pem'}",
        f"--root-ca-file={folder / 'certificates' / 'apiserver.crt'}",
        "--leader-elect=false",
    ]
    yield [found("kube-scheduler"), f"--kubeconfig={kubeconfig}", "--leader-elect=false"]
    stages = folder / "stages.yaml"
    stages.write_text("\n---\n".join(found(f"{stage}.yaml").read_text() for stage in STAGES))
    assert all(stage["kind"] == "Stage" for stage in yaml.safe_load_all(stages.read_text()))
    yield [
        found("kwok"),
        f"--kubeconfig={kubeconfig}",
        "--manage-all-nodes=true",
        "--cidr=10.44.0.1/16",
        f"--config={stages}",
    ]


def _is_there(kube: Kube) -> bool:
    try:
        return bool(kube.get(("v1", "Namespace"), "", "default"))
    except NotFoundError:
        return False


def _is_ready(pod: Object) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)
