"""Each alert, by promtool: it fires when it should, is silent when it should be, and resolves."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helm.charts import ROOT, monitoring, named, rules, run, write, write_bare_rules

ALERTS = Path(__file__).with_name("alerts")
FILES = sorted(ALERTS.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_alert_fires_when_it_should_and_only_then(file: Path, tmp_path: Path) -> None:
    write_bare_rules(tmp_path)
    (tmp_path / file.name).write_text(file.read_text())
    assert "SUCCESS" in run("promtool", "test", "rules", file.name, folder=tmp_path)


def test_every_alert_has_its_file() -> None:
    assert [file.stem for file in FILES] == sorted(rule["alert"] for rule in rules(monitoring()))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_lets_its_alert_fire_be_silent_and_resolve(file: Path) -> None:
    tests = yaml.safe_load(file.read_text())["tests"]
    cases = [[(case["alertname"], bool(case.get("exp_alerts"))) for case in test["alert_rule_test"]] for test in tests]
    assert {name for test in cases for name, _ in test} == {file.stem}
    course = [[fires for _, fires in test] for test in cases]
    assert any(not any(test) for test in course), "silent throughout"
    assert any(_resolves(test) for test in course), "fires and resolves"


def _resolves(fires: list[bool]) -> bool:
    return any(before and not after for before, after in pairwise(fires))


def test_a_message_says_of_what_it_is_and_with_which_number(tmp_path: Path) -> None:
    messages = ALERTS.with_name("messages.yaml").read_text()
    data = named(monitoring(), "ConfigMap", "prometheus-config")["data"]
    write({"messages.yaml": messages, **{name: data[name] for name in data if name.endswith(".rules.yml")}}, tmp_path)
    assert "SUCCESS" in run("promtool", "test", "rules", "messages.yaml", folder=tmp_path)


@pytest.mark.parametrize("rule", rules(monitoring()), ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_what_it_is_how_bad_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    page = ROOT / rule["annotations"]["runbook_url"]
    assert page.read_text().startswith(f"# {rule['alert']}\n")
