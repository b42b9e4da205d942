"""Whole runs where relabelling moves the label that holds the Rollout's namespace, by a real Prometheus."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from maintainer.model.report import Report
from maintainer.sandbox.world import World
from tests.scenarios.audits import told
from tests.scenarios.front import Answer, Asked, Front
from tests.scenarios.relabelled import Job, Relabelled, beside
from tests.scenarios.small_worlds import ROLLOUTS
from tests.scenarios.stacks import having

pytestmark = pytest.mark.extended

CONTROLLER = {"namespace": "argo-rollouts"}
ABOUT_LABELS = ("accuracy/", "coverage/", "label/", "panel/", "query/")


def restored(*, label: str = "namespace") -> list[dict[str, Any]]:
    """A rule that copies what Prometheus has renamed to ``exported_namespace``."""
    return [{"source_labels": ["exported_namespace"], "target_label": label, "regex": "(.+)"}]


def moved(source: str, to: str) -> list[dict[str, Any]]:
    """Rules that give a label another name."""
    return [{"source_labels": [source], "target_label": to}, {"regex": source, "action": "labeldrop"}]


JOBS: Mapping[str, Job] = {
    "restored": {"labels": CONTROLLER, "metric_relabel_configs": restored()},
    "copied": {"metric_relabel_configs": [{"source_labels": ["namespace"], "target_label": "exported_namespace"}]},
    "agent": {"labels": {"exported_namespace": "agents"}, "honor_labels": True},
    "renamed": {"metric_relabel_configs": moved("namespace", "rollout_namespace")},
    "gone": {"metric_relabel_configs": moved("namespace", "rollout_ns")},
    "both": {
        "labels": CONTROLLER,
        "metric_relabel_configs": [
            *restored(label="kube_namespace"),
            {"regex": "exported_namespace", "action": "labeldrop"},
        ],
    },
    "added": {"labels": {"status": "gold"}},
    "dropped": {"metric_relabel_configs": [{"regex": "namespace", "action": "labeldrop"}]},
    "nameless": {"metric_relabel_configs": moved("name", "rollout")},
}


@pytest.fixture(scope="module")
def relabelled(healthy: World) -> Iterator[Relabelled]:
    with beside(healthy, JOBS) as prometheus:
        yield prometheus


def audited(relabelled: Relabelled, job: str, *queries: str) -> Report:
    """An audit of what a job gives, with a dashboard that has these queries."""
    panels = [{"title": query, "targets": [{"expr": query}]} for query in queries]
    metadata = {"namespace": "monitoring", "name": "grafana-dashboard-argo-rollouts"}
    dashboard = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    data = {"d.json": json.dumps({"title": "D", "panels": panels})}
    with having(relabelled.world, "configmaps", {**dashboard, "data": data}):
        report = relabelled.audit(job)
    assert report.figures["rollouts.compared"] == len(ROLLOUTS), told(report)
    assert not [gap for gap in report.gaps if gap.check.startswith(ABOUT_LABELS)], told(report)
    return report


def of_labels(report: Report) -> set[tuple[str, str, str]]:
    """Check, cause and subject of the findings that a label can cause."""
    return {
        (finding.check, finding.cause, str(subject))
        for finding in report.findings
        for subject in finding.subjects
        if finding.check.startswith(ABOUT_LABELS)
    }


def test_a_namespace_that_was_restored_and_is_kept_twice_is_no_finding(relabelled: Relabelled) -> None:
    """Both labels hold the Rollout's namespace, so a query may use either."""
    queries = [f'sum(rollout_info{{{label}=~"$namespace"}})' for label in ("namespace", "exported_namespace")]
    report = audited(relabelled, "restored", *queries, "sum by (namespace) (rollout_info)")

    assert of_labels(report) == set(), told(report)
    assert report.figures["panels.faultless"] == 3, told(report)


def test_a_copy_of_the_namespace_is_no_finding(relabelled: Relabelled) -> None:

    assert of_labels(audited(relabelled, "copied", "sum by (namespace) (rollout_info)")) == set()


def test_an_exported_namespace_of_something_else_is_no_finding(relabelled: Relabelled) -> None:
    """Such as the namespace of the agent that scraped before."""

    assert of_labels(audited(relabelled, "agent", "sum by (namespace) (rollout_info)")) == set()


def test_a_namespace_with_another_name_is_one_finding_with_that_name(relabelled: Relabelled) -> None:
    right = 'sum(rollout_info{rollout_namespace=~"$namespace"})', "sum by (rollout_namespace, name) (rollout_info)"
    report = audited(relabelled, "renamed", *right)

    assert of_labels(report) == {("label/namespace", "renamed", relabelled.target("renamed"))}, told(report)
    (finding,) = [finding for finding in report.findings if finding.check == "label/namespace"]
    assert finding.summary.named["label"] == "rollout_namespace"
    assert "rollout_namespace" in finding.reproduce
    assert report.figures["panels.faultless"] == len(right), told(report)


def test_a_query_by_a_namespace_that_the_series_do_not_have_is_named(relabelled: Relabelled) -> None:
    misled = 'sum(rollout_info{namespace="team-0"})'
    report = audited(relabelled, "gone", misled, 'sum(rollout_info{rollout_ns="team-0"})')

    assert of_labels(report) == {
        ("label/namespace", "renamed", relabelled.target("gone")),
        ("label/namespace", "queries", f"panel/D / {misled}"),
    }, told(report)
    reasons = {finding.summary.id for finding in report.findings if finding.cause == "queries"}
    assert reasons == {"label/namespace/queries-absent.summary"}


def test_a_target_with_a_namespace_and_the_rollouts_under_another_name(relabelled: Relabelled) -> None:
    report = audited(relabelled, "both", 'sum(rollout_info{kube_namespace="team-1"})')

    assert of_labels(report) == {("label/namespace", "renamed", relabelled.target("both"))}, told(report)
    (finding,) = [finding for finding in report.findings if finding.check == "label/namespace"]
    assert (finding.evidence["namespaceLabel"], finding.evidence["namespace"]) == ("kube_namespace", "argo-rollouts")


def test_a_label_that_the_series_really_have_is_not_called_unknown(relabelled: Relabelled) -> None:
    """A label that queries elsewhere expect by mistake, and that this scrape job adds."""
    fine = 'sum(rollout_info{status="gold"})', "sum by (status) (rollout_info)"
    wrong = 'sum(rollout_info{state="gold"})'
    report = audited(relabelled, "added", *fine, wrong)

    assert of_labels(report) == {
        ("query/unknown-label", 'state="gold" query/means.never.panel', f"panel/D / {wrong}")
    }, told(report)


def test_labels_that_cannot_be_read_are_a_gap_of_the_check_for_labels(relabelled: Relabelled) -> None:
    def refused(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        return Answer(404, b"404 page not found") if "/api/v1/labels" in asked.target else forward()

    with Front(relabelled.url, refused) as front:
        report = relabelled.audit("copied", url=front.url)

    assert {gap.check for gap in report.gaps if gap.check.startswith(ABOUT_LABELS)} == {"query/unknown-label"}


@pytest.mark.parametrize(("job", "label"), [("dropped", "namespace"), ("nameless", "name")])
def test_series_without_a_label_that_tells_rollouts_apart_are_a_gap(
    relabelled: Relabelled, job: str, label: str
) -> None:
    report = relabelled.audit(job)

    assert of_labels(report) == set(), told(report)
    reasons = {gap.reason for gap in report.gaps if gap.check.startswith("accuracy/")}
    assert {(reason.id, reason.named["label"]) for reason in reasons} == {("gap/prometheus-no-label", label)}
