"""The values of a ConfigMap: what means the same is no difference, and what does not is found at its place."""

import json
from typing import Any

import pytest

from maintainer.analyse.drift.scalars import same_value
from maintainer.analyse.drift.values import value_differences
from maintainer.analyse.promql.canonical import same_promql

RULES = """
groups:
  - name: rollouts
    interval: 1m
    rules:
      - alert: Failed
        expr: rollout_info{phase="Error",namespace="shop"} == 1
        for: 5m
        labels: {severity: critical, team: "1"}
        annotations:
          summary: '{{ $labels.name }} failed'
      - alert: Failed
        expr: rollout_info{phase="Timeout"} == 1
      - record: failed
        expr: sum(rate(x[300s]))
"""
WRITTEN_ANEW = """
# The same in other words.
groups:
- "rules":
  - record: "failed"
    expr: >-
      sum (
        rate(x[5m])  # five minutes
      )
  - {alert: Failed, expr: 'rollout_info{phase="Timeout"} == 1'}
  - labels: {team: '1', severity: "critical"}
    alert: Failed
    annotations: {summary: "{{ $labels.name }} failed"}
    for: 300s
    expr: |
      rollout_info{namespace="shop", phase="Error"} == 1
  interval: 60s
  name: rollouts
"""
PANEL = {"id": 1, "title": "All", "targets": [{"refId": "A", "expr": "sum(x)"}], "interval": "1m"}
ROW = {"id": 9, "type": "row", "title": "More", "panels": [{"id": 2, "title": "Inner", "targets": []}]}
BOARD: dict[str, Any] = {"id": 7, "version": 3, "iteration": 5, "title": "Fleet", "panels": [PANEL, ROW]}


def told(key: str, desired: str, live: str) -> list[tuple[str, str]]:
    return [(found.what, "/".join(map(str, found.path))) for found in value_differences(key, desired, live)]


def of_board(live: Any) -> list[tuple[str, str]]:
    return told("board.json", json.dumps(BOARD), json.dumps(live, indent=2))


def test_the_same_rules_in_other_words_do_not_differ() -> None:
    assert told("a.rules.yml", RULES, WRITTEN_ANEW) == []
    assert told("a.rules.yml", WRITTEN_ANEW, RULES) == []


@pytest.mark.parametrize(
    ("old", "new", "what", "place"),
    [
        ('phase="Error"', 'phase="Abort"', "changed", "alert=Failed/expr"),
        ("for: 5m", "for: 6m", "changed", "alert=Failed/for"),
        ("        for: 5m\n", "", "changed", "alert=Failed/for"),
        ("critical", "info", "changed", "alert=Failed/labels/severity"),
        ('team: "1"', 'team: "1.0"', "changed", "alert=Failed/labels/team"),
        ('team: "1"', 'team: "1", new: b', "changed", "alert=Failed/labels/new"),
        ("failed'", "fails'", "changed", "alert=Failed/annotations/summary"),
        ("Timeout", "Abort", "changed", "alert=Failed#2/expr"),
        ("record: failed", "record: broken", "missing", "record=failed"),
    ],
)
def test_each_edit_of_a_rule_is_found_at_its_place(old: str, new: str, what: str, place: str) -> None:
    found = told("a.rules.yml", RULES, RULES.replace(old, new))

    assert found[0] == (what, f"groups/name=rollouts/rules/{place}")
    assert [of for of in found[1:] if of[0] != "extra"] == []


def test_another_alert_or_group_is_extra_also_under_a_name_that_is_there() -> None:
    more = RULES + "      - {alert: Failed, expr: up}\n      - {alert: Mine, expr: up}\n  - {name: mine, rules: []}\n"

    assert told("a.rules.yml", RULES, more) == [
        ("extra", "groups/name=rollouts/rules/alert=Failed#3"),
        ("extra", "groups/name=rollouts/rules/alert=Mine"),
        ("extra", "groups/name=mine"),
    ]


def test_relabelling_rules_are_compared_in_their_order() -> None:
    def jobs(*rules: str) -> str:
        return f"scrape_configs: [{{job_name: a, relabel_configs: [{', '.join(rules)}]}}, {{job_name: b}}]"

    keep, drop, new = "{action: keep, regex: a}", "{action: drop, regex: b}", "{action: labeldrop, regex: c}"
    place = "scrape_configs/job_name=a/relabel_configs"

    assert told("p.yml", jobs(keep, drop), jobs(drop, keep)) == [
        ("changed", f"{place}/0/action"),
        ("changed", f"{place}/0/regex"),
        ("changed", f"{place}/1/action"),
        ("changed", f"{place}/1/regex"),
    ]
    assert told("p.yml", jobs(keep, drop), jobs(keep, new, drop)) == [("changed", f"{place}/1")]
    assert told("p.yml", jobs(keep, new, drop), jobs(keep, drop)) == [("changed", f"{place}/1")]


def test_jobs_are_compared_by_their_names() -> None:
    jobs = "scrape_configs: [{job_name: a, honor_labels: true}, {job_name: b}]"

    assert told("p.yml", jobs, "scrape_configs: [{job_name: b}, {job_name: a, honor_labels: yes}]") == []
    assert told("p.yml", jobs, "scrape_configs: [{job_name: c}, {job_name: b}]\nremote_write: [{url: x}]") == [
        ("missing", "scrape_configs/job_name=a"),
        ("extra", "scrape_configs/job_name=c"),
        ("extra", "remote_write"),
    ]


def test_what_grafana_writes_by_itself_does_not_count() -> None:
    folded = {**ROW, "panels": []}
    panel = {**PANEL, "pluginVersion": "11.2", "interval": "60s", "targets": [{"refId": "A", "expr": "sum( x )"}]}
    inner = ROW["panels"][0]  # type: ignore[index]  # a list, see above

    assert of_board({**BOARD, "id": 8, "version": 44, "iteration": 6, "panels": [folded, inner, panel]}) == []


@pytest.mark.parametrize(
    ("live", "found"),
    [
        ({"panels": [ROW]}, [("missing", "panels/id=1")]),
        ({"panels": [PANEL, ROW, {"id": 3}]}, [("extra", "panels/id=3")]),
        ({"panels": [{**PANEL, "title": "All of it"}, ROW]}, [("changed", "panels/id=1/title")]),
        ({"panels": [{**PANEL, "id": 4}, ROW]}, [("changed", "panels/id=1/id")]),
        ({"title": "Board"}, [("changed", "title")]),
        ({"refresh": "1m"}, [("extra", "refresh")]),
        (
            {"panels": [{**PANEL, "targets": [{"refId": "A", "expr": "sum(y)"}]}, ROW]},
            [("changed", "panels/id=1/targets/refId=A/expr")],
        ),
        (
            {"panels": [PANEL, {**ROW, "panels": [{"id": 2, "title": "Outer", "targets": []}]}]},
            [("changed", "panels/id=2/title")],
        ),
    ],
)
def test_each_edit_of_a_dashboard_is_found(live: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert of_board({**BOARD, **live}) == found


def test_true_is_not_one() -> None:
    assert told("a.json", '{"a": {"b": true}}', '{"a": {"b": 1}}') == [("changed", "a/b")]
    assert told("a.json", '{"a": {"b": 1.0, "c": null}}', '{"a": {"b": 1}}') == []


def test_other_texts_are_compared_by_their_lines() -> None:
    (found,) = value_differences("slack.tmpl", "a\nb\nc\nd", "a\nB\nc\nd")

    assert (found.path, found.desired, found.live) == (("line=2",), "b", "B")
    assert told("slack.tmpl", "a\nb", "a\nb\nc") == [("changed", "line=3")]
    assert told("slack.tmpl", "a\nb", "a\nb\n") == [("changed", "line=3")]
    assert told("slack.tmpl", "a: 1", "a: 1") == []


@pytest.mark.parametrize(
    ("key", "desired", "live"),
    [
        ("a.yml", "a: 1", "a: [1"),
        ("a.yml", "just a text", "another text"),
        ("a.json", '{"a": 1}', '{"a": 1'),
        ("a.yml", "a: 1", "*nothing"),
        ("a.json", '{"a": 1}', "[" * 100_000),
        ("a.yml", "a: 1", "- " * 100_000 + "a"),
        ("a.yml", "a: 1", "a: &a [*a]"),
        ("a.json", "[" * 400 + "1" + "]" * 400, "[" * 400 + "2" + "]" * 400),
    ],
)
def test_what_cannot_be_read_is_a_change_and_no_fault(key: str, desired: str, live: str) -> None:
    assert [what for what, _ in told(key, desired, live)] == ["changed"]
    assert [what for what, _ in told(key, live, desired)] == ["changed"]


@pytest.mark.parametrize(
    ("desired", "live"),
    [
        ("sum by (a) (x)", "sum(x) by (a)"),
        ("x[60s]", "x[1m]"),
        ('x{a="b",c=~"d"}', 'x{c=~"d", a="b"}'),
        ("x > 1e3 # why", "x\n>\n1000"),
        ('rate(x{ns=~"$ns"}[$__rate_interval])', 'rate( x{ns=~"$ns"}[$__rate_interval] )'),
    ],
)
def test_queries_that_mean_the_same_are_equal(desired: str, live: str) -> None:
    assert same_promql(desired, live)


@pytest.mark.parametrize(
    ("desired", "live"),
    [
        ("x > 1", "x >= 1"),
        ("x[5m]", "x[6m]"),
        ("x[5m:1m]", "x[5m:2m]"),
        ("x @ 100", "x @ 101"),
        ("x offset 5m", "x offset -5m"),
        ("a + on(x) group_left b", "a + on(x) group_right b"),
        ("rate(x[$a])", "rate(x[$b])"),
        ('x{a=~"$aa"}', 'x{a=~"$bb"}'),
        ("x{a=~`\\d`}", "x{a=~`\\w`}"),
        ("a - (b - c)", "a - b - c"),
        ("not a query (", "not a query  ("),
    ],
)
def test_queries_that_differ_are_not_equal(desired: str, live: str) -> None:
    assert not same_promql(desired, live)


@pytest.mark.parametrize(
    ("desired", "live", "equal"),
    [
        ("1000m", "1", True),
        ("0.5Gi", "512Mi", True),
        ("1h30m", "90m", True),
        ("45GB", "46080MB", True),
        ("--storage.tsdb.retention.time=15d", "--storage.tsdb.retention.time=360h", True),
        ("--storage.tsdb.retention.time=15d", "--storage.tsdb.retention.size=15d", False),
        ("1000m", "1001m", False),
        ("1G", "1Gi", False),
        ("90m", "90s", False),
        ("a", "b", False),
        ("9" * 10_000, "9" * 10_001, False),
        ("1e999999999", "2e999999999", False),
    ],
)
def test_quantities_durations_and_sizes_are_compared_by_value(desired: str, live: str, *, equal: bool) -> None:
    assert same_value(desired, live) is equal
    assert same_value(live, desired) is equal
