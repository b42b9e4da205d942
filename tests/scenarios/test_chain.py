"""Whole runs along the way of the metrics, with one link broken each time, over HTTP and a real Prometheus."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from maintainer.model.message import Message
from maintainer.model.report import Report
from maintainer.render.words import load, say
from maintainer.sandbox.api import kubeconfig
from maintainer.sandbox.fleet import read_fleet, synthetic
from maintainer.sandbox.world import Plan, World
from tests.scenarios.audits import audit, newborn, told
from tests.scenarios.front import Answer, Asked, Front
from tests.servers.scripted import Scripted, says

INTERVAL = 0.2
OURS = {
    "pipeline/alertmanager",
    "pipeline/emitter",
    "pipeline/endpoints",
    "pipeline/rbac",
    "pipeline/reload",
    "pipeline/rules-loaded",
    "pipeline/scrape",
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

    ``says`` are the data of Prometheus' answers by path; ``routes`` is Alertmanager's configuration; ``refused`` are
    the resources that Prometheus' ServiceAccount may not read; ``page`` is Prometheus' own /metrics, "" the real one.
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

    def run(self, **flags: object) -> Report:
        """One audit of it."""
        file = self.folder / "kubeconfig"
        file.write_text(kubeconfig(self.api.url), "utf-8")
        set_ = {"prometheus.url": self.prometheus.url, **flags}
        return audit(self.world, set_, kubeconfig=file)

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


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    fleet = newborn(read_fleet().with_rollouts(synthetic(8, per_namespace=4)))
    with World.start(Plan(fleet=fleet, pods=2, scrape_interval=INTERVAL)) as world:
        yield world


@pytest.fixture
def stack(world: World, tmp_path: Path) -> Iterator[Stack]:
    """Everything is as it should be."""
    labels = {"app.kubernetes.io/name": "prometheus"}
    pod = {
        "metadata": {"namespace": "monitoring", "name": "prometheus-0", "labels": labels},
        "spec": {
            "serviceAccountName": "prometheus",
            "containers": [{"name": "prometheus", "image": "prometheus:v2.42.0"}],
            "volumes": [{"name": "config", "configMap": {"name": "prometheus-config"}}],
        },
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    }  # fmt: skip
    rules = {"metadata": {"namespace": "monitoring", "name": "prometheus-config"}}
    routes = says({"config": {"original": ROUTES}, "versionInfo": {"version": "0.25.0"}})
    with Scripted(routes) as alertmanager, Front(world.prometheus) as prometheus, Front(world.api.url) as api:
        stack = Stack(world, prometheus, api, alertmanager, tmp_path)
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
    return {(one.check, one.cause) for one in report.findings if one.check in OURS}


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
    table = next(one for one in report.sections if one.title.id == "way/title")
    for cells in getattr(table, "rows", ()):
        name, state, seen = (say(english, one) if isinstance(one, Message) else str(one) for one in cells)
        if name == link:
            return state, seen
    raise AssertionError(f"no row {link}")


def test_a_way_that_is_whole_has_neither_finding_nor_gap(stack: Stack) -> None:
    report = stack.run()

    assert found(report) == set(), told(report)
    assert blind(report) == {}, told(report)
    leader = next(iter(stack.world.instances))
    assert row(report, "Service") == ("Fine", "selects 2 pods, port metrics → 8090")
    assert row(report, "Endpoints") == ("Fine", "2 ready")
    assert row(report, "Emitter") == ("Fine", f"leader {leader}, Lease agrees")
    assert row(report, "Rights of discovery")[1].startswith(
        "may list and watch endpoints, pods, services, also rollouts"
    )
    assert row(report, "Alertmanager") == ("Fine", f"{stack.alertmanager.url}, routes read")


def test_a_service_that_selects_no_pod_is_found(stack: Stack) -> None:
    with changed(stack.world, "services", METRICS, selector={"app": "somebody-else"}):
        report = stack.run()

    assert found(report) == {("pipeline/service", "no-pod")}, told(report)
    assert row(report, "Service")[0] == "See finding"


def test_a_service_with_a_port_that_no_pod_has_is_found(stack: Stack) -> None:
    with changed(stack.world, "services", METRICS, ports=[{"name": "metrics", "port": 8090, "targetPort": "metric"}]):
        report = stack.run()

    assert found(report) == {("pipeline/service", "port")}, told(report)


def test_endpoints_that_are_not_ready_are_found(stack: Stack) -> None:
    slices = stack.world.store.snapshot("endpointslices", "argo-rollouts").objects
    for one in slices:
        unready = [{**each, "conditions": {"ready": False}} for each in one["endpoints"]]
        stack.world.store.put("endpointslices", {**one, "endpoints": unready})
    try:
        report = stack.run()
    finally:
        for one in slices:
            stack.world.store.put("endpointslices", one)

    assert found(report) == {("pipeline/endpoints", "not-ready")}, told(report)
    assert row(report, "Endpoints") == ("See finding", "0 ready")


def test_a_right_that_discovery_lacks_is_found(stack: Stack) -> None:
    stack.refused = {"endpoints"}
    report = stack.run()

    assert found(report) == {("pipeline/rbac", "refused")}, told(report)
    (one,) = [one for one in report.findings if one.check == "pipeline/rbac"]
    assert [str(subject) for subject in one.subjects] == ["ServiceAccount/monitoring/prometheus"]
    assert [(row["verb"], row["resource"]) for row in one.evidence["refused"]] == [  # type: ignore[union-attr,call-overload,index]
        ("list", "endpoints"), ("watch", "endpoints"),
    ]  # fmt: skip


def test_the_right_to_rollouts_is_never_missed(stack: Stack) -> None:
    stack.refused = {"rollouts"}

    assert found(stack.run()) == set()


def test_a_reload_that_failed_is_found(stack: Stack) -> None:
    stack.says["status/runtimeinfo"] = {"reloadConfigSuccess": False}

    assert found(stack.run()) == {("pipeline/reload", "failed")}


def test_a_stored_rule_that_is_not_loaded_is_found(stack: Stack) -> None:
    rules = {"metadata": {"namespace": "monitoring", "name": "prometheus-config"}}
    stuck = rule_file("RolloutFailed", "RolloutStuck")
    with having(stack.world, "configmaps", {**rules, "data": {"alert-rules.yml": stuck}}):
        report = stack.run()

    assert found(report) == {("pipeline/rules-loaded", "not-loaded")}, told(report)
    (one,) = [one for one in report.findings if one.check == "pipeline/rules-loaded"]
    assert [str(subject) for subject in one.subjects] == ["alert/RolloutStuck"]


def test_no_alert_about_rollouts_is_found(stack: Stack) -> None:
    stack.says["rules"] = {"groups": []}
    rules = {"metadata": {"namespace": "monitoring", "name": "prometheus-config"}, "data": {}}
    with having(stack.world, "configmaps", rules):
        report = stack.run()

    assert found(report) == {("pipeline/rules-loaded", "none")}, told(report)


def test_no_alertmanager_at_both_ends_is_found(stack: Stack) -> None:
    stack.says["alertmanagers"] = {"activeAlertmanagers": []}
    stack.pages = [own(alertmanagers=0), own(alertmanagers=0)]

    assert found(stack.run()) == {("pipeline/alertmanager", "none")}


def own(**counts: float) -> str:
    """Prometheus' own metrics, of one process."""
    usual = {"alertmanagers": 1.0, "dropped": 0.0, "errors": 0.0, "started": 1e9, **counts}
    return (
        f"process_start_time_seconds {usual['started']}\n"
        f"prometheus_notifications_alertmanagers_discovered {usual['alertmanagers']}\n"
        f"prometheus_notifications_dropped_total {usual['dropped']}\n"
        f'prometheus_notifications_errors_total{{alertmanager="a"}} {usual["errors"]}\n'
    )


@pytest.mark.parametrize(
    ("end", "cause"),
    [
        pytest.param({"dropped": 3}, "dropped", id="lost"),
        pytest.param({"errors": 2}, "errors", id="tried in vain"),
        pytest.param({"dropped": 3, "started": 2e9}, None, id="another replica"),
        pytest.param({}, None, id="as before"),
    ],
)
def test_notifications_that_are_lost_during_the_run_are_found(
    stack: Stack, end: dict[str, float], cause: str | None
) -> None:
    stack.pages = [own(), own(**end)]
    report = stack.run()

    assert found(report) == ({("pipeline/alertmanager", cause)} if cause else set()), told(report)


def test_an_alert_that_reaches_nobody_is_found(stack: Stack) -> None:
    quiet = [rule("RolloutFailed", severity="critical"), rule("RolloutStuck", severity="warning")]
    stack.says["rules"] = loaded(*quiet)
    report = stack.run()

    assert found(report) == {("pipeline/alertmanager", "unrouted")}, told(report)
    (one,) = [one for one in report.findings if one.check == "pipeline/alertmanager"]
    assert [str(subject) for subject in one.subjects] == ["alert/RolloutStuck"]


def test_an_alertmanager_out_of_reach_is_a_gap_that_names_the_setting_and_the_setting_helps(stack: Stack) -> None:
    with Scripted(says({})) as gone:
        pass
    stack.says["alertmanagers"] = {"activeAlertmanagers": [{"url": f"{gone.url}/api/v2/alerts"}]}

    stack.world.api.forbid("*", "services/proxy")
    try:
        without = stack.run()
    finally:
        stack.world.api.allow_all()
    with_setting = stack.run(**{"alertmanager.url": stack.alertmanager.url})

    assert blind(without) == {"pipeline/alertmanager": {"gap/no-alertmanager"}}
    assert (found(with_setting), blind(with_setting)) == (set(), {})


def test_another_holder_of_the_lease_than_the_pod_that_emits_is_found(stack: Stack) -> None:
    _, standby = stack.world.instances
    lease = ("argo-rollouts", "argo-rollouts-controller-lock")
    with changed(stack.world, "leases", lease, holderIdentity=f"{standby}_0b7e"):
        report = stack.run()

    assert found(report) == {("pipeline/emitter", "lease")}, told(report)


def test_an_image_of_another_version_than_the_metrics_is_found(stack: Stack) -> None:
    leader = "argo-rollouts", next(iter(stack.world.instances))
    pod = stack.world.store.get("pods", leader)
    assert pod
    containers = [{**one, "image": "quay.io/argoproj/argo-rollouts:v1.8.3"} for one in pod["spec"]["containers"]]
    with changed(stack.world, "pods", leader, containers=containers):
        report = stack.run()

    assert found(report) == {("pipeline/version", "image")}, told(report)


@contextmanager
def old_rollouts(world: World) -> Iterator[None]:
    """All Rollouts were created long ago."""
    entries = [world.store.entry("rollouts", one.key) for one in world.fleet.rollouts]

    def put_back(**created: str) -> None:
        for entry in entries:
            assert entry
            metadata = {**entry.object["metadata"], **created}
            world.store.delete("rollouts", (metadata["namespace"], metadata["name"]))
            world.store.put("rollouts", {**entry.object, "metadata": metadata}, emits=entry.emits)

    put_back(creationTimestamp="2026-01-01T00:00:00Z")
    try:
        yield
    finally:
        put_back()


def past(world: World, still: str) -> Callable[[Asked, Callable[[], Answer]], Answer | None]:
    """A Prometheus that remembers the process and its counts; the Rollout ``still`` has not been looked at."""

    def ask(promql: str) -> Answer:
        return Answer(body=requests.post(f"{world.prometheus}/api/v1/query", data={"query": promql}, timeout=5).content)

    def answers(asked: Asked, _forward: Callable[[], Answer]) -> Answer | None:
        if asked.query.startswith("changes("):
            return ask(f'rollout_info{{name="{still}"}}')
        if "offset 2400s" in asked.query:
            return ask("count by (cluster, instance, job, pod) (rollout_info)")
        if "process_start_time_seconds" in asked.query:
            return ask("max by (cluster, instance, job, pod) (process_start_time_seconds) - 86400")
        return None

    return answers


def test_a_rollout_that_nobody_looks_at_is_found(stack: Stack) -> None:
    stack.answers = past(stack.world, "svc-00003")
    with old_rollouts(stack.world):
        report = stack.run()
        stack.answers = past(stack.world, "nobody")
        observation = stack.run()

    assert found(report) == {("coverage/unwatched", "still")}, told(report)
    (one,) = [one for one in report.findings if one.check == "coverage/unwatched"]
    assert [subject.name for subject in one.subjects] == ["svc-00003"]
    assert (found(observation), blind(observation)) == (set(), {})


def test_a_prometheus_that_remembers_too_little_says_so(stack: Stack) -> None:
    with old_rollouts(stack.world):
        report = stack.run()

    assert found(report) == set()
    assert set(blind(report)) == {"coverage/unwatched"}
    assert blind(report)["coverage/unwatched"] <= {"gap/young-process", "gap/short-memory"}


# Each source that cannot be read is a gap of exactly the checks that need it.

FORBIDDEN = {
    ("get", "services", "argo-rollouts"): {"pipeline/endpoints", "pipeline/service"},
    ("list", "pods", "argo-rollouts"): {
        "coverage/unwatched", "pipeline/emitter", "pipeline/endpoints", "pipeline/service", "pipeline/version"},
    ("list", "endpointslices", "argo-rollouts"): {"pipeline/endpoints"},
    ("get", "leases", "argo-rollouts"): {"pipeline/emitter"},
    ("list", "pods", "monitoring"): {"pipeline/rbac", "pipeline/rules-loaded"},
    ("get", "configmaps", "monitoring"): {"pipeline/rules-loaded"},
}  # fmt: skip


@pytest.mark.parametrize("rule_", FORBIDDEN, ids="-".join)
def test_what_may_not_be_read_is_a_gap_of_the_checks_that_need_it(stack: Stack, rule_: tuple[str, str, str]) -> None:
    stack.world.api.forbid(*rule_)
    try:
        report = stack.run()
    finally:
        stack.world.api.allow_all()

    assert set(blind(report)) == FORBIDDEN[rule_], told(report)
    assert found(report) == set()


SILENT = {
    "status/config": {"pipeline/alertmanager", "pipeline/rbac"},
    "status/runtimeinfo": {"pipeline/reload"},
    "alertmanagers": {"pipeline/alertmanager"},
    "rules": {"pipeline/alertmanager", "pipeline/rules-loaded"},
    "/metrics": {"pipeline/alertmanager"},
}


@pytest.mark.parametrize("path", SILENT)
def test_what_prometheus_does_not_say_is_a_gap_of_the_checks_that_need_it(stack: Stack, path: str) -> None:
    """Such as behind a proxy that lets queries through only, or with an engine that is not Prometheus."""

    def fault(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        gone = Answer(404, b"404 page not found", {"Content-Type": "text/plain"})
        return gone if asked.target.partition("?")[0].endswith(path) else stack.of_prometheus(asked, forward)

    stack.prometheus.fault = fault
    report = stack.run()

    assert set(blind(report)) == SILENT[path], told(report)
    assert found(report) == set()


def test_reviews_that_are_refused_are_a_gap(stack: Stack) -> None:
    def fault(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        refused = Answer(403, b'{"kind": "Status", "message": "no"}')
        return refused if asked.target.endswith("/subjectaccessreviews") else forward()

    stack.api.fault = fault

    assert blind(stack.run()) == {"pipeline/rbac": {"gap/cluster-forbidden"}}


def test_a_pod_that_nobody_finds_behind_prometheus_is_a_gap_that_says_so(stack: Stack) -> None:
    stack.world.store.delete("pods", ("monitoring", "prometheus-0"))
    try:
        report = stack.run()
    finally:
        stack.world.store.put("pods", {"metadata": {"namespace": "monitoring", "name": "prometheus-0"}, "spec": {}})

    assert blind(report) == {check: {"gap/no-prometheus-pods"} for check in ("pipeline/rbac", "pipeline/rules-loaded")}


def test_nothing_is_asked_of_the_api_that_grows_with_the_fleet(stack: Stack) -> None:
    stack.run()
    asked = [one.target.partition("?")[0] for one in stack.api.asked]

    assert len(asked) < 30
    cluster_wide = {path for path in asked if path.startswith("/api") and "/namespaces/" not in path}
    assert cluster_wide <= {
        "/apis/argoproj.io/v1alpha1/rollouts",
        "/api/v1/services",
        "/api/v1/configmaps",
        "/apis/monitoring.coreos.com/v1/prometheusrules",
        "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    }
    assert {one.method for one in stack.api.asked if one.method != "GET"} == {"POST"}
