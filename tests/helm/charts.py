"""The charts as Helm renders them, and the tools that read what was rendered."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import yaml

ROOT = Path(__file__).parents[2]
HELM = ROOT / "helm" / "management-base"

Object = Mapping[str, Any]
"""A Kubernetes manifest."""

HOW_TO_GET = {
    "promtool": "apt-get install prometheus",
    "amtool": "apt-get install prometheus-alertmanager",
}


def rendered(chart: str = "monitoring", values: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The texts that ``helm template`` prints, by file name, with the guide's release and namespace names."""
    release, namespace = {
        "monitoring": ("monitoring", "monitoring"),
        "argo-rollouts": ("argo-rollouts-monitoring", "argo-rollouts"),
    }[chart]
    with helm_python.Chart.load(HELM / chart) as loaded:
        texts = loaded.render(dict(values or {}), name=release, namespace=namespace)
    return {name.removeprefix(f"{chart}/templates/"): text for name, text in texts.items()}


def objects(texts: Mapping[str, str]) -> list[Object]:
    """The manifests of a rendered chart."""
    manifests = (text for name, text in texts.items() if name != "NOTES.txt")
    return [manifest for text in manifests for manifest in yaml.safe_load_all(text) if manifest]


@cache
def monitoring() -> tuple[Object, ...]:
    """The manifests of the monitoring chart with its default values."""
    return tuple(objects(rendered()))


def named(among: Iterable[Object], kind: str, name: str) -> Object:
    """The only object of this kind and name."""
    (found,) = (manifest for manifest in among if (manifest["kind"], manifest["metadata"]["name"]) == (kind, name))
    return found


def pods(among: Iterable[Object]) -> dict[str, Any]:
    """The pod templates, by the name of their workload."""
    specs = [(manifest["metadata"]["name"], manifest.get("spec", {})) for manifest in among]
    jobs = [(name, spec["jobTemplate"]["spec"]) for name, spec in specs if "jobTemplate" in spec]
    return {name: spec["template"] for name, spec in (*specs, *jobs) if "template" in spec}


def rules(among: Iterable[Object]) -> list[dict[str, Any]]:
    """Every rule of prometheus-config."""
    data = named(among, "ConfigMap", "prometheus-config")["data"]
    files = [yaml.safe_load(text) for name, text in data.items() if name.endswith(".rules.yml")]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


def write_bare_rules(folder: Path) -> None:
    """``rules.yml`` without annotations, which promtool would want to have repeated with each alert."""
    bare = [{key: value for key, value in rule.items() if key != "annotations"} for rule in rules(monitoring())]
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": bare}]}))


def write(data: Mapping[str, str], folder: Path) -> Path:
    """A ConfigMap's files, as a pod that mounts it sees them."""
    for name, text in data.items():
        (folder / name).write_text(text)
    return folder


def without_discovery(config: str) -> str:
    """``prometheus.yml`` with a target in the place of each discovery: Debian builds promtool without Kubernetes'."""
    loaded = yaml.safe_load(config)
    for job in loaded["scrape_configs"]:
        if job.pop("kubernetes_sd_configs", None):
            job["static_configs"] = [{"targets": ["discovered:8090"]}]
    return yaml.safe_dump(loaded)


def run(tool: str, *args: str, folder: Path) -> str:
    """What a tool says about files in a folder. Where it fails or is missing, the test fails with its words."""
    assert shutil.which(tool), f"{tool} is not on PATH: {HOW_TO_GET[tool]}"
    ended = subprocess.run([tool, *args], cwd=folder, env=os.environ, capture_output=True, text=True, check=False)
    output = ended.stdout + ended.stderr
    assert ended.returncode == 0, output
    return output
