"""The faults of the stack are those that ``maintainer lint`` reports for the same files."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from maintainer.analyse.queries.lint import remarks
from maintainer.collect.queries.files import read_queries
from maintainer.sandbox.fleet import Fleet, expected
from maintainer.sandbox.stack import Stack, stack, text

INSTANCES = {"argo-rollouts": "127.0.0.1:1", "kubernetes-pods": "127.0.0.1:1"}


def called(deployed: Stack) -> set[tuple[str, str]]:
    """The (check, subject) of all remarks."""
    rules = read_queries(text(deployed.rules), "alert-rules.yml")
    board = read_queries(json.dumps(deployed.dashboard), "argo-rollouts-dashboard.json")
    found = remarks([*rules.queries, *board.queries], version=(1, 9, 2))
    return {(remark.check, f"{remark.query.asks}/{remark.query.name}") for remark in found}


def alerts(rules: Mapping[str, Any]) -> set[str]:
    return {rule["alert"] for group in rules["groups"] for rule in group["rules"]}


def test_the_healthy_stack_has_no_remarks(fleet: Fleet) -> None:
    assert called(stack(fleet.healthy().faults)) == set()


def test_each_fault_of_a_query_is_called_what_it_expects(fleet: Fleet) -> None:
    wanted = {(check, subject) for check, subject in expected(fleet, INSTANCES) if check.startswith("query/")}
    assert called(stack(fleet.faults)) == wanted
    for fault in fleet.faults:
        alone = stack([fault])
        checks = {check for check, _ in fault.expect if check.startswith("query/")}
        assert {check for check, _ in called(alone)} == checks


def test_the_dashboard_has_the_panels_and_variables_of_the_guide(fleet: Fleet) -> None:
    board = stack(()).dashboard
    assert [panel["title"] for panel in board["panels"]] == [
        "Rollout Status",
        "Rollout Replicas Status",
        "Rollout Reconcile Duration",
        "Rollout Reconcile Errors",
        "Total Rollout Errors",
        "Rollout Phase",
        "Kubernetes API Request Rate",
    ]
    assert [variable["name"] for variable in board["templating"]["list"]] == ["namespace", "rollout"]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in stack(fleet.faults).dashboard["panels"]]
    assert len(set(places)) == len(places) == 8


def test_a_rule_that_is_not_loaded_was_deployed(fleet: Fleet) -> None:
    found = stack(fleet.with_faults("rules-not-loaded").faults)
    assert alerts(found.rules) - alerts(found.loaded) == {"RolloutStuck"}
    assert alerts(found.loaded) < alerts(found.rules)


@pytest.mark.parametrize(("kind", "receiver"), [("ghost", "slack"), ("unrouted", "nobody")])
def test_critical_alerts_reach_slack_unless_they_go_astray(
    fleet: Fleet, tmp_path: Path, kind: str, receiver: str
) -> None:
    file = tmp_path / "alertmanager.yml"
    file.write_text(text(stack(fleet.with_faults(kind).faults).alertmanager), "utf-8")
    amtool = shutil.which("amtool")
    assert amtool
    command = [amtool, "config", "routes", "test", f"--config.file={file}"]

    def told(severity: str) -> str:
        asked = [*command, f"severity={severity}", "alertname=RolloutFailed"]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()

    assert (told("critical"), told("warning")) == (receiver, "slack")
