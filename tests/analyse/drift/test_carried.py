"""What is kept of a value of a ConfigMap is added to the text that was deployed."""

import json

import pytest
import yaml

from maintainer.analyse.drift.carried import carried

RULES = """\
groups:
  # Watched by the team.
  - name: a
    rules:
      - alert: First   # the first
        expr: up == 0
        annotations:
          text: |
            two
            lines

  - name: b
    rules: []
"""
ADDED = {"alert": "Mine", "expr": "vector(1)", "annotations": {"text": "1\n2\n"}}
MINE = ("groups", "name=a", "rules", "alert=Mine")


def edited(change: str) -> str:
    document = yaml.safe_load(RULES)
    document["groups"][0]["rules"].append(ADDED)
    document["groups"].append({"name": "c", "rules": [ADDED]})
    document["groups"][0]["rules"][0]["expr"] = change
    return yaml.safe_dump(document)


def test_without_extras_the_text_is_the_deployed_one() -> None:
    assert carried(RULES, edited("up == 1"), ()) == RULES


def test_an_extra_alert_and_an_extra_group_are_added_and_the_rest_of_the_text_stays() -> None:
    made = carried(RULES, edited("up == 1"), [MINE, ("groups", "name=c")])
    wanted = yaml.safe_load(RULES)
    wanted["groups"][0]["rules"].append(ADDED)
    wanted["groups"].append({"name": "c", "rules": [ADDED]})
    assert made
    assert yaml.safe_load(made) == wanted
    assert "# Watched by the team." in made
    assert "      - alert: First   # the first" in made
    assert "      - alert: Mine" in made


def test_an_extra_in_an_empty_list_is_kept_although_the_text_is_written_anew() -> None:
    live = RULES.replace("rules: []", "rules:\n      - {alert: Mine, expr: up}")
    made = carried(RULES, live, [("groups", "name=b", "rules", "alert=Mine")])
    assert made
    assert yaml.safe_load(made) == yaml.safe_load(live)


def test_an_extra_is_kept_as_it_is_written() -> None:
    added = (
        "      - alert: Mine\n        expr: up\n        labels: {page: yes, code: 012, 'on': \"off\", at: 2026-11-30}\n"
    )
    live = RULES.replace("\n  - name: b", f"{added}\n  - name: b")
    made = carried(RULES, live, [MINE])
    assert made
    assert "page: yes" in made
    assert "code: 012" in made
    assert "at: 2026-11-30" in made
    assert yaml.load(made, yaml.BaseLoader) == yaml.load(live, yaml.BaseLoader)  # noqa: S506 # it makes texts only


def test_an_extra_panel_is_kept() -> None:
    desired = {"title": "T", "panels": [{"id": 1, "title": "가"}]}
    live = {"title": "X", "panels": [{"id": 2}, {"id": 1, "title": "y"}]}
    made = carried(json.dumps(desired), json.dumps(live), [("panels", "id=2")])
    assert made
    assert json.loads(made) == {"title": "T", "panels": [{"id": 1, "title": "가"}, {"id": 2}]}
    assert "가" in made


def test_a_retention_that_is_left_alone_has_the_value_that_stands_there() -> None:
    desired = "storage:\n  tsdb:\n    retention: {time: 30d}\nglobal: {}\n"
    live = "storage:\n  tsdb:\n    retention: {time: 90d}\n"
    made = carried(desired, live, [("storage", "tsdb", "retention", "time")])
    assert made
    assert yaml.safe_load(made) == {"storage": {"tsdb": {"retention": {"time": "90d"}}}, "global": {}}


@pytest.mark.parametrize("live", ["a: [", "&a [*a]", "- {" * 600, "\0"])
def test_a_text_that_cannot_be_read_is_not_guessed(live: str) -> None:
    assert carried(RULES, live, [MINE]) is None


def test_aliases_that_would_fill_the_memory_are_not_written_out() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert carried(RULES, bomb, [MINE]) is None
