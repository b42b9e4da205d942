"""The Prometheus operator's real CRDs: what no Prometheus selects is found, and is gone after the printed command."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.faults import configured
from tests.e2e.kube import Object
from tests.e2e.operated import PROMETHEUS, RULE, SERVICE_MONITOR, define, prometheus, rule, run_printed, service_monitor
from tests.e2e.plane import control_plane
from tests.e2e.product import Report, allow, audit_inside
from tests.e2e.sites import QUICK, Site, site

CHECK = "pipeline/selected"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A Prometheus that scrapes the controller by the chart's own job, and the operator's kinds without an object."""
    with control_plane(tmp_path_factory.mktemp("plane")) as plane, site(plane, QUICK) as made:
        allow(plane)
        define(plane.kube)
        yield made


@pytest.fixture(scope="module")
def unscraped(cluster: Site) -> Iterator[Site]:
    """The same without the job, so that metrics would arrive by a monitor only."""

    def without_the_job(config: Object, job: Object) -> None:
        config["scrape_configs"].remove(job)

    with configured(cluster, without_the_job):
        cluster.forget()
        yield cluster


@pytest.fixture
def clean(cluster: Site) -> Iterator[None]:
    yield
    for kind, key in (
        (SERVICE_MONITOR, ("argo-rollouts", "argo-rollouts")),
        (RULE, ("argo-rollouts", "rollouts")),
        (PROMETHEUS, ("monitoring", "k8s")),
    ):
        cluster.plane.kube.delete(kind, *key)


def selected(report: Report) -> list[dict[str, Any]]:
    return [finding for finding in report.json["findings"] if finding["check"] == CHECK]


def blind(report: Report) -> list[dict[str, Any]]:
    return [gap for gap in report.gaps if gap["check"] == CHECK]


def mended(cluster: Site, finding: dict[str, Any]) -> Report:
    """An audit after each command that the finding prints was run."""
    for command in finding["evidence"]["commands"].splitlines():
        run_printed(cluster.plane, command)
    return audit_inside(cluster.plane)


@pytest.mark.usefixtures("clean")
def test_a_monitor_is_not_mentioned_where_metrics_arrive_without_it(cluster: Site) -> None:
    cluster.plane.kube.apply(prometheus(), service_monitor())
    report = audit_inside(cluster.plane)

    assert (selected(report), blind(report)) == ([], []), report


@pytest.mark.usefixtures("clean")
def test_kinds_without_an_object_are_neither_a_finding_nor_a_gap(unscraped: Site) -> None:
    report = audit_inside(unscraped.plane)

    assert "pipeline/target" in report.checks, report
    assert (selected(report), blind(report)) == ([], []), report


@pytest.mark.usefixtures("clean")
def test_a_service_monitor_without_the_label_and_with_another_port(unscraped: Site) -> None:
    unscraped.plane.kube.apply(prometheus(), service_monitor())
    report = audit_inside(unscraped.plane)

    (finding,) = selected(report)
    assert [one["name"] for one in finding["subjects"]] == ["argo-rollouts"]
    assert "Prometheus monitoring/k8s needs the label release=kube-prometheus" in finding["summary"], report
    assert "argo-rollouts-metrics has no port http-metrics" in finding["summary"], report
    assert (selected(mended(unscraped, finding)), blind(report)) == ([], [])


@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"serviceMonitorSelector": None}, "selects no ServiceMonitor (its serviceMonitorSelector is not set)"),
        (
            {"serviceMonitorNamespaceSelector": None},
            "only from its own namespace and not from argo-rollouts (its serviceMonitorNamespaceSelector is not set)",
        ),
        (
            {"serviceMonitorNamespaceSelector": {"matchLabels": {"watched": "yes"}}},
            "needs the label watched=yes on the namespace argo-rollouts",
        ),
        (
            {"serviceMonitorNamespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}},
            "needs the label kubernetes.io/metadata.name=monitoring on the namespace argo-rollouts",
        ),
    ],
)
def test_a_prometheus_that_does_not_select_the_monitor(unscraped: Site, spec: dict[str, Any], said: str) -> None:
    made = prometheus(**spec)
    without = {name: value for name, value in made["spec"].items() if value is not None}
    unscraped.plane.kube.apply({**made, "spec": without}, service_monitor(release="kube-prometheus"))
    (finding,) = selected(audit_inside(unscraped.plane))

    assert said in finding["summary"], finding
    assert selected(mended(unscraped, finding)) == []


@pytest.mark.usefixtures("clean")
def test_a_rule_about_rollouts_without_the_label(cluster: Site) -> None:
    cluster.plane.kube.apply(prometheus(), rule())
    report = audit_inside(cluster.plane)
    (finding,) = selected(report)

    assert "the ruleSelector of Prometheus monitoring/k8s needs the label release=kube-prometheus" in finding["summary"]
    assert finding["evidence"]["rules"] == ["RolloutDegraded"]
    assert (selected(mended(cluster, finding)), blind(report)) == ([], [])
