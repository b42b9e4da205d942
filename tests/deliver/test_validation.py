"""What Prometheus would refuse is not written."""

import shutil
from typing import Any

import pytest

from maintainer.deliver.validation import problem

PROMTOOL = shutil.which("promtool") or ""
RULES = "groups: [{name: g, rules: [{alert: A, expr: 'up == 0'}]}]"
CONFIG = "global: {scrape_interval: 5s}\nscrape_configs: [{job_name: a}]\nrule_files: [/etc/prometheus/*.yml]"


def config_map(**data: str | None) -> dict[str, Any]:
    return {"kind": "ConfigMap", "data": {name.replace("_", "."): text for name, text in data.items()}}


@pytest.mark.parametrize("promtool", [PROMTOOL, "", "/none/promtool"])
def test_what_is_sound_has_no_problem(promtool: str) -> None:
    sound = config_map(a_yml=RULES, b_yml=CONFIG, c_json="{}", d_txt="{", e_yml="a: b", f_yml=None)
    assert problem(sound, promtool) == ""
    assert problem({"kind": "PrometheusRule", "spec": {"groups": []}}, promtool) == ""
    assert problem({"kind": "Service", "spec": {}}, promtool) == ""


@pytest.mark.parametrize("promtool", [PROMTOOL, ""])
@pytest.mark.parametrize(
    ("key", "text"), [("a_yml", "groups: ["), ("a_json", "{"), ("a_yml", "a: &b [*b"), ("a_yml", "- " * 99_999)]
)
def test_a_text_that_cannot_be_read_is_a_problem(promtool: str, key: str, text: str) -> None:
    assert problem(config_map(**{key: text}), promtool).startswith(f"{key.replace('_', '.')}: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("groups: [{name: g, rules: [{alert: A, expr: 'up =='}]}]", "could not parse expression"),
        ("scrape_configs: [{job_nam: a}]", "job_nam"),
    ],
)
def test_promtool_says_what_prometheus_would_refuse(text: str, said: str) -> None:
    assert PROMTOOL, "promtool is not on PATH: apt-get install prometheus"
    found = problem(config_map(a_yml=text), PROMTOOL)
    assert said in found
    assert "maintainer-" not in found, "a name of a file that is gone"
    assert problem(config_map(a_yml=text)) == ""
    groups = {"groups": [{"name": "g", "rules": [{"alert": "A", "expr": "up =="}]}]}
    assert "could not parse expression" in problem({"kind": "PrometheusRule", "spec": groups}, PROMTOOL)
