"""Dashboards against a real Prometheus: what their panels show while the metrics are right, and while they are not."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from maintainer.model.report import Report
from maintainer.model.sections import Table
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
OF_PANELS = ("label/", "panel/", "query/")
UNANSWERED = {
    "query/no-data": 'sum(rollout_info{job="argo-rollouts-metrics"})',
    "query/error": "rollout_info * on (strategy) rollout_info",
    "query/dead-selector": 'sum(rollout_info{phase="Degraded"})',
    "query/always-true": 'sum(rollout_info{phase!="Healthy"})',
}
WORLDS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "honest": ((), PANELS),
    "scraped twice": (("duplicate-target",), PANELS),
    "wrong": (("ghost", "missing", "wrong-phase", "wrong-replicas"), PANELS),
    "hidden": (("namespace-label",), PANELS),
    "unanswered": ((), UNANSWERED | {"Total": PANELS["Total"]}),
}
"""The faults of each world and the panels of its dashboard, by title."""


@contextmanager
def world(kinds: tuple[str, ...], panels: Mapping[str, str]) -> Iterator[World]:
    """A world with these faults, and a dashboard with these panels."""
    shown = [{"title": title, "targets": [{"expr": text}]} for title, text in panels.items()]
    dashboard = {"title": "D", "panels": shown}
    metadata = {"namespace": "monitoring", "name": "grafana-dashboard-argo-rollouts"}
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    plan = Plan(faults=True, fleet=read_fleet().with_faults(*kinds), moving=True, scrape_interval=0.5)
    with World.start(plan) as running:
        running.store.put("configmaps", {**config_map, "data": {"d.json": json.dumps(dashboard)}})
        yield running


@pytest.fixture(scope="module")
def reports() -> Mapping[str, Report]:
    """A run in each world, side by side: most of the time goes to waiting for Prometheus' service discovery."""

    def report(name: str) -> Report:
        with world(*WORLDS[name]) as running:
            return audit(running)

    with ThreadPoolExecutor(len(WORLDS)) as pool:
        return dict(zip(WORLDS, pool.map(report, WORLDS), strict=True))


def wrong(report: Report, check: str) -> set[str]:
    """The titles of the panels that a check names."""
    subjects = {subject for finding in report.findings if finding.check == check for subject in finding.subjects}
    return {subject.name.removeprefix("D / ") for subject in subjects if subject.kind == "panel"}


def because(report: Report) -> set[str]:
    """The causes that are named for wrong numbers."""
    found = [finding for finding in report.findings if finding.check == "panel/value"]
    rows = [row for finding in found for row in finding.evidence["rollouts"]]  # type: ignore[union-attr]  # a list of rows
    return {row["cause"] for row in rows}  # type: ignore[index,call-overload,misc]


def test_honest_metrics_make_honest_panels_while_rollouts_move(reports: Mapping[str, Report]) -> None:
    report = reports["honest"]

    assert not [finding for finding in report.findings if finding.check.startswith(OF_PANELS)], told(report)
    tables = (section for section in report.sections if isinstance(section, Table))
    table = next(table for table in tables if table.title.id == "queries/title")
    assert {str(row[0]).removeprefix("D / ") for row in table.rows} >= ALL


def test_a_second_scrape_job_doubles_every_sum(reports: Mapping[str, Report]) -> None:
    report = reports["scraped twice"]

    assert wrong(report, "panel/value") == ALL - {"Duration", "Once"}, told(report)
    assert because(report) == {"coverage/duplicate"}


def test_wrong_metrics_make_wrong_panels_and_the_evidence_names_the_check(reports: Mapping[str, Report]) -> None:
    report = reports["wrong"]

    assert wrong(report, "panel/value") == {"Total", "Status", "Paused", "Available"}, told(report)
    assert because(report) == {"accuracy/phase", "accuracy/replicas", "coverage/ghost", "coverage/missing"}


def test_a_label_of_the_target_hides_the_namespaces_of_every_query_that_asks_for_one(
    reports: Mapping[str, Report],
) -> None:
    report = reports["hidden"]

    assert wrong(report, "label/namespace") == {"Total", "Status", "Paused", "Available", "Once"}, told(report)
    assert wrong(report, "panel/value") == set()


def test_a_query_that_cannot_be_answered_is_found_as_such_and_once(reports: Mapping[str, Report]) -> None:
    report = reports["unanswered"]

    checks = {finding.check for finding in report.findings if finding.check.startswith(OF_PANELS)}
    found = {check: wrong(report, check) for check in checks}
    assert found == {check: {check} for check in UNANSWERED}, told(report)
