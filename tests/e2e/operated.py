"""The Prometheus operator's own kinds on a control plane, and the commands that a report prints, run by kubectl."""

import subprocess
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import yaml
from kubernetes.dynamic.exceptions import ResourceNotFoundError

from tests.e2e.kube import Kube, Object
from tests.e2e.parts import OPERATED, found
from tests.e2e.plane import Plane
from tests.e2e.processes import until

GROUP = "monitoring.coreos.com"
RELEASE = {"release": "kube-prometheus"}
SERVICE_MONITOR, RULE, PROMETHEUS = (
    (f"{GROUP}/v1", kind) for kind in ("ServiceMonitor", "PrometheusRule", "Prometheus")
)


def define(kube: Kube) -> None:
    """The operator's CRDs, served."""
    definitions = [yaml.safe_load(found(f"{plural}.yaml").read_text()) for plural in OPERATED]
    kube.apply(*definitions)
    kinds = [(f"{GROUP}/{one['spec']['versions'][0]['name']}", one["spec"]["names"]["kind"]) for one in definitions]
    until(lambda: all(_is_served(kube, kind) for kind in kinds), 60, lambda: f"not all of {kinds} are served")


def _is_served(kube: Kube, kind: tuple[str, str]) -> bool:
    with suppress(ResourceNotFoundError):
        kube.list(kind)
        return True
    return False


def prometheus(**spec: Any) -> Object:
    """A Prometheus as kube-prometheus-stack makes it."""
    kinds = ("serviceMonitor", "podMonitor", "rule")
    selectors: dict[str, Any] = {f"{kind}Selector": {"matchLabels": RELEASE} for kind in kinds}
    namespaces: dict[str, Any] = {f"{kind}NamespaceSelector": {} for kind in kinds}
    return _made(PROMETHEUS, ("monitoring", "k8s"), {"replicas": 1, **selectors, **namespaces, **spec})


def service_monitor(**labels: str) -> Object:
    """A ServiceMonitor that asks the controller's Service for a port that it does not have."""
    spec = {
        "selector": {"matchLabels": {"app.kubernetes.io/name": "argo-rollouts-metrics"}},
        "endpoints": [{"port": "http-metrics"}],
    }
    return _made(SERVICE_MONITOR, ("argo-rollouts", "argo-rollouts"), spec, **labels)


def rule(**labels: str) -> Object:
    """A PrometheusRule with an alert about Rollouts."""
    alert = {"alert": "RolloutDegraded", "expr": 'rollout_info{phase="Error"} == 1'}
    spec = {"groups": [{"name": "rollouts", "rules": [alert]}]}
    return _made(RULE, ("argo-rollouts", "rollouts"), spec, **labels)


def _made(kind: tuple[str, str], key: tuple[str, str], spec: Mapping[str, Any], **labels: str) -> Object:
    namespace, name = key
    metadata = {"namespace": namespace, "name": name, "labels": labels}
    return {"apiVersion": kind[0], "kind": kind[1], "metadata": metadata, "spec": spec}


def run_printed(plane: Plane, command: str) -> None:
    """Run a command as its reader would, in a shell that has kubectl on PATH and the administrator's kubeconfig."""
    subprocess.run(
        ["sh", "-c", command],  # noqa: S607 - the shell of this machine
        env={"PATH": f"{found('kubectl').parent}:/usr/bin:/bin", "KUBECONFIG": str(plane.folder / "kubeconfig")},
        cwd=plane.folder,
        timeout=60,
        check=True,
    )
