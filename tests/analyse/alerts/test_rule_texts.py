"""A piece of advice changes its rule in a text, and nothing else: in all forms that rules are written in."""

import shutil
import subprocess
from pathlib import Path

import pytest

from maintainer.analyse.alerts.rule_texts import Refused, RuleChange, changed_text
from maintainer.model.source_text import Edit
from maintainer.render.patch import patch

CHART = Path(__file__).parents[3] / "helm/management-base/monitoring/values.yaml"

GIT = f"{shutil.which('git')}"

RULES = """\
groups:
  # Ours.
  - name: rollouts
    interval: 1m
    rules:
      - alert: Stuck   # a comment
        expr: 'rollout_info{phase="Progressing"} == 1'
        for: 5m
        labels: {severity: warning}
      - alert: Failed
        expr: |
          rollout_info{phase="Error"} == 1
        labels: {severity: critical}
      - alert: Failed
        expr: rollout_info{phase="Error"} > 0
        labels:
          severity: warning
"""


def wrapped(text: str) -> tuple[Edit, ...]:
    end = len(text.rstrip())
    return Edit(0, 1, f"({text[0]}"), Edit(end - 1, end, f"{text[end - 1]}) and on () up")


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


OPERATOR = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: r}\nspec:\n" + indented(
    RULES, 2
)
CONFIG_MAP = "kind: ConfigMap\ndata:\n  a.rules.yml: |\n" + indented(RULES, 4) + "  other: |\n    alert: x\n"
FORMS = {"rules": RULES, "PrometheusRule": OPERATOR, "ConfigMap": CONFIG_MAP, "crlf": RULES.replace("\n", "\r\n")}


def applied(tmp_path: Path, before: str, change: RuleChange) -> str:
    """The file after git has applied the patch."""
    (tmp_path / "rules.yml").write_text(before, "utf-8", newline="")
    diff = patch("rules.yml", before, changed_text(before, change))
    subprocess.run([GIT, "apply", "-"], cwd=tmp_path, input=diff.encode(), check=True)
    return (tmp_path / "rules.yml").read_bytes().decode()


@pytest.mark.parametrize("form", FORMS)
def test_git_applies_the_patch_of_a_rule_and_all_else_stays(tmp_path: Path, form: str) -> None:
    before = FORMS[form]
    after = applied(tmp_path, before, RuleChange("Stuck", values={"for": "12m", "keep": "10m"}))
    pairs = [line for line in after.splitlines() if line not in before.splitlines()]
    assert [line.strip() for line in pairs] == ["for: 12m", "keep_firing_for: 10m"]
    assert len(after.splitlines()) == len(before.splitlines()) + 1


def test_an_expression_is_changed_where_it_is_written_and_quoted_as_it_is() -> None:
    after = changed_text(RULES, RuleChange("Stuck", rewrite=wrapped))
    assert """expr: '(rollout_info{phase="Progressing"} == 1) and on () up'\n""" in after
    after = changed_text(RULES, RuleChange("Failed", (("severity", "critical"),), rewrite=wrapped))
    assert """          (rollout_info{phase="Error"} == 1) and on () up\n""" in after


def test_the_chart_has_keys_of_its_own_and_templates_stay(tmp_path: Path) -> None:
    values = CHART.read_text("utf-8")
    change = RuleChange("RolloutStuck", values={"for": "25m", "keep": "10m"}, rewrite=wrapped)
    lines = [line.strip() for line in applied(tmp_path, values, change).splitlines() if line not in values.splitlines()]
    assert lines == ["(max by (namespace, name) (", ") == 1) and on () up", "for: 25m", "keepFiringFor: 10m"]
    lowered = changed_text(
        values, RuleChange("RolloutHighErrorRate", values={"threshold": "0.25"}, rewrite=lambda _: ())
    )
    assert lowered == values.replace("threshold: 0.1\n", "threshold: 0.25\n")


@pytest.mark.parametrize(
    ("text", "change", "why"),
    [
        ("a: [", RuleChange("Stuck"), "broken"),
        (RULES, RuleChange("Other"), "no-rule"),
        (RULES, RuleChange("Failed", values={"for": "1m"}), "several-rules"),
        (RULES, RuleChange("Stuck", rewrite=lambda _: ()), "expression"),
        ("groups: [{rules: [{alert: Stuck, expr: up}]}]", RuleChange("Stuck", values={"for": "1m"}), "form"),
        (
            "a: &five 5m\ngroups:\n- rules:\n  - alert: Stuck\n    expr: up\n    for: *five\n",
            RuleChange("Stuck", values={"for": "1m"}),
            "form",
        ),
        (
            "alertRules:\n  g:\n    Stuck: &rule\n      expr: up\n      for: 5m\n    Other: *rule\n",
            RuleChange("Stuck", values={"for": "1m"}),
            "form",
        ),
        (RULES, RuleChange("Stuck", values={"for": "1m\n        # and\n        for: 2m: 3"}), "form"),
    ],
)
def test_a_text_that_cannot_be_changed_alone_is_left_as_it_is(text: str, change: RuleChange, why: str) -> None:
    with pytest.raises(Refused) as refused:
        changed_text(text, change)
    assert refused.value.why == why


def test_a_file_without_a_last_newline_keeps_that(tmp_path: Path) -> None:
    before = RULES.rstrip("\n")
    assert applied(tmp_path, before, RuleChange("Stuck", values={"for": "12m"})) == before.replace(
        "for: 5m", "for: 12m"
    )
