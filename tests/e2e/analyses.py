"""Analyses and an experiment, for the families of metrics that only these have."""

from typing import Any

from tests.e2e.fleets import template
from tests.e2e.kube import Kube, Object

ANALYSIS = "argoproj.io/v1alpha1"


def run(kube: Kube) -> None:
    """An analysis that fails, and an experiment that ends by itself."""
    measured = {
        "name": "answer",
        "provider": {"prometheus": {"address": "http://prometheus.monitoring.svc:9090", "query": "vector(0)"}},
        "successCondition": "result[0] > 1",
        "failureLimit": 0,
    }
    for kind in ("AnalysisTemplate", "AnalysisRun"):
        kube.create(_object(kind, "failing", metrics=[measured]))
    pods = {"name": "short", "selector": {"matchLabels": {"app": "short"}}, "template": template("short")}
    kube.create(_object("Experiment", "short", duration="5s", templates=[pods]))


def _object(kind: str, name: str, **spec: Any) -> Object:
    return {"apiVersion": ANALYSIS, "kind": kind, "metadata": {"namespace": "states", "name": name}, "spec": spec}
