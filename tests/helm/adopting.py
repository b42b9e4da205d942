"""Both charts, deployed by Helm into a simulated cluster, and a git repository with their files, for adopt."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helm_python
import yaml

from maintainer.collect.drift.kinds import KINDS, group_of
from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.store import Store
from tests.collect.drift.releases import secret
from tests.helm.charts import HELM, Object

COMMAND = str(Path(sys.executable).with_name("maintainer"))
RELEASES = {
    "monitoring": ("monitoring", "monitoring"),
    "argo-rollouts": ("argo-rollouts-monitoring", "argo-rollouts"),
}
"""By chart: the name and the namespace of its release."""

CHARTS = Path("helm/management-base")
_GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


@dataclass(frozen=True)
class Deployment:
    """The cluster, and the ``folder`` of the repository."""

    api: ApiServer
    folder: Path

    def edit(self, plural: str, name: str, change: Callable[[Any], object], *, namespace: str = "monitoring") -> None:
        """Change an object in the cluster."""
        live = json.loads(json.dumps(self.api.store.get(plural, (namespace, name))))
        change(live)
        self.api.store.put(plural, live)

    def adopt(self, *words: str, chart: str = "monitoring", **environ: str) -> subprocess.CompletedProcess[str]:
        """``maintainer adopt`` in the repository."""
        access = self.folder.parent / "kubeconfig"
        access.write_text(kubeconfig(self.api.url), "utf-8")
        whole = {
            "PATH": f"{self.folder.parent / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "KUBECONFIG": str(access),
            **environ,
        }
        return subprocess.run(
            [COMMAND, "adopt", *words, "--chart", str(CHARTS / chart)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=self.folder,
            env=whole,
        )

    def apply(self, patch: str) -> None:
        """``git apply`` of a patch."""
        run_git(self.folder, "apply", "--index", "-", text=patch)

    def changed(self) -> list[str]:
        """The files that differ from the commit."""
        return run_git(self.folder, "diff", "--name-only", "HEAD").split()

    def rendered(self, chart: str = "monitoring", values: Mapping[str, Any] | None = None) -> list[Object]:
        """What Helm renders of the chart in the repository."""
        return rendered(self.folder / CHARTS / chart, chart, values)


def rendered(folder: Path, chart: str, values: Mapping[str, Any] | None = None) -> list[Object]:
    """The objects that the release of a chart in a folder has."""
    return [item for item in yaml.safe_load_all(manifest(folder, chart, values)) if item]


def manifest(folder: Path, chart: str, values: Mapping[str, Any] | None = None) -> str:
    """``helm template``."""
    name, namespace = RELEASES[chart]
    with helm_python.Chart.load(folder) as loaded:
        texts = loaded.render(dict(values or {}), name=name, namespace=namespace)
    return "".join(f"---\n{text}\n" for name, text in sorted(texts.items()) if not name.endswith("NOTES.txt"))


def run_git(folder: Path, *words: str, text: str = "") -> str:
    """What a git command prints; it fails the test if git refuses."""
    done = subprocess.run(
        [shutil.which("git") or "git", *words],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, **_GIT},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def put_helm(folder: Path) -> None:
    """A program ``helm`` that renders with Helm itself, which is here as a library."""
    folder.mkdir()
    program = folder / "helm"
    root = Path(__file__).parents[2]
    program.write_text(f'#!/bin/sh\nPYTHONPATH={root} exec {sys.executable} -m tests.helm.helm_program "$@"\n', "utf-8")
    program.chmod(0o755)


@contextmanager
def deployment(folder: Path, values: Mapping[str, Any] | None = None, *, inline: bool = False) -> Iterator[Deployment]:
    """The guide's two releases, of the charts in a repository below the folder; ``values`` are of monitoring.

    With ``inline`` the JSON of the dashboard stands in the template, and not in a file.
    """
    repository = folder / "repository"
    put_helm(folder / "bin")
    shutil.copytree(HELM, repository / CHARTS)
    if inline:
        _put_inside(repository / CHARTS / "monitoring")
    run_git(repository, "init", "-q")
    run_git(repository, "add", ".")
    run_git(repository, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "charts")
    api = ApiServer(Store()).start()
    try:
        for chart in RELEASES:
            _install(api.store, repository / CHARTS / chart, chart, values if chart == "monitoring" else None)
        yield Deployment(api, repository)
    finally:
        api.stop()


def _put_inside(chart: Path) -> None:
    """Move the dashboard into its template, as people write it there: braces as texts, and an action of Helm."""
    template, file = chart / "templates" / "grafana-configmap.yaml", chart / "dashboards/argo-rollouts-dashboard.json"
    braces = {"{{": '{{ "{{" }}', "}}": '{{ "}}" }}'}
    text = re.sub(r"\{\{|\}\}", lambda found: braces[found[0]], file.read_text("utf-8"))
    text = text.replace('"refresh": "30s"', '"refresh": "{{ .Values.scrape.interval }}"')
    call = '{{- .Files.Get "dashboards/argo-rollouts-dashboard.json" | trim | nindent 4 }}'
    before = template.read_text("utf-8")
    assert call in before
    template.write_text(before.replace(call, text.strip().replace("\n", "\n    ")), "utf-8")
    file.unlink()


def _install(store: Store, folder: Path, chart: str, values: Mapping[str, Any] | None) -> None:
    """Store the objects of a release, and its Secret."""
    name, namespace = RELEASES[chart]
    text = manifest(folder, chart, values)
    labels = {"owner": "helm", "name": name, "version": "1", "status": "deployed"}
    metadata = {"namespace": namespace, "name": f"sh.helm.release.v1.{name}.v1", "labels": labels}
    held = secret(text, apply_method="ssa", config=dict(values or {}), name=name)
    store.put("secrets", {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **held})
    for item in yaml.safe_load_all(text):
        kind = item and KINDS.get((group_of(item["apiVersion"]), item["kind"]))
        if kind:
            own = {"namespace": item["metadata"].get("namespace", namespace)} if kind.namespaced else {}
            store.put(kind.plural, {**item, "metadata": {**item["metadata"], **own}})
