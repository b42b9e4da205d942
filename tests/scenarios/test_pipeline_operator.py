"""Whole runs with the Prometheus operator: what no Prometheus selects is explained, and gone once it is mended."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from maintainer.model.report import Finding, Report
from maintainer.sandbox.resources import OPERATOR
from maintainer.sandbox.store import key_of
from maintainer.sandbox.world import World
from tests.scenarios.audits import told
from tests.scenarios.front import Answer, Asked
from tests.scenarios.small_worlds import HURRY
from tests.scenarios.stacks import FAILED, Stack, blind, found, having, row
from tests.servers.shell import pasted

pytestmark = pytest.mark.extended

CHECK = "pipeline/selected"
KINDS = ("servicemonitors", "podmonitors", "prometheusrules", "prometheuses", "prometheusagents", "thanosrulers")
RELEASE = {"release": "kube-prometheus"}
SELECTED = {"matchLabels": RELEASE}
DEPLOYMENT = {"matchLabels": {"app": "argo-rollouts"}}
SERVICE = {"matchLabels": {"app.kubernetes.io/name": "argo-rollouts-metrics"}}
PODS = {"matchLabels": {"app.kubernetes.io/name": "argo-rollouts"}}


def item(namespace: str, name: str, spec: Mapping[str, Any], **labels: str) -> dict[str, Any]:
    return {"metadata": {"namespace": namespace, "name": name, "labels": labels}, "spec": dict(spec)}


def prometheus(**spec: Any) -> dict[str, Any]:
    """The Prometheus of kube-prometheus-stack."""
    selectors = {f"{kind}Selector": SELECTED for kind in ("serviceMonitor", "podMonitor", "rule")}
    namespaces: Any = {f"{kind}NamespaceSelector": {} for kind in ("serviceMonitor", "podMonitor", "rule")}
    return item("monitoring", "k8s", {**selectors, **namespaces, **spec})


def service_monitor(namespace: str = "argo-rollouts", **spec: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {"selector": SERVICE, "endpoints": [{"port": "metrics"}]}
    return item(namespace, "argo-rollouts", {**defaults, **spec}, **RELEASE)


def pod_monitor(**spec: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {"selector": PODS, "podMetricsEndpoints": [{"port": "metrics"}]}
    return item("argo-rollouts", "argo-rollouts", {**defaults, **spec}, **RELEASE)


def rules(name: str = "RolloutDegraded") -> dict[str, Any]:
    spec = {"groups": [{"name": "rollouts", "rules": [{"alert": name, "expr": FAILED}]}]}
    return item("argo-rollouts", "rollouts", spec, **RELEASE)


def bare(made: dict[str, Any]) -> dict[str, Any]:
    """The object without labels."""
    return {**made, "metadata": {**made["metadata"], "labels": {}}}


@pytest.fixture
def operated(stack: Stack) -> Iterator[Stack]:
    """A stack in a cluster with the operator, of which Prometheus has neither targets nor series."""
    stack.says["targets"] = {"activeTargets": [], "droppedTargets": []}
    stack.answers, stack.hurry = without_series, HURRY
    stack.world.api.install(OPERATOR)
    yield stack
    stack.world.api.uninstall(OPERATOR)


def without_series(asked: Asked, _forward: Callable[[], Answer]) -> Answer | None:
    """Answers like a Prometheus that scrapes nothing."""
    if not asked.query or asked.query == "time()":
        return None
    return Answer(body=json.dumps({"status": "success", "data": {"resultType": "vector", "result": []}}).encode())


def run(stack: Stack, **objects: dict[str, Any]) -> Report:
    """An audit of a cluster with these objects, by the plural name of their kind.

    What it finds is gone in a second audit, after the commands that it gives.
    """
    with ExitStack() as put:
        for plural, made in objects.items():
            put.enter_context(having(stack.world, plural, made))
        report = stack.run()
        for finding in selected(report):
            for command in str(finding.evidence.get("commands", "")).splitlines():
                kubectl(stack, put, command)
        if selected(report):
            mended = stack.run()
            assert selected(mended) == [], told(mended)
    return report


def selected(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.check == CHECK]


def kubectl(stack: Stack, put: ExitStack, command: str) -> None:
    """Run a printed command with kubectl; what it changes is as before when ``put`` is closed."""
    put.enter_context(unchanged(stack.world))
    done = pasted(command, {"KUBECONFIG": str(stack.world.kubeconfig)}, home=stack.folder)
    assert done.returncode == 0, f"{command}\n{done.stdout}"


@contextmanager
def unchanged(world: World) -> Iterator[None]:
    """The objects that printed commands change are afterwards what they were before."""
    before = {plural: world.store.snapshot(plural).objects for plural in (*KINDS, "namespaces", "services")}
    try:
        yield
    finally:
        for plural, objects in before.items():
            for made in objects:
                if world.store.get(plural, key_of(made)) is not made:
                    world.store.put(plural, made)


MONITORS: Mapping[str, tuple[str, dict[str, dict[str, Any]]]] = {
    "label": ("labels", {"servicemonitors": bare(service_monitor())}),
    "selector": ("nothing", {
        "servicemonitors": service_monitor(), "prometheuses": prometheus(serviceMonitorSelector=None)}),
    "namespace": ("namespace", {
        "servicemonitors": service_monitor(), "prometheuses": prometheus(serviceMonitorNamespaceSelector=None)}),
    "namespace-label": ("namespace", {
        "servicemonitors": service_monitor(),
        "prometheuses": prometheus(serviceMonitorNamespaceSelector={"matchLabels": {"watched": "yes"}})}),
    "outside": ("outside", {"servicemonitors": service_monitor("monitoring")}),
    "service": ("other-service", {"servicemonitors": service_monitor(selector=DEPLOYMENT)}),
    "port": ("port", {"servicemonitors": service_monitor(endpoints=[{"port": "http-metrics"}])}),
    "path": ("path", {"servicemonitors": service_monitor(endpoints=[{"port": "metrics", "path": "/stats"}])}),
    "pods-label": ("labels", {"podmonitors": bare(pod_monitor())}),
    "pods-port": ("port", {"podmonitors": pod_monitor(podMetricsEndpoints=[{"port": "http"}])}),
}  # fmt: skip


@pytest.mark.parametrize(("cause", "objects"), MONITORS.values(), ids=MONITORS)
def test_a_monitor_that_leads_nowhere_is_found_and_gone_after_its_command(
    operated: Stack, cause: str, objects: dict[str, dict[str, Any]]
) -> None:
    report = run(operated, **{"prometheuses": prometheus(), **objects})

    assert found(report) == {("pipeline/target", "none"), (CHECK, cause)}, told(report)
    assert CHECK not in blind(report)
    assert row(report, "Monitors and rules")[0] == "See finding"


def test_rules_that_no_prometheus_selects_are_found_and_gone_after_the_command(stack: Stack) -> None:
    stack.world.api.install(OPERATOR)
    try:
        report = run(stack, prometheuses=prometheus(), prometheusrules=bare(rules()))
    finally:
        stack.world.api.uninstall(OPERATOR)

    assert (CHECK, "labels") in found(report), told(report)
    assert [str(subject) for finding in selected(report) for subject in finding.subjects] == [
        "PrometheusRule/argo-rollouts/rollouts"
    ]


def test_a_monitor_that_is_right_is_not_accused_of_what_another_link_breaks(operated: Stack) -> None:
    report = run(operated, prometheuses=prometheus(), servicemonitors=service_monitor(), prometheusrules=rules())

    assert (CHECK in blind(report), selected(report)) == (False, []), told(report)
    assert row(report, "Monitors and rules") == (
        "OK", "Prometheus objects: 1; monitors for the controller: 1; PrometheusRules: 1"
    )  # fmt: skip


def test_where_metrics_arrive_nothing_is_said_of_a_monitor(stack: Stack) -> None:
    stack.world.api.install(OPERATOR)
    try:
        report = run(stack, prometheuses=prometheus(), servicemonitors=bare(service_monitor()))
    finally:
        stack.world.api.uninstall(OPERATOR)

    assert (found(report), blind(report)) == (set(), {}), told(report)


@pytest.mark.parametrize("plural", [*KINDS, "services", "namespaces"])
def test_a_right_that_is_missing_is_a_permanent_gap_that_names_it(operated: Stack, plural: str) -> None:
    by_label = prometheus(serviceMonitorNamespaceSelector={"matchLabels": {"watched": "yes"}})
    api = operated.world.api
    api.forbid("list", plural)
    try:
        report = run(operated, prometheuses=by_label, servicemonitors=bare(service_monitor()))
    finally:
        api.allow_all()
    mine = [gap for gap in report.gaps if gap.check == CHECK]

    assert selected(report) == [] or plural == "prometheusrules", told(report)
    assert [(gap.kind, gap.reason.id, gap.reason.named["resource"]) for gap in mine] == [
        ("permanent", "gap/cluster-forbidden", plural)
    ], told(report)
