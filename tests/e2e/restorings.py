"""Objects on a real API server, as somebody deployed them, and as they are after a restoring."""

import base64
import json
import os
import ssl
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any, ClassVar

import trustme
import yaml

from maintainer.analyse.drift.audit import ComparedObject, drift_audit
from maintainer.analyse.drift.restoring import Policy, restoring_plan
from maintainer.analyse.reproduce import Access
from maintainer.clients.cluster import connect
from maintainer.clients.object_writes import ObjectWrites
from maintainer.model.drift import Deployed, DesiredObject, DriftFacts, ObjectId, Operation, Path, Release
from maintainer.model.restoring import ObjectWrite, RestoringPlan
from tests.e2e.plane import Plane
from tests.helm.test_maintainer import KUBECTL

PLURALS: Mapping[str, str] = {
    "ConfigMap": "configmaps",
    "Service": "services",
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "StatefulSet": "statefulsets",
}


def desired(manifest: str, namespace: str, release: Release | None = None) -> tuple[DesiredObject, ...]:
    """The objects of a manifest, of the kinds that are compared."""
    found = []
    for content in yaml.safe_load_all(manifest):
        if content and content["kind"] in PLURALS:
            own = "" if content["kind"].startswith("Cluster") else content["metadata"].get("namespace", namespace)
            id_ = ObjectId(content["apiVersion"], content["kind"], own, content["metadata"]["name"])
            found.append(DesiredObject(id_, content, str(release), release))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Live:
    """An object as it is stored; ``owners`` are the fields of each manager and operation."""

    version: str
    content: dict[str, Any]
    owners: Mapping[tuple[str, Operation], Mapping[str, Any]]

    @property
    def data(self) -> dict[str, str]:
        found: dict[str, str] = self.content["data"]
        return found

    @property
    def metadata(self) -> dict[str, Any]:
        found: dict[str, Any] = self.content["metadata"]
        return found


@dataclass(frozen=True, slots=True)
class Site:
    """What was deployed on a control plane, and how it is read and written."""

    plane: Plane
    objects: ObjectWrites
    deployed: tuple[DesiredObject, ...]

    def id_of(self, kind: str, name: str) -> ObjectId:
        return next(one.id for one in self.deployed if (one.id.kind, one.id.name) == (kind, name))

    def live(self, kind: str, name: str) -> Live:
        stored = self.objects.read(self.id_of(kind, name))
        assert stored
        owners = {(manager.name, manager.operation): manager.fields for manager in stored.managers}
        return Live(stored.version, dict(stored.content), owners)

    def edit(self, kind: str, name: str, script: str) -> None:
        """``kubectl edit``, with a sed script for an editor."""
        namespace = self.id_of(kind, name).namespace
        self.kubectl(*(("-n", namespace) if namespace else ()), "edit", kind, name, edit=script)

    def merge(self, kind: str, name: str, change: Mapping[str, Any], manager: str = "someone") -> None:
        """A merge patch by somebody."""
        self.objects.write(self.id_of(kind, name), ObjectWrite("patch", manager, change), version="")

    def compared(self) -> tuple[ComparedObject, ...]:
        stored = {one.id: self.objects.read(one.id) for one in self.deployed}
        facts = DriftFacts(Deployed(self.deployed), stored)
        return drift_audit(facts, access=Access(), now=datetime.now(UTC)).objects

    def drift(self) -> dict[ObjectId, tuple[Path, ...]]:
        """The paths of what differs by more than extras."""
        found = {
            one.desired.id: [change for change in one.changes if change.what != "extra"] for one in self.compared()
        }
        return {key: tuple(change.path for change in made) for key, made in found.items() if made}

    def plan(self, policy: Policy | None = None) -> RestoringPlan:
        return restoring_plan(self.compared(), policy or Policy())

    def kubectl(self, *words: str, edit: str = "", given: str = "") -> str:
        """Run kubectl; ``edit`` is the sed script that stands for an editor, ``given`` is its standard input."""
        environ = {"KUBECONFIG": str(self.plane.folder / "kubeconfig"), "KUBE_EDITOR": f"sed -i '{edit}'"}
        ended = subprocess.run(
            [KUBECTL, *words],
            env={**os.environ, **environ},
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 0, ended
        return ended.stdout

    def write_all(self, plan: RestoringPlan) -> None:
        """Send all requests of a plan, each after a dry run where it is the first."""
        for write in (planned.rewrite for planned in plan.writes):
            version, uid = write.version, write.uid
            self.objects.write(write.id, write.requests[0], version=version, uid=uid, dry_run=True)
            for request in write.requests:
                stored = self.objects.write(write.id, request, version=version, uid=uid)
                version = stored.version if stored else ""


@contextmanager
def site(plane: Plane, deployed: Iterable[DesiredObject]) -> Iterator[Site]:
    """The cluster as maintainer reads and writes it."""
    with closing(connect("", str(plane.folder / "kubeconfig"))) as cluster:
        yield Site(plane, ObjectWrites(cluster, lambda wanted: PLURALS[wanted.kind]), tuple(deployed))


class _Webhook(BaseHTTPRequestHandler):
    """Writes an annotation into each ConfigMap that has others."""

    annotation: ClassVar[str] = "added"

    def do_POST(self) -> None:  # the name is http.server's
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        item = review["request"]["object"]
        change: list[dict[str, str]] = []
        if item["metadata"].get("annotations"):
            place = "/metadata/annotations/" + self.annotation.replace("/", "~1")
            change = [{"op": "add", "path": place, "value": "by a webhook"}]
        patch = base64.b64encode(json.dumps(change).encode()).decode()
        response = {"uid": review["request"]["uid"], "allowed": True, "patchType": "JSONPatch", "patch": patch}
        body = json.dumps({"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Print nothing."""


@contextmanager
def mutating(plane: Plane, annotation: str = "added") -> Iterator[None]:
    """A webhook that writes an annotation into the ConfigMaps of the cluster, whoever writes them."""
    _Webhook.annotation = annotation
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Webhook)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = {
        "url": f"https://127.0.0.1:{server.server_address[1]}/",
        "caBundle": base64.b64encode(authority.cert_pem.bytes()).decode(),
    }
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["UPDATE"]}
    hook = {
        "name": "adds.example.com",
        "clientConfig": config,
        "rules": [rule],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    kind = ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration")
    plane.kube.create({"apiVersion": kind[0], "kind": kind[1], "metadata": {"name": "adds"}, "webhooks": [hook]})
    sleep(2.0)  # the API server looks for webhooks once a second
    try:
        yield
    finally:
        plane.kube.delete(kind, "", "adds")
        server.shutdown()
        server.server_close()
