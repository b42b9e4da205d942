"""Whole runs where the Prometheus that is asked is an agent, a central store, or leaves rules to its store."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from maintainer.render.words import load, say
from tests.scenarios.audits import told
from tests.scenarios.front import Answer, Asked, Front
from tests.scenarios.runs import ALL
from tests.scenarios.stacks import CONFIG, Stack, blind, found, loaded, rule

pytestmark = pytest.mark.extended

WRITING = f"{CONFIG}\nremote_write: [{{url: 'https://user:hush@mimir.central.example:8443/api/v1/push?token=hush'}}]\n"
STORE = "https://<secret>@mimir.central.example:8443/api/v1/push?token=<secret>"
NO_ALERTMANAGER: dict[str, list[str]] = {"activeAlertmanagers": []}


def agent(asked: Asked, _forward: Callable[[], Answer]) -> Answer | None:
    """What Prometheus answers in agent mode."""
    path = asked.target.partition("?")[0]
    if not path.endswith(("/query", "/rules", "/alertmanagers", "/labels")):
        return None
    said = {"status": "error", "errorType": "execution", "error": "unavailable with Prometheus Agent"}
    return Answer(422, json.dumps(said).encode())


@pytest.mark.parametrize("config", [WRITING, CONFIG], ids=["with its store", "without a store"])
def test_an_agent_is_a_permanent_gap_that_gives_the_store_it_writes_to(stack: Stack, config: str) -> None:
    stack.says = {"status/config": {"yaml": config}}
    stack.answers = agent
    report = stack.run()

    assert {gap.check for gap in report.gaps} == ALL, told(report)
    assert {gap.kind for gap in report.gaps} == {"permanent"}
    (reason,) = {say(load("en"), gap.reason) for gap in report.gaps}
    assert "answers no query" in reason
    assert (STORE in reason) is (config is WRITING)
    assert "hush" not in reason
    assert found(report) == set()


@contextmanager
def started_before(stack: Stack, seconds: float) -> Iterator[None]:
    """The server at the URL shows that it started so many seconds before the pod of Prometheus."""
    page = requests.get(f"{stack.world.prometheus}/metrics", timeout=10).text
    lines = page.splitlines()
    (at,) = [number for number, line in enumerate(lines) if line.startswith("process_start_time_seconds ")]
    lines[at] = f"process_start_time_seconds {float(lines[at].split()[1]) - seconds}"
    stack.pages = ["\n".join(lines) + "\n"] * 2
    yield


def test_rules_of_the_edge_are_not_missed_in_a_central_store(stack: Stack) -> None:
    """The only Prometheus of the cluster has loaded them; the one that is asked is another server."""
    stack.says |= {"rules": loaded(rule("Watchdog") | {"query": "vector(1)"}), "alertmanagers": NO_ALERTMANAGER}
    with started_before(stack, 86400):
        report = stack.run()

    assert found(report) == set(), told(report)
    assert blind(report)["pipeline/rbac"] == {"gap/other-prometheus"}
    assert blind(report)["pipeline/rules-loaded"] == {"gap/other-prometheus"}
    assert blind(report)["pipeline/alertmanager"] == {"gap/alerts-elsewhere"}


def test_a_clock_that_differs_a_little_does_not_make_it_another_server(stack: Stack) -> None:
    with started_before(stack, 60):
        report = stack.run()

    assert (found(report), blind(report)) == (set(), {}), told(report)


def test_a_service_that_is_named_is_believed(stack: Stack) -> None:
    with started_before(stack, 86400):
        report = stack.run(**{"prometheus.service": "monitoring/prometheus"})

    assert (found(report), blind(report)) == (set(), {}), told(report)


@contextmanager
def without_rules(stack: Stack) -> Iterator[None]:
    """Prometheus writes to a store and has neither a rule nor an Alertmanager."""
    stack.says |= {"rules": loaded(), "alertmanagers": NO_ALERTMANAGER, "status/config": {"yaml": WRITING}}
    key = "monitoring", "prometheus-config"
    config = stack.world.store.get("configmaps", key)
    assert config
    stack.world.store.put("configmaps", {**config, "data": {}})
    yield


def test_a_prometheus_that_leaves_rules_to_its_store_is_a_gap(stack: Stack) -> None:
    with without_rules(stack):
        report = stack.run()

    assert found(report) == set(), told(report)
    assert blind(report) == {
        "pipeline/alertmanager": {"gap/rules-elsewhere"},
        "pipeline/rules-loaded": {"gap/rules-elsewhere"},
    }


def test_an_engine_without_a_ruler_is_a_gap(stack: Stack) -> None:
    """It answers with an empty list of rules, and its own page has none of the metrics of a Prometheus."""
    with without_rules(stack):
        stack.says["status/config"] = {"yaml": CONFIG}
        stack.pages = ["vm_app_version 1\n"] * 2
        report = stack.run(**{"prometheus.service": "monitoring/prometheus"})

    assert found(report) == set(), told(report)
    assert blind(report)["pipeline/rules-loaded"] == {"gap/rules-unknown"}
    assert "gap/rules-unknown" in blind(report)["pipeline/alertmanager"]


@contextmanager
def ruler(stack: Stack, *rules: dict[str, Any]) -> Iterator[Front]:
    """A server that evaluates these rules and sends their alerts, and answers nothing else."""
    answers = {
        "/api/v1/rules": loaded(*rules),
        "/api/v1/alertmanagers": {"activeAlertmanagers": [{"url": f"{stack.alertmanager.url}/api/v2/alerts"}]},
    }

    def fault(asked: Asked, _forward: Callable[[], Answer]) -> Answer:
        data = answers.get(asked.target.partition("?")[0])
        if data is None:
            return Answer(404, b"404 page not found", {"Content-Type": "text/plain"})
        return Answer(body=json.dumps({"status": "success", "data": data}).encode())

    with Front(stack.world.prometheus, fault) as front:
        yield front


def test_rules_and_alerts_are_read_from_the_ruler_that_is_named(stack: Stack) -> None:
    with without_rules(stack), ruler(stack, rule("RolloutFailed", severity="critical")) as front:
        report = stack.run(**{"ruler.url": front.url})

    assert found(report) == set(), told(report)
    assert report.figures["alerts.asked"] == 1
    assert not [gap for gap in report.gaps if "elsewhere" in gap.reason.id], told(report)


def test_a_ruler_without_an_alert_about_rollouts_is_a_finding(stack: Stack) -> None:
    with without_rules(stack), ruler(stack) as front:
        report = stack.run(**{"ruler.url": front.url})

    assert found(report) == {("pipeline/rules-loaded", "none")}, told(report)
