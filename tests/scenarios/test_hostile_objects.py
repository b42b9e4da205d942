"""Whole runs in a cluster with one hostile object: it costs itself, is named, and everything else is reported."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from maintainer.analyse.checks import Check, gaps_of
from maintainer.jobs.context import JobContext
from maintainer.jobs.monthly import monthly
from maintainer.model.clock import Clock
from maintainer.model.report import Conclusion, Finding, Period
from maintainer.reporting import Job, Machine
from maintainer.runner import Outcome, run
from maintainer.sandbox.api import kubeconfig
from maintainer.settings import Settings, load
from tests.runner.test_run import monthly_run
from tests.scenarios.front import Answer, Asked
from tests.scenarios.stacks import Stack, having, loaded, rule
from tests.servers.scripted import says

pytestmark = pytest.mark.extended

NOVEMBER = Period("2026-11", datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), "UTC")
DEAD = 'rollout_info{phase="Degraded"} > 0'
FAULT = "An internal error of maintainer"


def audited(stack: Stack, folder: Path, job: Job = monthly) -> Outcome:
    """A run of the job with all its files."""
    file = folder / "kubeconfig"
    file.write_text(kubeconfig(stack.api.url), "utf-8")
    set_ = {"prometheus.url": stack.prometheus.url, "reports.directory": str(folder / "out")}
    settings = load("", stack.world.environment(), set_)
    machine = Machine(Clock(time.monotonic, time.sleep), datetime.now(UTC), "test", str(file))
    return run(monthly_run(job, NOVEMBER), settings, machine)


def gaps(outcome: Outcome) -> dict[str, set[str]]:
    """Each gap's reason with the checks that it keeps from running."""
    reasons: dict[str, set[str]] = {}
    for gap in outcome.document["gaps"]:
        reasons.setdefault(gap["reason"], set()).add(gap["check"])
    return reasons


def found(outcome: Outcome) -> set[str]:
    """The checks with findings."""
    return {finding.check for finding in outcome.report.findings}


def assert_written(outcome: Outcome) -> None:
    """All formats are on disk, and every text is one that a file can hold."""
    assert {file.suffix for file in outcome.files} == {".html", ".md", ".json"}
    assert all(file.read_text("utf-8") for file in outcome.files)


@pytest.fixture
def dead(stack: Stack) -> Stack:
    """A stack with an alert that can never fire, which every report has to say."""
    stack.says["rules"] = loaded(rule("RolloutFailed", severity="critical"), {**rule("Dead"), "query": DEAD})
    return stack


def rollout(**metadata: Any) -> Mapping[str, Any]:
    metadata = {"namespace": "team-0", "name": "hostile", "creationTimestamp": "2026-01-01T00:00:00Z", **metadata}
    return {"metadata": metadata, "spec": {"replicas": 1, "strategy": {"canary": {}}}, "status": {"phase": "Healthy"}}


def dashboard(text: str) -> Mapping[str, Any]:
    metadata = {"namespace": "monitoring", "name": "hostile", "labels": {"grafana_dashboard": "1"}}
    return {"metadata": metadata, "data": {"board.json": text}}


def panels(**panel: Any) -> str:
    return json.dumps({"title": "Board", "panels": [{"type": "stat", "targets": [{"expr": DEAD}], **panel}]})


def prometheus_rule(groups: Any) -> Mapping[str, Any]:
    return {"metadata": {"namespace": "team-0", "name": "hostile"}, "spec": {"groups": groups}}


HARMLESS: dict[str, tuple[str, Mapping[str, Any]]] = {
    "half-a-surrogate-in-a-title": ("configmaps", dashboard(panels(title="\ud800"))),
    "half-a-surrogate-in-a-query": (
        "configmaps",
        dashboard(panels(title="a", targets=[{"expr": 'rollout_info{phase="\ud800"}'}])),
    ),
    "panels-that-are-no-list": ("configmaps", dashboard(json.dumps({"panels": 5, "title": DEAD}))),
    "a-title-that-is-a-mapping": ("configmaps", dashboard(panels(title={"a": [1]}, targets=[5, {"expr": 5}]))),
    "a-dashboard-5000-deep": ("configmaps", dashboard('{"rollout":' + "[" * 5000 + "]" * 5000 + "}")),
    "rules-that-are-a-text": ("prometheusrules", prometheus_rule("x")),
    "rules-of-odd-types": (
        "prometheusrules",
        prometheus_rule([5, {"rules": {"a": 1}}, {"rules": [5, None, {"alert": 5}]}]),
    ),
    "rules-800-deep": ("prometheusrules", prometheus_rule(json.loads("[" * 800 + "]" * 800))),
}  # fmt: skip


@pytest.mark.parametrize(("resource", "item"), HARMLESS.values(), ids=HARMLESS.keys())
def test_an_object_of_a_tenant_costs_nothing_else(
    dead: Stack, resource: str, item: Mapping[str, Any], tmp_path: Path
) -> None:
    with having(dead.world, resource, item):
        outcome = audited(dead, tmp_path)

    assert outcome.faults == ()
    assert_written(outcome)
    assert "query/dead-selector" in found(outcome)
    assert all("hostile" in reason or "Board" in reason for reason in gaps(outcome)), gaps(outcome)


NOT_CHECKED = {
    "Operands": "rollout_info" + "+1" * 4_600,
    "Alternatives": " or ".join([DEAD] * 1_300),
    "Parentheses": "(" * 20_000 + DEAD + ")" * 20_000,
    "Comment": 'rollout_info{phase="Error", ' + "#" * 5_000,
    "Quotes": "rollout_info{" + '"\\' * 10_000,
    "Lookahead": 'rollout_info{phase=~"(?=x)"}',
    "Repeats": 'rollout_info{phase=~"(.{1,900}){1,900}x"}',
}
JUDGED = {"Going back": 'rollout_info{phase=~"(((.*)*)*)*x"}', "Dead": DEAD}


def test_queries_that_were_made_to_kill_the_reader_are_gaps_and_all_others_are_judged(
    dead: Stack, tmp_path: Path
) -> None:
    hostile = {**NOT_CHECKED, **JUDGED}
    alerts = [{**rule(f"Loaded {name}"), "query": query} for name, query in hostile.items()]
    dead.says["rules"] = loaded(rule("RolloutFailed", severity="critical"), *alerts)
    shown = [{"type": "stat", "title": name, "targets": [{"expr": query}]} for name, query in hostile.items()]
    with having(dead.world, "configmaps", dashboard(json.dumps({"title": "Board", "panels": shown}))):
        outcome = audited(dead, tmp_path)

    assert (outcome.exit_code, outcome.faults) == (3, ())
    assert_written(outcome)
    reasons = [reason for reason, checks in gaps(outcome).items() if "query/not-checked" in checks]
    assert {reason.partition(":")[0] for reason in reasons} == {
        *(f"Loaded {name}" for name in NOT_CHECKED),
        *(f"Board / {name}" for name in NOT_CHECKED),
    }
    named = {
        subject.name
        for finding in outcome.report.findings
        for subject in finding.subjects
        if finding.check == "query/dead-selector"
    }
    assert {*(f"Loaded {name}" for name in JUDGED), *(f"Board / {name}" for name in JUDGED)} <= named
    assert outcome.report.figures["rollouts.compared"] == 8


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"creationTimestamp": "yesterday"}, "Invalid RFC3339"),
        ({"generation": "three"}, "Expected `int`, got `str`"),
    ],
    ids=["created-yesterday", "a-generation-in-words"],
)
def test_an_odd_rollout_is_a_gap_that_names_it_and_the_others_are_compared(
    dead: Stack, metadata: Mapping[str, Any], said: str, tmp_path: Path
) -> None:
    def fault(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        answer = dead.of_api(asked, forward)
        if "/rollouts?" not in asked.target or "PartialObject" in asked.headers.get("Accept", ""):
            return answer
        page = answer.json
        page["items"].append(rollout(resourceVersion="1", **metadata))
        return Answer(body=json.dumps(page).encode())

    dead.api.fault = fault
    outcome = audited(dead, tmp_path)

    assert (outcome.exit_code, outcome.faults) == (3, ())
    (reason,) = [reason for reason in gaps(outcome) if "team-0/hostile" in reason]
    assert said in reason
    assert outcome.report.figures["rollouts.compared"] == 8
    assert "query/dead-selector" in found(outcome)
    assert_written(outcome)


def test_a_rollout_that_is_nested_1200_deep_is_compared_as_the_others(dead: Stack, tmp_path: Path) -> None:
    deep = b'{"template": ' + b'{"a":' * 1200 + b"1" + b"}" * 1200 + b", "

    def fault(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        answer = dead.of_api(asked, forward)
        if "/rollouts?" not in asked.target:
            return answer
        return Answer(body=json.dumps(answer.json).encode().replace(b'"spec": {', b'"spec": ' + deep))

    dead.api.fault = fault
    outcome = audited(dead, tmp_path)

    assert (outcome.exit_code, outcome.faults, gaps(outcome)) == (0, (), {})
    assert outcome.report.figures["rollouts.compared"] == 8


ROUTES = {
    "a-route-in-itself": "&r {receiver: a, routes: [*r]}",
    "matchers-that-are-a-number": "{receiver: a, routes: [{receiver: b, matchers: 5}]}",
    "a-matcher-that-is-a-number": "{receiver: a, routes: [{receiver: b, match: {severity: 5}}]}",
    "keys-that-are-numbers": "{receiver: a, 5: 6}",
}


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES.keys())
def test_an_odd_route_costs_at_most_the_check_of_alertmanager(dead: Stack, route: str, tmp_path: Path) -> None:
    original = f"route: {route}\nreceivers: [{{name: a, 5: 6}}, {{name: b, slack_configs: [{{}}]}}]\n"
    dead.alertmanager.script = [says({"config": {"original": original}, "versionInfo": {"version": "0.25.0"}})] * 9
    outcome = audited(dead, tmp_path)

    assert outcome.faults == ()
    assert {check for checks in gaps(outcome).values() for check in checks} <= {"pipeline/alertmanager"}
    assert "query/dead-selector" in found(outcome)
    assert_written(outcome)


RULES = {
    "no-query": {"groups": [{"name": "g", "file": "f", "rules": [{"type": "alerting", "name": "A"}]}]},
    "a-label-that-is-a-number": loaded({**rule("A"), "labels": {"a": 5}}),
    "no-groups": {"groups": None},
}


@pytest.mark.parametrize("data", RULES.values(), ids=RULES.keys())
def test_odd_rules_cost_the_checks_that_need_rules(stack: Stack, data: Any, tmp_path: Path) -> None:
    stack.says["rules"] = data
    outcome = audited(stack, tmp_path)

    assert (outcome.exit_code, outcome.faults) == (3, ())
    assert outcome.report.figures["rollouts.compared"] == 8
    assert not {"accuracy/phase", "pipeline/service"} & {gap.check for gap in outcome.report.gaps}
    assert_written(outcome)


def test_a_collect_step_with_a_fault_costs_the_checks_that_need_its_fact(stack: Stack, tmp_path: Path) -> None:
    """The fault is in the data of this test: a job that reads one more source than the real one."""

    def job(settings: Settings, context: JobContext) -> Conclusion:
        _, unavailable = context.sources.attempt("runtimeinfo", lambda: int("yesterday"))
        concluded = monthly(settings, context)
        return replace(concluded, gaps=(*concluded.gaps, *gaps_of(unavailable)))

    outcome = audited(stack, tmp_path, job)

    assert outcome.exit_code == 70
    ((reason, checks),) = gaps(outcome).items()
    assert checks == {"pipeline/reload"}
    assert FAULT in reason
    assert outcome.faults[0].file in reason
    assert Path(outcome.faults[0].file).read_text("utf-8").startswith("Traceback")
    assert outcome.report.figures["rollouts.compared"] == 8
    assert_written(outcome)


def test_a_check_with_a_fault_is_a_gap_of_that_check_and_everything_else_is_reported(
    dead: Stack, tmp_path: Path
) -> None:
    def fails(_subject: None) -> tuple[Finding, ...]:
        raise ZeroDivisionError

    def job(settings: Settings, context: JobContext) -> Conclusion:
        concluded = monthly(settings, context)
        _, of_check = context.examine((Check("pipeline/reload", "error", (), fails),), None)
        return replace(concluded, gaps=(*concluded.gaps, *of_check))

    outcome = audited(dead, tmp_path, job)

    assert outcome.exit_code == 70
    ((reason, checks),) = gaps(outcome).items()
    assert (checks, FAULT in reason) == ({"pipeline/reload"}, True)
    assert "query/dead-selector" in found(outcome)
    assert_written(outcome)
