"""Whole runs along the way of the metrics: a source that cannot be read is a gap of exactly what needs it."""

from collections.abc import Callable

import pytest

from tests.scenarios.audits import told
from tests.scenarios.front import Answer, Asked
from tests.scenarios.stacks import Stack, blind, found

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
    "status/config": {"pipeline/alertmanager", "pipeline/rbac", "pipeline/scrape"},
    "status/runtimeinfo": {"pipeline/reload"},
    "alertmanagers": {"pipeline/alertmanager"},
    "rules": {"pipeline/alertmanager", "pipeline/rules-loaded"},
    "/metrics": {"pipeline/alertmanager", "pipeline/rbac", "pipeline/rules-loaded"},
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
