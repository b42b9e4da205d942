"""Whole runs along the way of the metrics, with one link broken each time, over HTTP and a real Prometheus."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests

from maintainer.sandbox.world import World
from tests.scenarios.audits import told
from tests.scenarios.front import Answer, Asked
from tests.scenarios.stacks import METRICS, Stack, blind, changed, found, row


def test_a_way_that_is_whole_has_neither_finding_nor_gap(stack: Stack) -> None:
    report = stack.run()

    assert found(report) == set(), told(report)
    assert blind(report) == {}, told(report)
    leader = next(iter(stack.world.instances))
    assert row(report, "Service") == ("OK", "selects 2 pods, port metrics → 8090")
    assert row(report, "Endpoints") == ("OK", "2 ready")
    assert row(report, "Emitter") == ("OK", f"{leader} emits and holds the Lease")
    assert row(report, "Rights for discovery")[1].startswith(
        "may list and watch endpoints, pods, services, also rollouts"
    )
    assert row(report, "Alertmanager") == ("OK", f"{stack.alertmanager.url}, routes read")


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
    for slice_ in slices:
        unready = [{**endpoint, "conditions": {"ready": False}} for endpoint in slice_["endpoints"]]
        stack.world.store.put("endpointslices", {**slice_, "endpoints": unready})
    try:
        report = stack.run()
    finally:
        for slice_ in slices:
            stack.world.store.put("endpointslices", slice_)

    assert found(report) == {("pipeline/endpoints", "not-ready")}, told(report)
    assert row(report, "Endpoints") == ("See finding", "0 ready")


def test_a_right_that_discovery_lacks_is_found(stack: Stack) -> None:
    stack.refused = {"endpoints"}
    report = stack.run()

    assert found(report) == {("pipeline/rbac", "refused")}, told(report)
    (finding,) = [finding for finding in report.findings if finding.check == "pipeline/rbac"]
    assert [str(subject) for subject in finding.subjects] == ["ServiceAccount/monitoring/prometheus"]
    assert [(row["verb"], row["resource"]) for row in finding.evidence["refused"]] == [  # type: ignore[union-attr,call-overload,index]
        ("list", "endpoints"), ("watch", "endpoints"),
    ]  # fmt: skip


def test_the_right_to_rollouts_is_never_missed(stack: Stack) -> None:
    stack.refused = {"rollouts"}

    assert found(stack.run()) == set()


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
    containers = [{**own, "image": "quay.io/argoproj/argo-rollouts:v1.8.3"} for own in pod["spec"]["containers"]]
    with changed(stack.world, "pods", leader, containers=containers):
        report = stack.run()

    assert found(report) == {("pipeline/version", "image")}, told(report)


@contextmanager
def old_rollouts(world: World) -> Iterator[None]:
    """All Rollouts were created long ago."""
    entries = [world.store.entry("rollouts", placed.key) for placed in world.fleet.rollouts]

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
    (finding,) = [finding for finding in report.findings if finding.check == "coverage/unwatched"]
    assert [subject.name for subject in finding.subjects] == ["svc-00003"]
    assert (found(observation), blind(observation)) == (set(), {})


def test_a_prometheus_that_remembers_too_little_says_so(stack: Stack) -> None:
    with old_rollouts(stack.world):
        report = stack.run()

    assert found(report) == set()
    assert set(blind(report)) == {"coverage/unwatched"}
    assert blind(report)["coverage/unwatched"] <= {"gap/young-process", "gap/short-memory"}


def test_nothing_is_asked_of_the_api_that_grows_with_the_fleet(stack: Stack) -> None:
    stack.run()
    asked = [request.target.partition("?")[0] for request in stack.api.asked]

    assert len(asked) < 30
    cluster_wide = {path for path in asked if path.startswith("/api") and "/namespaces/" not in path}
    assert cluster_wide <= {
        "/apis/argoproj.io/v1alpha1/rollouts",
        "/api/v1/services",
        "/api/v1/configmaps",
        "/apis/monitoring.coreos.com/v1/servicemonitors",
        "/apis/monitoring.coreos.com/v1/podmonitors",
        "/apis/monitoring.coreos.com/v1/prometheusrules",
        "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    }
    assert {request.method for request in stack.api.asked if request.method != "GET"} == {"POST"}
