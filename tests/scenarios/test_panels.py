"""Dashboards against a real Prometheus: what their panels show while the metrics are right, and while they are not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from maintainer.model.report import Report
from maintainer.sandbox.fleet import read_fleet
from maintainer.sandbox.world import Plan, World
from tests.scenarios.audits import audit, told

CHOSEN = 'namespace=~"$namespace",name=~"$rollout"'
PANELS = {
    "Total": f"sum(rollout_info{{{CHOSEN}}})",
    "Status": f"sum by (phase) (rollout_info{{{CHOSEN}}})",
    "Paused": f'count(rollout_info{{phase="Paused",{CHOSEN}}}) or vector(0)',
    "Available": f"sum(rollout_info_replicas_available{{{CHOSEN}}})",
    "Scaled to zero": "count(rollout_info_replicas_desired == 0)",
    "Duration": "histogram_quantile(0.99, sum by (le) (rate(rollout_reconcile_bucket[$__rate_interval])))",
    "Once": "count(max by (namespace, name) (rollout_info))",
}
ALL = frozenset(PANELS)


@contextmanager
def world(*kinds: str, panels: dict[str, str] | None = None) -> Iterator[World]:
    """A world with these faults, and a dashboard with these panels."""
    shown = [
        {"title": title, "targets": [{"expr": text}]} for title, text in (PANELS if panels is None else panels).items()
    ]
    dashboard = {"title": "D", "panels": shown}
    metadata = {"namespace": "monitoring", "name": "grafana-dashboard-argo-rollouts"}
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    with World.start(Plan(faults=True, fleet=read_fleet().with_faults(*kinds), moving=True)) as world:
        world.store.put("configmaps", {**config_map, "data": {"d.json": json.dumps(dashboard)}})
        yield world


def wrong(report: Report, check: str) -> set[str]:
    """The titles of the panels that a check names."""
    subjects = {subject for one in report.findings if one.check == check for subject in one.subjects}
    return {subject.name.removeprefix("D / ") for subject in subjects if subject.kind == "panel"}


def because(report: Report) -> set[str]:
    """The causes that are named for wrong numbers."""
    rows = [row for one in report.findings if one.check == "panel/value" for row in one.evidence["rollouts"]]  # type: ignore[union-attr]  # a list of rows
    return {row["because of"] for row in rows}  # type: ignore[index,call-overload,misc]


def test_honest_metrics_make_honest_panels_while_rollouts_move() -> None:
    with world() as running:
        report = audit(running)

    assert not [one for one in report.findings if one.check.startswith(("panel/", "query/", "label/"))], told(report)
    table = next(section for section in report.sections if section.title.id == "queries/title")
    assert {str(row[0]).removeprefix("D / ") for row in table.rows} >= ALL  # type: ignore[union-attr]


def test_a_second_scrape_job_doubles_every_sum() -> None:
    with world("duplicate-target") as running:
        report = audit(running)

    assert wrong(report, "panel/value") == ALL - {"Duration", "Once"}, told(report)
    assert because(report) == {"coverage/duplicate"}


def test_wrong_metrics_make_wrong_panels_and_the_evidence_names_the_check() -> None:
    with world("ghost", "missing", "wrong-phase", "wrong-replicas") as running:
        report = audit(running)

    assert wrong(report, "panel/value") == {"Total", "Status", "Paused", "Available"}, told(report)
    assert because(report) == {"accuracy/phase", "accuracy/replicas", "coverage/ghost", "coverage/missing"}


def test_a_label_of_the_target_hides_the_namespaces_of_every_query_that_asks_for_one() -> None:
    with world("namespace-label") as running:
        report = audit(running)

    assert wrong(report, "label/namespace") == {"Total", "Status", "Paused", "Available", "Once"}, told(report)
    assert wrong(report, "panel/value") == set()


def test_a_query_that_cannot_be_answered_is_found_as_such_and_once() -> None:
    asked = {
        "query/no-data": 'sum(rollout_info{job="argo-rollouts-metrics"})',
        "query/error": "rollout_info * on (strategy) rollout_info",
        "query/dead-selector": 'sum(rollout_info{phase="Degraded"})',
        "query/always-true": 'sum(rollout_info{phase!="Healthy"})',
    }
    with world(panels=asked | {"Total": PANELS["Total"]}) as running:
        report = audit(running)

    of_panels = ("query/", "panel/", "label/")
    found = {one.check: wrong(report, one.check) for one in report.findings if one.check.startswith(of_panels)}
    assert found == {check: {check} for check in asked}, told(report)
