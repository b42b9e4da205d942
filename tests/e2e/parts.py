"""Builds the programs of a control plane from their Go modules, once for each version.

    python tests/e2e/parts.py    # builds what is missing and prints where it is

Each module under ``modules/`` pins the modules of a program, ``go.sum`` included; one has its own program. What was
built is kept in ``~/.cache/maintainer/control-plane``, in a folder named after the version and a hash of all inputs.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

MODULES = Path(__file__).parent / "modules"
KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "maintainer" / "control-plane"
NO_GO = "make e2e builds a control plane and needs Go 1.25 or newer on PATH: https://go.dev/dl"


@dataclass(frozen=True, slots=True)
class Part:
    """What is built from a module: programs by the package that each is made of, and files out of its sources.

    ``linked`` are string variables: without them a program reports a version that no check can use.
    """

    name: str
    source: str
    version: str
    programs: Mapping[str, str]
    linked: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def module(self) -> Path:
        """The folder of its go.mod."""
        return MODULES / self.name

    @property
    def folder(self) -> Path:
        """The folder for the built files."""
        recipe = json.dumps([self.version, self.programs, self.linked, self.files], sort_keys=True).encode()
        pinned = b"".join(file.read_bytes() for file in sorted(self.module.iterdir()))
        return KEPT / f"{self.name}-{self.version}-{hashlib.sha256(recipe + pinned).hexdigest()[:12]}"


OPERATED = ("podmonitors", "prometheusagents", "prometheuses", "prometheusrules", "servicemonitors", "thanosrulers")
"""The plural names of the Prometheus operator's kinds that select, or are selected."""
VICTORIA = "github.com/VictoriaMetrics/VictoriaMetrics"
KUBERNETES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
PARTS = (
    Part(
        "kubernetes",
        "k8s.io/kubernetes",
        "1.34.4",
        {name: f"k8s.io/kubernetes/cmd/{name}" for name in KUBERNETES},
        {
            "k8s.io/component-base/version.gitVersion": "v1.34.4",
            "k8s.io/component-base/version.gitMajor": "1",
            "k8s.io/component-base/version.gitMinor": "34",
        },
        {},
    ),
    # What it stores is read by the one above, as after an upgrade of a cluster.
    Part(
        "kubernetes-older",
        "k8s.io/kubernetes",
        "1.31.14",
        {"kube-apiserver-1.31": "k8s.io/kubernetes/cmd/kube-apiserver"},
        {
            "k8s.io/component-base/version.gitVersion": "v1.31.14",
            "k8s.io/component-base/version.gitMajor": "1",
            "k8s.io/component-base/version.gitMinor": "31",
        },
        {},
    ),
    Part(
        "rollouts",
        "github.com/argoproj/argo-rollouts",
        "1.9.2",
        {"rollouts-controller": "github.com/argoproj/argo-rollouts/cmd/rollouts-controller"},
        {
            "github.com/argoproj/argo-rollouts/utils/version.gitTag": "v1.9.2",
            "github.com/argoproj/argo-rollouts/utils/version.gitCommit": "0" * 40,
            "github.com/argoproj/argo-rollouts/utils/version.gitTreeState": "clean",
        },
        {"install.yaml": "manifests/install.yaml"},
    ),
    Part(
        "prometheus",
        "github.com/prometheus/prometheus",
        "3.9.1",
        {name: f"github.com/prometheus/prometheus/cmd/{name}" for name in ("prometheus", "promtool")},
        {"github.com/prometheus/common/version.Version": "3.9.1"},
        {},
    ),
    Part(
        "kwok",
        "sigs.k8s.io/kwok",
        "0.7.0",
        {"kwok": "sigs.k8s.io/kwok/cmd/kwok"},
        {},
        {
            "pod-ready.yaml": "kustomize/stage/pod/fast/pod-ready.yaml",
            "pod-complete.yaml": "kustomize/stage/pod/fast/pod-complete.yaml",
            "pod-delete.yaml": "kustomize/stage/pod/fast/pod-delete.yaml",
            "node-initialize.yaml": "kustomize/stage/node/fast/node-initialize.yaml",
            "node-heartbeat.yaml": "kustomize/stage/node/heartbeat/node-heartbeat.yaml",
        },
    ),
    Part(
        "kubectl",
        "k8s.io/kubernetes",
        "1.34.4",
        {"kubectl": "k8s.io/kubernetes/cmd/kubectl"},
        {"k8s.io/component-base/version.gitVersion": "v1.34.4"},
        {},
    ),
    Part(
        "prometheus-operator",
        "github.com/prometheus-operator/prometheus-operator",
        "0.82.2",
        {},
        {},
        {
            f"{plural}.yaml": f"example/prometheus-operator-crd/monitoring.coreos.com_{plural}.yaml"
            for plural in (
                "prometheusagents",
                "prometheuses",
                "prometheusrules",
                "podmonitors",
                "servicemonitors",
                "thanosrulers",
            )
        },
    ),
    Part(
        "victoria",
        VICTORIA,
        "1.122.0",
        {"victoria-metrics": f"{VICTORIA}/app/victoria-metrics"},
        {f"{VICTORIA}/lib/buildinfo.Version": "victoria-metrics-tags-v1.122.0"},
        {},
    ),
    # The module proxy has no VictoriaLogs of the commit that the next version of vmalert is made of.
    Part(
        "vmalert",
        VICTORIA,
        "1.121.0",
        {"vmalert": f"{VICTORIA}/app/vmalert"},
        {f"{VICTORIA}/lib/buildinfo.Version": "vmalert-tags-v1.121.0"},
        {},
    ),
    Part("robfig-cron", "github.com/robfig/cron/v3", "3.0.1", {"cronjob-fires": "."}, {}, {}),
    Part("etcd", "go.etcd.io/etcd/server/v3", "3.6.7", {"etcd": "go.etcd.io/etcd/server/v3"}, {}, {}),
)
"""The parts that take longest to build come first, so that the short builds fill the rest of the time."""


def found(name: str) -> Path:
    """The path of a program or a file of a part. Fails if it was not built."""
    path = next(part.folder / name for part in PARTS if name in part.programs or name in part.files)
    assert path.exists(), f"{path} is not there: run make e2e"
    return path


def build(part: Part) -> str:
    """Build a part if it is missing, and return a message. The folder appears only when it is complete."""
    if part.folder.exists():
        return f"{part.name} {part.version}: kept in {part.folder}"
    began = monotonic()
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT, prefix=f".{part.name}-") as name:
        folder = Path(name) / "built"
        folder.mkdir()
        for program, package in part.programs.items():
            variables = " ".join(f"-X {variable}={value}" for variable, value in part.linked.items())
            _go(part, "build", "-trimpath", "-ldflags", f"-s -w {variables}", "-o", str(folder / program), package)
        # Where no program is built, nothing has fetched the module yet.
        sources = Path(json.loads(_go(part, "mod", "download", "-json", part.source))["Dir"])
        for kept, file in part.files.items():
            (folder / kept).write_bytes((sources / file).read_bytes())
        folder.rename(part.folder)
    return f"{part.name} {part.version}: built in {(monotonic() - began) / 60:.1f} min"


def _go(part: Part, *command: str) -> str:
    # Without the GOFLAGS of the machine, and without a stamp of the version control system.
    environment = {**os.environ, "GOFLAGS": "-mod=readonly -buildvcs=false", "GOWORK": "off"}
    ended = subprocess.run(
        ["go", *command],  # noqa: S607 - whichever Go is on PATH
        cwd=part.module,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"{part.name} {part.version} does not build:\n{ended.stderr.strip()[-3000:]}")
    return ended.stdout


def main() -> None:
    """Build all of them, two at a time: while a part is linked, which uses a single core, another is compiled."""
    if not all(part.folder.exists() for part in PARTS) and not shutil.which("go"):
        raise SystemExit(NO_GO)
    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(build, PARTS):
            print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
