"""Objects on a real API server, as somebody deployed them, and as they are after a restoring."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import yaml

from maintainer.analyse.drift.audit import ComparedObject
from maintainer.analyse.drift.objects import changes
from maintainer.analyse.drift.owners import foreign_owner
from maintainer.analyse.drift.restoring import Policy, restoring_plan
from maintainer.clients.cluster import connect
from maintainer.clients.object_writes import ObjectWrites
from maintainer.model.drift import DesiredObject, ObjectId, Operation, Release, StoredObject
from maintainer.model.restoring import RestoringPlan
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

    def merge(self, kind: str, name: str, change: Mapping[str, Any]) -> None:
        """``kubectl patch --type=merge``."""
        namespace = self.id_of(kind, name).namespace
        where = ("-n", namespace) if namespace else ()
        self.kubectl(*where, "patch", kind, name, "--type=merge", "-p", json.dumps(change))

    def compared(self) -> list[ComparedObject]:
        return [self._compared(one, self.objects.read(one.id)) for one in self.deployed]

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

    def _compared(self, wanted: DesiredObject, stored: StoredObject | None) -> ComparedObject:
        if stored is None:
            return ComparedObject(wanted, None)
        return ComparedObject(wanted, stored, changes(wanted, stored), foreign_owner(stored))


@contextmanager
def site(plane: Plane, deployed: Iterable[DesiredObject]) -> Iterator[Site]:
    """The cluster as maintainer reads and writes it."""
    with closing(connect("", str(plane.folder / "kubeconfig"))) as cluster:
        yield Site(plane, ObjectWrites(cluster, lambda wanted: PLURALS[wanted.kind]), tuple(deployed))
