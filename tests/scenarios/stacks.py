"""A world with the monitoring around it, of which one link can be broken, and what a report says of the way."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from maintainer.model.message import Message
from maintainer.model.report import Report
from maintainer.render.words import load, say
from maintainer.sandbox.api import kubeconfig
from maintainer.sandbox.rollouts import stamp
from maintainer.sandbox.world import World
from tests.scenarios.audits import audit
from tests.scenarios.front import Answer, Asked, Front
from tests.servers.scripted import Scripted, says

OURS = {
    "pipeline/alertmanager",
    "pipeline/emitter",
    "pipeline/endpoints",
    "pipeline/rbac",
    "pipeline/reload",
    "pipeline/rules-loaded",
    "pipeline/scrape",
    "pipeline/selected",
    "pipeline/service",
    "pipeline/target",
    "pipeline/version",
    "coverage/unwatched",
}

FAILED = 'rollout_info{phase="Error"} == 1'

METRICS = ("argo-rollouts", "argo-rollouts-metrics")

CONFIG = """
global: {external_labels: {cluster: a}}
scrape_configs:
  - job_name: argo-rollouts
    kubernetes_sd_configs: [{role: endpoints, namespaces: {names: [argo-rollouts]}}]
"""

ROUTES = """
route: {receiver: nobody, routes: [{receiver: slack, matchers: ['severity="critical"', 'cluster="a"']}]}
receivers: [{name: nobody}, {name: slack, slack_configs: [{channel: '#deployments'}]}]
"""


def rule(name: str, **own: str) -> dict[str, Any]:
    """An alert about Rollouts, as Prometheus lists it."""
    return {"type": "alerting", "name": name, "query": FAILED, "health": "ok", "labels": own}


def loaded(*rules: dict[str, Any]) -> dict[str, Any]:
    """The data of ``/api/v1/rules``."""
    return {"groups": [{"name": "g", "file": "rules.yml", "rules": rules}]}


def rule_file(*names: str) -> str:
    """The same alerts as a rule file."""
    return json.dumps({"groups": [{"name": "g", "rules": [{"alert": name, "expr": FAILED} for name in names]}]})


@dataclass
class Stack:
    """A world with the monitoring around it: what Prometheus says beyond its metrics, and who may do what.

    ``says`` are the data of Prometheus' answers by path; ``refused`` are the resources that Prometheus' ServiceAccount
    may not read; ``pages`` stand for Prometheus' own /metrics, one after the other; ``answers`` is asked before the
    real Prometheus. Waiting takes ``hurry`` times less real time than the job believes.
    """

    world: World
    prometheus: Front
    api: Front
    alertmanager: Scripted
    folder: Path
    says: dict[str, Any] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    pages: list[str] = field(default_factory=list)
    answers: Callable[[Asked, Callable[[], Answer]], Answer | None] = lambda _asked, _forward: None
    hurry: float = 1.0

    def run(self, **flags: object) -> Report:
        """One audit of it."""
        file = self.folder / "kubeconfig"
        file.write_text(kubeconfig(self.api.url), "utf-8")
        set_ = {"prometheus.url": self.prometheus.url, **flags}
        return audit(self.world, set_, kubeconfig=file, hurry=self.hurry)

    def of_prometheus(self, asked: Asked, forward: Callable[[], Answer]) -> Answer:
        """Prometheus' answers, with what this stack says in place of some."""
        if asked.target == "/metrics" and self.pages:
            return Answer(body=self.pages.pop(0).encode(), headers={"Content-Type": "text/plain"})
        path = asked.target.partition("?")[0].removeprefix("/api/v1/")
        if path in self.says:
            return Answer(body=json.dumps({"status": "success", "data": self.says[path]}).encode())
        return self.answers(asked, forward) or forward()

    def of_api(self, asked: Asked, forward: Callable[[], Answer]) -> Answer:
        """The API's answers, and a review for each question about a right."""
        if not asked.target.endswith("/subjectaccessreviews"):
            return forward()
        wanted = json.loads(asked.body)["spec"]["resourceAttributes"]
        allowed = wanted["resource"] not in self.refused
        return Answer(201, json.dumps({"status": {"allowed": allowed}}).encode())


def _started(world: World) -> str:
    """The time at which the world's Prometheus started, as Kubernetes writes it."""
    page = requests.get(f"{world.prometheus}/metrics", timeout=10).text
    (seconds,) = [line.split()[1] for line in page.splitlines() if line.startswith("process_start_time_seconds ")]
    return stamp(datetime.fromtimestamp(float(seconds), UTC))


@contextmanager
def monitored(world: World, folder: Path) -> Iterator[Stack]:
    """A stack of which everything is as it should be; the world has its own back afterwards."""
    labels = {"app.kubernetes.io/name": "prometheus"}
    pod = {
        "metadata": {"namespace": "monitoring", "name": "prometheus-0", "labels": labels},
        "spec": {
            "serviceAccountName": "prometheus",
            "containers": [{"name": "prometheus", "image": "prometheus:v2.42.0"}],
            "volumes": [{"name": "config", "configMap": {"name": "prometheus-config"}}],
        },
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "prometheus", "state": {"running": {"startedAt": _started(world)}}}],
        },
    }  # fmt: skip
    rules = {"metadata": {"namespace": "monitoring", "name": "prometheus-config"}}
    routes = says({"config": {"original": ROUTES}, "versionInfo": {"version": "0.25.0"}})
    with (
        Scripted(routes) as alertmanager,
        Front(world.prometheus) as prometheus,
        Front(world.api.url, authority=world.api.authority) as api,
    ):
        stack = Stack(world, prometheus, api, alertmanager, folder)
        prometheus.fault, api.fault = stack.of_prometheus, stack.of_api
        stack.says = {
            "rules": loaded(rule("RolloutFailed", severity="critical")),
            "status/config": {"yaml": CONFIG},
            "alertmanagers": {"activeAlertmanagers": [{"url": f"{alertmanager.url}/api/v2/alerts"}]},
        }  # fmt: skip
        with (
            having(world, "pods", pod),
            having(world, "configmaps", {**rules, "data": {"alert-rules.yml": rule_file("RolloutFailed")}}),
        ):
            yield stack


@contextmanager
def having(world: World, resource: str, item: Mapping[str, Any]) -> Iterator[None]:
    """The store has this object, and afterwards what it had before."""
    key = item["metadata"].get("namespace", ""), item["metadata"]["name"]
    before = world.store.get(resource, key)
    world.store.put(resource, item)
    try:
        yield
    finally:
        if before is None:
            world.store.delete(resource, key)
        else:
            world.store.put(resource, before)


def changed(world: World, resource: str, name: tuple[str, str], **spec: Any) -> Any:
    """An object of the world with another part of its spec."""
    item = world.store.get(resource, name)
    assert item
    return having(world, resource, {**item, "spec": {**item["spec"], **spec}})


def found(report: Report) -> set[tuple[str, str]]:
    """Check and cause of each finding on the way."""
    return {(finding.check, finding.cause) for finding in report.findings if finding.check in OURS}


def blind(report: Report) -> dict[str, set[str]]:
    """The checks on the way that could not run, with the reasons."""
    reasons: dict[str, set[str]] = {}
    for gap in report.gaps:
        if gap.check in OURS:
            reasons.setdefault(gap.check, set()).add(gap.reason.id)
    return reasons


def row(report: Report, link: str) -> tuple[str, str]:
    """State and words of a link in the table of the way."""
    english = load("en")
    table = next(section for section in report.sections if section.title.id == "pipeline-table/title")
    for cells in getattr(table, "rows", ()):
        name, state, seen = (say(english, cell) if isinstance(cell, Message) else str(cell) for cell in cells)
        if name == link:
            return state, seen
    raise AssertionError(f"no row {link}")
