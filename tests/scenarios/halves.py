"""Semi-annual reviews of a server that says all of its storage, of which each part can be missing."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from maintainer.model.clock import Clock
from maintainer.render.words import load as words
from maintainer.render.words import say
from maintainer.reporting import Machine
from maintainer.runner import Outcome, run
from maintainer.sandbox.api import kubeconfig
from maintainer.schedule import run_by_hand
from maintainer.settings import load
from tests.collect.storage.stored import ANSWERS, NOW, page, queried, stored
from tests.scenarios.front import Answer, Asked, Front

GIB = 2**30
HEAD = {
    "headStats": {"numSeries": 200},
    "seriesCountByMetricName": [{"name": "m_float", "value": 40}],
    "labelValueCountByLabelName": [{"name": "idx", "value": 200}],
    "seriesCountByLabelValuePair": [{"name": "namespace=shop", "value": 200}],
}
SAID: Mapping[str, Any] = {
    **ANSWERS,
    "status/tsdb": HEAD,
    "targets": {"activeTargets": []},
    "rules": {"groups": []},
}
CORE = "/api/v1/namespaces/monitoring"
OBJECTS: Mapping[str, Any] = {
    f"{CORE}/services/prometheus": {
        "metadata": {"name": "prometheus", "namespace": "monitoring"},
        "spec": {"selector": {"app": "prometheus"}, "ports": [{"port": 9090}]},
    },
    f"{CORE}/pods": {
        "metadata": {},
        "items": [
            {
                "metadata": {"name": "prometheus-0", "namespace": "monitoring", "labels": {"app": "prometheus"}},
                "spec": {
                    "containers": [{"image": "prometheus"}],
                    "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-0"}}],
                },
                "status": {"phase": "Running"},
            }
        ],
    },
    f"{CORE}/persistentvolumeclaims/data-0": {
        "spec": {"storageClassName": "ssd"},
        "status": {"capacity": {"storage": "50Gi"}},
    },
    "/apis/storage.k8s.io/v1/storageclasses/ssd": {"allowVolumeExpansion": True},
    "/api/v1/configmaps": {"metadata": {}, "items": []},
    **{
        f"/api/v1/namespaces/{namespace}/{resource}": {"metadata": {}, "items": []}
        for namespace in ("monitoring", "argo-rollouts")
        for resource in ("secrets", "configmaps")
    },
    f"{CORE}/configmaps/grafana-dashboard-argo-rollouts": {
        "metadata": {"name": "grafana-dashboard-argo-rollouts", "namespace": "monitoring"},
        "data": {"d.json": json.dumps({"title": "D", "panels": []})},
    },
}
"""The answers of the API server by path; ``None`` is what it forbids, and what is not here is not there."""


def asked_of(promql: str) -> list[dict[str, Any]]:
    """The results of a server that scrapes itself, the controller and the kubelets."""
    if "kubelet_volume_stats" in promql:
        return [_sample({}, (50 if "capacity" in promql else 20) * GIB)]
    if "__name__" in promql and promql.startswith("count by"):
        return [_sample({"__name__": name}, count) for name, count in (("rollout_info", 100), ("rollout_phase", 600))]
    return queried(promql)


def without(*parts: str) -> Callable[[str], list[dict[str, Any]]]:
    """The same, and nothing for queries with one of these parts."""
    return lambda promql: [] if any(part in promql for part in parts) else asked_of(promql)


def _sample(metric: Mapping[str, str], value: object) -> dict[str, Any]:
    return {"metric": metric, "value": [NOW, str(value)]}


@dataclass(frozen=True)
class Half:
    """The server and its cluster; ``said`` are its answers by path, ``None`` what is refused."""

    said: Mapping[str, Any] = field(default_factory=lambda: SAID)
    metrics: bytes | None = page()
    results: Callable[[str], list[dict[str, Any]]] = asked_of
    scalar: bool = True
    objects: Mapping[str, Any] = field(default_factory=lambda: OBJECTS)

    def reviewed(self, folder: Path, **flags: object) -> Outcome:
        """The review of it, which is recorded."""
        with (
            stored(self.said, metrics=self.metrics, results=self.results, scalar=self.scalar) as sources,
            api(self.objects) as url,
        ):
            assert sources.prometheus
            file = folder / "kubeconfig"
            file.write_text(kubeconfig(url), "utf-8")
            own = {
                "prometheus.url": sources.prometheus.url,
                "prometheus.service": "monitoring/prometheus",
                "cluster.name": "production",
                "store.kind": "directory",
                "store.path": str(folder / "store"),
                "reports.directory": str(folder / "reports"),
                "schedule.timeZone": "UTC",
                **flags,
            }
            settings, now = load("", {}, own).recording(record=True), datetime.fromtimestamp(NOW, UTC)
            machine = Machine(Clock(lambda: 0.0, lambda _: None), now, "test", str(file))
            return run(run_by_hand("semiannual", now, settings.schedule), settings, machine)


@contextmanager
def api(objects: Mapping[str, Any]) -> Iterator[str]:
    def answer(asked: Asked, _forward: Callable[[], Answer]) -> Answer:
        path = asked.target.partition("?")[0]
        if path in objects and objects[path] is not None:
            return Answer(body=json.dumps(objects[path]).encode())
        code, reason = (403, "Forbidden") if path in objects else (404, "NotFound")
        said = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": reason}
        return Answer(code, json.dumps(said).encode())

    with Front("http://127.0.0.1:9", answer) as front:
        yield front.url


def gaps(outcome: Outcome) -> dict[str, set[str]]:
    """Each reason's id, with the checks that it keeps from running."""
    found: dict[str, set[str]] = {}
    for gap in outcome.report.gaps:
        found.setdefault(gap.reason.id, set()).add(gap.check)
    return found


def text(outcome: Outcome) -> str:
    """The report in Markdown."""
    (found,) = (text for name, text in outcome.texts.items() if name.endswith(".md"))
    return found


def said(outcome: Outcome) -> list[str]:
    """Each gap in words."""
    return [say(words("en"), gap.reason) for gap in outcome.report.gaps]
