"""Runs ``maintainer`` as a user does."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.plane import Plane
from tests.e2e.processes import Command, as_pod
from tests.e2e.sites import IN_CLUSTER
from tests.render.valid import valid_json

RIGHTS = Path(__file__).parents[2] / "docs" / "rights.md"
MAINTAINER = Path(sys.executable).parent / "maintainer"


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a run: its exit code, its report as JSON, and its log."""

    code: int
    json: dict[str, Any]
    log: str

    @property
    def found(self) -> set[tuple[str, str]]:
        """(check, subject) of every finding."""
        return {
            (finding["check"], _subject(named)) for finding in self.json["findings"] for named in finding["subjects"]
        }

    @property
    def checks(self) -> set[str]:
        """The checks with findings."""
        return {finding["check"] for finding in self.json["findings"]}

    @property
    def gaps(self) -> list[dict[str, Any]]:
        """The gaps of the report."""
        gaps: list[dict[str, Any]] = self.json["gaps"]
        return gaps

    def __str__(self) -> str:
        return (
            json.dumps({"code": self.code, "findings": self.json["findings"], "gaps": self.gaps}, indent=1) + self.log
        )


def _subject(named: Mapping[str, str]) -> str:
    return "/".join(filter(None, (named["kind"], named["namespace"], named["name"])))


def allow(plane: Plane) -> None:
    """Create a ServiceAccount with the ClusterRole of the page of rights."""
    block = next(part for part in RIGHTS.read_text().split("```yaml\n")[1:] if "kind: ClusterRole" in part)
    role = yaml.safe_load(block.split("```")[0])
    metadata = {"name": "maintainer"}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {**metadata, "namespace": "monitoring"}}
    subject = {"kind": "ServiceAccount", "name": "maintainer", "namespace": "monitoring"}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "maintainer"}
    binding = {"apiVersion": role["apiVersion"], "kind": "ClusterRoleBinding", "metadata": metadata}
    plane.kube.apply(account, role, {**binding, "roleRef": reference, "subjects": [subject]})


def audit_inside(plane: Plane, *flags: str) -> Report:
    """A monthly run in a pod with the ServiceAccount maintainer."""
    command = as_pod("maintainer-1", _command(flags), plane.account("monitoring", "maintainer"))
    return _ended(command, plane.folder, IN_CLUSTER)


def audit_outside(plane: Plane, *flags: str) -> Report:
    """A monthly run outside of the cluster with the administrator's kubeconfig."""
    return _ended(_command(flags), plane.folder, {"KUBECONFIG": str(plane.folder / "kubeconfig")})


def init_inside(plane: Plane) -> subprocess.CompletedProcess[str]:
    """``maintainer init`` in a pod with the ServiceAccount maintainer; the file is printed."""
    command = as_pod("maintainer-1", [MAINTAINER, "init", "-o", "-"], plane.account("monitoring", "maintainer"))
    return _run(command, plane.folder, IN_CLUSTER)


def reconcile_outside(plane: Plane, *flags: str, **environ: str) -> Report:
    """A run of the job reconcile outside of the cluster with the administrator's kubeconfig."""
    kubeconfig = str(plane.folder / "kubeconfig")
    return _ended(_command(flags, "reconcile"), plane.folder, {"KUBECONFIG": kubeconfig, **environ})


def _command(flags: tuple[str, ...], job: str = "monthly") -> Command:
    return [MAINTAINER, "run", job, "--output", "-", "--format", "json", *flags]


def _ended(command: Command, folder: Path, environment: dict[str, str]) -> Report:
    ended = _run(command, folder, environment)
    assert ended.stdout, f"exit {ended.returncode}: {ended.stderr}"
    return Report(ended.returncode, json.loads(valid_json(ended.stdout)), ended.stderr)


def _run(command: Command, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
