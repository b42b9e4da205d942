"""The queries of Grafana's dashboards: both schemas, variables, annotations, data sources, library panels."""

import json
from typing import Any

import pytest

from maintainer.collect.queries.files import read_queries

Queries = list[tuple[str, str, str]]


def queries_of(dashboard: dict[str, Any]) -> Queries:
    found = read_queries(json.dumps(dashboard), "board.json")
    return [(query.asks, query.name, str(query.text)) for query in found.queries]


def panel(title: str, *exprs: str, **rest: Any) -> dict[str, Any]:
    return {"title": title, "targets": [{"expr": expr} for expr in exprs], **rest}


def texts(dashboard: dict[str, Any]) -> list[str]:
    return [text for _, _, text in queries_of(dashboard)]


def query(group: str, expr: str) -> dict[str, Any]:
    inner = {"kind": "DataQuery", "group": group, "version": "v0", "spec": {"expr": expr}}
    return {"kind": "PanelQuery", "spec": {"refId": "A", "hidden": False, "query": inner}}


def test_panels_rows_and_collapsed_rows_in_the_order_of_the_file() -> None:
    collapsed = {"type": "row", "title": "Row", "collapsed": True, "panels": [panel("B", "b")]}
    dashboard = {
        "title": "Rollouts",
        "panels": [panel("A", "a1", "a2"), collapsed],
        "rows": [{"title": "Old", "panels": [panel("C", "c"), {"id": 7, "targets": [{"expr": "d"}]}]}],
    }
    assert queries_of(dashboard) == [
        ("panel", "Rollouts / A", "a1"),
        ("panel", "Rollouts / A", "a2"),
        ("panel", "Rollouts / B", "b"),
        ("panel", "Rollouts / C", "c"),
        ("panel", "Rollouts / panel 7", "d"),
    ]


def test_the_new_schema_as_a_file_and_as_a_manifest() -> None:
    data = {"kind": "QueryGroup", "spec": {"queries": [query("prometheus", "a"), query("loki", "b")]}}
    older = {"refId": "A", "datasource": {"type": "loki"}, "query": {"kind": "loki", "spec": {"expr": "c"}}}
    oldest = {"refId": "A", "query": {"kind": "prometheus", "spec": {"expr": "d"}}}
    old = {"kind": "QueryGroup", "spec": {"queries": [{"spec": older}, {"spec": oldest}]}}
    spec = {
        "title": "New",
        "elements": {
            "panel-1": {"kind": "Panel", "spec": {"title": "P", "data": data}},
            "panel-2": {"kind": "Panel", "spec": {"title": "Q", "data": old}},
        },
    }
    expected = [("panel", "New / P", "a"), ("panel", "New / Q", "d")]
    assert queries_of(spec) == expected
    assert queries_of({"apiVersion": "dashboard.grafana.app/v2beta1", "kind": "Dashboard", "spec": spec}) == expected


def test_the_answer_of_the_api_is_unwrapped() -> None:
    assert texts({"meta": {}, "dashboard": {"panels": [panel("A", "a")]}}) == ["a"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("label_values(rollout_info, namespace)", "label_values(rollout_info, namespace)"),
        ({"query": 'label_values(a{b=~"$c"}, d)', "refId": "A"}, 'label_values(a{b=~"$c"}, d)'),
        ("query_result(sum(a))", "query_result(sum(a))"),
        ("a{b='c'}", "a{b='c'}"),
        ("label_names( a )", " a "),
        ("label_names()", None),
        ("label_values(namespace)", None),
        ("metrics(rollout_.*)", None),
        ("", None),
    ],
)
def test_a_variable_asks_with_its_function(query: Any, expected: str | None) -> None:
    variable = {"name": "ns", "type": "query", "datasource": {"type": "prometheus"}, "query": query}
    expected_ = [("variable", "D / $ns", expected)] if expected else []
    assert queries_of({"title": "D", "panels": [], "templating": {"list": [variable]}}) == expected_


def test_variables_that_ask_nobody_are_no_queries() -> None:
    kinds = ("custom", "interval", "datasource", "constant", "textbox", "adhoc")
    assert (
        queries_of({"templating": {"list": [{"name": "a", "type": kind, "query": "prometheus"} for kind in kinds]}})
        == []
    )


def test_variables_and_annotations_of_the_new_schema() -> None:
    asking = {"kind": "DataQuery", "group": "prometheus", "spec": {"query": "label_values(a, b)"}}
    legacy = {"kind": "prometheus", "spec": {"__legacyStringValue": "label_values(c, d)"}}
    variables = [
        {"kind": "QueryVariable", "spec": {"name": "v", "query": asking}},
        {"kind": "QueryVariable", "spec": {"name": "w", "query": legacy}},
        {"kind": "QueryVariable", "spec": {"name": "x", "query": "label_values(e, f)"}},
        {"kind": "QueryVariable", "spec": {"name": "y", "query": {"kind": "loki", "spec": {"query": "g"}}}},
        {"kind": "CustomVariable", "spec": {"name": "z", "query": "h,i"}},
    ]
    note = {"kind": "AnnotationQuery", "spec": {"name": "Aborts", "query": query("prometheus", "k")["spec"]["query"]}}
    assert queries_of({"title": "N", "elements": {}, "variables": variables, "annotations": [note]}) == [
        ("variable", "N / $v", "label_values(a, b)"),
        ("variable", "N / $w", "label_values(c, d)"),
        ("variable", "N / $x", "label_values(e, f)"),
        ("annotation", "N / Aborts", "k"),
    ]


def test_annotations_ask_of_prometheus_only() -> None:
    listed = [
        {"name": "Deploys", "datasource": "Prometheus", "expr": "a"},
        {"name": "Target", "datasource": {"type": "prometheus"}, "target": {"expr": "b"}},
        {"name": "Logs", "datasource": {"type": "loki"}, "expr": "c"},
        {"name": "Annotations & Alerts", "builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"}},
    ]
    assert queries_of({"title": "D", "panels": [], "annotations": {"list": listed}}) == [
        ("annotation", "D / Deploys", "a"),
        ("annotation", "D / Target", "b"),
    ]


@pytest.mark.parametrize(
    ("of_panel", "of_target", "checked"),
    [
        (None, None, True),
        ("Prometheus", None, True),
        ("$source", None, True),
        ("${DS_LOKI}", None, False),
        ("$logs", None, False),
        ({"type": "prometheus", "uid": "a"}, None, True),
        ({"type": "grafana-amazonprometheus-datasource"}, None, True),
        ({"type": "loki", "uid": "a"}, None, False),
        ({"uid": "$logs"}, None, False),
        ("-- Mixed --", {"type": "loki"}, False),
        ({"type": "datasource", "uid": "-- Mixed --"}, {"type": "prometheus"}, True),
        ({"type": "mixed", "uid": "-- Mixed --"}, {"type": "loki"}, False),
        ({"type": "loki"}, {"type": "prometheus"}, True),
    ],
)
def test_a_target_of_another_data_source_is_skipped(of_panel: Any, of_target: Any, *, checked: bool) -> None:
    target = {"expr": "a", "datasource": of_target}
    dashboard = {
        "__inputs": [{"name": "DS_LOKI", "type": "datasource", "pluginId": "loki"}],
        "templating": {
            "list": [
                {"name": "source", "type": "datasource", "query": "prometheus"},
                {"name": "logs", "type": "datasource", "query": "loki"},
            ]
        },
        "panels": [{"title": "A", "datasource": of_panel, "targets": [target]}],
    }
    assert texts(dashboard) == (["a"] if checked else [])


def test_library_panels_are_reported_with_their_line_and_not_passed_over() -> None:
    old = {"title": "Shared", "libraryPanel": {"uid": "u1", "name": "Phases"}}
    new = {"kind": "LibraryPanel", "spec": {"title": "New", "libraryPanel": {"name": "Replicas", "uid": "u2"}}}
    text = json.dumps({"title": "D", "panels": [old], "elements": {"a": new}}, indent=1)
    found = read_queries(text, "board.json")
    assert [(unchecked.name, unchecked.reason.named["name"]) for unchecked in found.unchecked] == [
        ("D / Shared", "Phases"),
        ("D / New", "Replicas"),
    ]
    lines = text.split("\n")
    assert [lines[unchecked.place.line - 1].strip() for unchecked in found.unchecked] == [
        '"name": "Phases"',
        '"name": "Replicas",',
    ]


def test_a_library_panel_that_was_exported_along_is_checked() -> None:
    elements = {"u1": {"name": "Phases", "uid": "u1", "kind": 1, "model": panel("Phases", "a")}}
    shared = {"title": "Shared", "libraryPanel": {"uid": "u1", "name": "Phases"}}
    found = read_queries(json.dumps({"title": "D", "panels": [shared], "__elements": elements}), "board.json")
    assert [str(query.text) for query in found.queries] == ["a"]
    assert found.unchecked == ()


def test_each_query_has_the_line_of_its_string() -> None:
    dashboard = {"title": "D", "panels": [panel("A", "a", 'b{c="d"}'), panel("B", "\\n😀")]}
    text = json.dumps(dashboard, indent="\t").replace("\n", "\r\n")
    lines = text.split("\n")
    for found in read_queries(text, "board.json").queries:
        assert json.loads("{" + lines[found.place.line - 1] + "}") == {"expr": found.text}


def test_a_dashboard_in_a_config_map_has_the_lines_of_the_outer_file() -> None:
    board = json.dumps({"title": "D", "panels": [panel("A", 'a{b="c"}')]}, indent=2)
    indented = "\n".join(f"    {line}" for line in board.split("\n"))
    text = f"kind: ConfigMap\ndata:\n  board.json: |-\n{indented}\n"
    (found,) = read_queries(text, "a.yml").queries
    assert '"expr": "a{b' in text.split("\n")[found.place.line - 1]


@pytest.mark.parametrize("quote", [lambda text: "'" + text.replace("'", "''") + "'", json.dumps])
def test_a_dashboard_on_one_line_of_yaml_has_that_line(quote: Any) -> None:
    board = json.dumps({"title": "it's", "panels": [panel("A", 'a{b="c"}')]})
    (found,) = read_queries(f"kind: ConfigMap\ndata:\n  a: b\n  board.json: {quote(board)}\n", "a.yml").queries
    assert (found.place.line, found.name, found.text) == (4, "it's / A", 'a{b="c"}')


def test_the_grafana_operators_manifest_holds_a_dashboard() -> None:
    text = 'kind: GrafanaDashboard\nspec:\n  json: >\n    {"panels": [\n    {"targets": [{"expr": "a"}]}]}\n'
    assert [(str(query.text), query.place.line) for query in read_queries(text, "a.yml").queries] == [("a", 5)]
