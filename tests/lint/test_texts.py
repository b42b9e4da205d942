"""Every text that names a metric is judged or said to be unread, in whatever form and however deep it stands."""

import gzip
import json
from base64 import b64encode
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from maintainer.analyse.queries.lint import remarks
from maintainer.collect.queries.files import read_queries
from maintainer.collect.queries.texts import DEEPEST
from maintainer.errors import ConfigError
from maintainer.jobs.lint import fixed, read_file, sources
from maintainer.model.source_text import FoundQueries
from maintainer.render.words import load, say
from tests.lint.stand_in import ALIVE, DEAD, linter, source

QUERY = 'rollout_info{phase="Degraded"} == 1'
RULES = f"groups:\n- name: a\n  rules:\n  - alert: Broken\n    expr: {QUERY}\n"


def read(text: str, file: str = "a.yaml") -> FoundQueries:
    return read_file(dedent(text), file)


def asked(text: str, file: str = "a.yaml") -> list[tuple[str, str, str, int]]:
    found = read(text, file)
    assert found.unchecked == ()
    return [(query.asks, query.name, str(query.text), query.place.line) for query in found.queries]


def unread(text: str, file: str = "a.yaml") -> list[tuple[int, str, str]]:
    found = read(text, file)
    assert found.queries == ()
    return [(each.place.line, each.name, each.reason.id.removeprefix("lint/unchecked.")) for each in found.unchecked]


def passed(text: str, file: str = "a.yaml") -> list[tuple[int, str, str]]:
    return [(each.place.line, each.name, each.why) for each in read(text, file).passed]


RULE_FORMS = {
    "VMRule": "kind: VMRule\nspec:\n",
    "a rule of VictoriaMetrics' operator in a List": "kind: List\nitems:\n- kind: VMRule\n  spec:\n",
    "GMP": "apiVersion: monitoring.googleapis.com/v1\nkind: ClusterRules\nspec:\n",
    "values of kube-prometheus-stack": "additionalPrometheusRulesMap:\n  rollouts:\n",
    "values of a parent chart": "kube-prometheus-stack:\n  additionalPrometheusRules:\n  - name: rollouts\n    spec:\n",
    "values of the chart prometheus": "prometheus:\n  serverFiles:\n    recording_rules.yml:\n",
    "a HelmRelease": "kind: HelmRelease\nspec:\n  values:\n    additionalPrometheusRulesMap:\n      r:\n",
    "an Application": "kind: Application\nspec:\n  source:\n    helm:\n      valuesObject:\n        r.yml:\n",
    "an ApplicationSet": "spec:\n  template:\n    sources:\n    - helm:\n        valuesObject:\n          r:\n",
    "Crossplane": "kind: Object\nspec:\n  forProvider:\n    manifest:\n      kind: PrometheusRule\n      spec:\n",
    "an invented form": "a:\n- - b:\n      c:\n",
}  # fmt: skip
TEXT_FORMS = {
    "a Secret": "kind: Secret\nstringData:\n  rules.yml: |\n",
    "an Application": "spec:\n  source:\n    helm:\n      values: |\n        serverFiles:\n          r.yml:\n",
    "a folded text": "kind: ConfigMap\ndata:\n  a.yaml: |\n    kind: ConfigMap\n    data:\n      rules.yml: |\n",
    "a kustomize patch": "kind: Kustomization\npatches:\n- patch: |-\n    kind: PrometheusRule\n    spec:\n",
    "values of a chart of charts": "grafana:\n  extraObjects:\n  - |\n    kind: PrometheusRule\n    spec:\n",
}  # fmt: skip


@pytest.mark.parametrize("head", [*RULE_FORMS.values(), *TEXT_FORMS.values()], ids=[*RULE_FORMS, *TEXT_FORMS])
def test_rules_are_found_wherever_they_stand_and_corrected_there(tmp_path: Path, head: str) -> None:
    text = head + indent(RULES, " " * 20)
    assert asked(text) == [("alert", "Broken", QUERY, text.count("\n"))]
    path = tmp_path / "a.yaml"
    path.write_text(text)
    assert [done.text for done in fixed([source(path)], linter)] == [text.replace(DEAD, ALIVE)]


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("metadata: {name: web}\nspec:\n  triggers:\n  - metadata:\n      query: QUERY\n", "web", 5),
        ("kind: MetricTemplate\nmetadata: {name: m}\nspec:\n  query: QUERY\n", "m", 4),
        ("slos:\n- name: slo\n  sli:\n    events:\n      error_query: QUERY\n", "slo", 5),
        ("spec:\n  slos:\n  - name: slo\n    sli: {events: {totalQuery: QUERY}}\n", "slo", 4),
        ("metadata: {name: o}\nspec: {indicator: {ratio: {errors: {metric: QUERY}}}}\n", "o", 2),
        ("p:\n  queries: [{plugin: {kind: PrometheusTimeSeriesQuery, spec: {query: QUERY}}}]\n", "query", 2),
        ("rules:\n  custom:\n  - seriesQuery: QUERY\n", "seriesQuery", 3),
        ("- op: replace\n  path: /spec/groups/0/rules/0/expr\n  value: QUERY\n", "value", 3),
        ("watch:\n- never seen before: QUERY\n", "never seen before", 2),
        ("queries:\n- QUERY\n", "queries", 2),
        ("- QUERY\n", "text", 1),
    ],
)  # fmt: skip
def test_what_stands_where_queries_stand_or_reads_the_contract_is_a_query(text: str, name: str, line: int) -> None:
    assert asked(text.replace("QUERY", f"'{QUERY}'")) == [("query", name, QUERY, line)]


def test_a_query_alone_on_standard_input_is_judged() -> None:
    assert asked(QUERY, "stdin") == [("query", "text", QUERY, 1)]


@pytest.mark.parametrize(
    ("board", "name"),
    [
        ({"title": "P", "type": "stat", "targets": [{"expr": QUERY}]}, "P"),
        ([{"title": "D", "panels": [{"title": "P", "targets": [{"expr": QUERY}]}]}, {"panels": []}], "D / P"),
        ({"dashboards": {"a": {"title": "D", "panels": [{"title": "P", "targets": [{"expr": QUERY}]}]}}}, "D / P"),
        ({"title": "D", "panels": [{"title": "P", "invented": [{"promql": QUERY}]}]}, "P"),
    ],
)  # fmt: skip
def test_single_panels_and_lists_of_dashboards_are_read(board: Any, name: str) -> None:
    assert asked(json.dumps(board), "a.json") == [("panel", name, QUERY, 1)]


@pytest.mark.parametrize("encode", [b64encode, lambda rules: b64encode(gzip.compress(rules))])
@pytest.mark.parametrize("key", ["kind: Secret\ndata", "kind: ConfigMap\nbinaryData"])
def test_what_is_in_base64_is_judged_and_not_changed(tmp_path: Path, encode: Any, key: str) -> None:
    text = f"{key}:\n  rules.yml: {encode(RULES.encode()).decode()}\n"
    assert asked(text) == [("alert", "Broken", QUERY, 3)]
    path = tmp_path / "a.yaml"
    path.write_text(text)
    assert [done.text for done in fixed([source(path)], linter)] == [text]


def test_a_query_in_a_template_of_an_annotation_is_judged_and_corrected(tmp_path: Path) -> None:
    dead = DEAD.replace('"', '\\"')
    text = f"""\
groups:
- rules:
  - alert: A
    expr: up == 0
    annotations:
      summary: '{{{{ with query "rollout_info{{{dead}}}" }}}}{{{{ . }}}}{{{{ end }}}}'
      more: |
        {{{{ printf `rollout_info{{{DEAD}}}` | query | first | value }}}} are broken
"""
    assert [(query[0], query[2], query[3]) for query in asked(text)] == [
        ("alert", "up == 0", 4),
        ("query", f"rollout_info{{{DEAD}}}", 6),
        ("query", f"rollout_info{{{DEAD}}}", 8),
    ]
    path = tmp_path / "a.yaml"
    path.write_text(text)
    (done,) = fixed([source(path)], linter)
    assert done.text == text.replace(DEAD, ALIVE).replace(dead, ALIVE.replace('"', '\\"'))


def test_a_description_is_passed_over_and_counted() -> None:
    text = "groups:\n- rules:\n  - alert: A\n    expr: up\n    annotations:\n      why: see rollout_info\n"
    assert passed(text) == [(6, "A", "description")]
    assert passed("title: rollout_info and rollout_phase\n") == [(1, "rollout_info and rollout_phase", "description")]
    assert passed("groups:\n- rules:\n  - {record: rollout_info, expr: up}\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run.sh: |\n  set -e\n  curl -d 'query=rollout_info{phase=\"Degraded\"}' http://p\n", (3, "run.sh", "text")),
        ("external: {metric: {name: rollout_info, selector: {matchLabels: {phase: Degraded}}}}\n",
         (1, "rollout_info", "text")),
        ("metric_relabel_configs: [{regex: 'rollout_info|rollout_phase', action: keep}]\n", (1, "regex", "text")),
        ("metrics:\n  argo_rollout_phase: {}\n", (2, "metrics", "text")),
        ("data:\n  README.md: |\n    # Metrics\n\n    Use rollout_info.\n", (5, "README.md", "text")),
        ("data:\n  a.yml: |\n    groups:\n      - a: rollout_info\n     - b\n", (4, "a.yml", "broken-text")),
        ("panels: [{title: L, datasource: {type: loki}, targets: [{expr: '{a=\"b\"} |= \"rollout_info\"'}]}]\n",
         (1, "L", "source")),
    ],
)  # fmt: skip
def test_what_names_a_metric_and_cannot_be_told_is_unread(text: str, expected: tuple[int, str, str]) -> None:
    assert unread(text) == [expected]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.tf", 'resource "x" "y" {\n  expr = "rollout_info{}"\n}\n'),
        ("a.proto", "// rolloutInfo\n// argo_rollout_info\n"),
        ("a.hcl", 'rule {\n  expr = "sum(argo_rollout_info)" }\n'),
        ("a.libsonnet", "{ groups+: [{\n  rules: [{ expr: 'rollout_info{phase=\"Degraded\"}' }] }] }\n"),
        ("a.md", "# Metrics\nSee `analysis_run_info`.\n"),
        ("a.go", 'package a\nconst q = "\\nrollout_info{}"\n'),
        ("NOTES.txt", "Now\nlook at rollout_info.\n"),
        ("_helpers.tpl", '{{- define "a" -}}\n- expr: rollout_info{phase="Degraded"}\n{{- end -}}\n'),
        ("Makefile", "lint:\n\techo rollout_info\n"),
    ],
)
def test_a_file_of_another_form_is_unread_where_it_names_a_metric(file: str, text: str) -> None:
    assert unread(text, file) == [(2, file, "form")]
    (found,) = read(text, file).unchecked
    assert found.reason.named["metric"] in {"rollout_info", "argo_rollout_info", "analysis_run_info"}
    other = text.replace("rollout_info", "http_requests").replace("argo_", "").replace("analysis_run_info", "up")
    assert read(other, file) == FoundQueries()


@pytest.mark.parametrize("file", ["a.yaml", "a.yml", "stdin"])
def test_a_template_is_unread_where_it_names_a_metric(file: str) -> None:
    text = "{{- if .Values.on }}\nkind: ConfigMap\ndata: {expr: 'rollout_info{phase=\"Degraded\"}'}\n{{- end }}\n"
    assert unread(text, file) == [(3, file, "template")]
    (found,) = read(text, file).unchecked
    assert "helm template . | maintainer lint -" in say(load("en"), found.reason)
    assert read(text.replace("rollout_info", "up"), file) == FoundQueries()
    jinja = "{% for team in teams %}\n- alert: A\n  expr: rollout_info\n{% endfor %}\n"
    assert unread(jinja, file) == [(3, file, "template")]


def test_a_json_template_is_known_by_its_broken_line() -> None:
    text = '{"panels": [\n{{ .Files.Get "a" }}, {"expr": "rollout_info"}]}'
    assert unread(text, "a.json") == [(2, "a.json", "template")]
    with pytest.raises(ConfigError, match=r"^a\.json:2: not JSON"):
        read('{"legend": "{{phase}} rollout_info",\n}', "a.json")


def test_rules_files_of_another_name_are_read() -> None:
    for file in ("argo.rules", "rollouts.alerts", "rules"):
        assert asked(RULES, file) == [("alert", "Broken", QUERY, 5)]


@pytest.mark.parametrize(
    "text",
    [
        "- hosts: all\n  tasks:\n  - when: argo_rollouts_enabled and argo_rollouts_ready\n",
        "kind: Rollout\nmetadata: {name: rollout-info}\nspec: {analysis: {templates: [{templateName: rollout}]}}\n",
        "rollout:\n  enabled: true\n  experiment_id: 7\n  rollout_percentage: 3\n",
        "argo_rollouts_version: 1.9\n",
        "rolloutInfo: rolloutPhase\ncss: .rollout__info {color}\ngo: 'rolloutInfo{} rolloutInfo[0] argo_rollouts_a'\n",
        "go_goroutines: process_cpu_seconds_total\n",
    ],
)  # fmt: skip
def test_names_of_other_things_are_of_no_interest(text: str) -> None:
    assert read(text) == FoundQueries()


@pytest.mark.parametrize("key", ["templateName", "x"])
@pytest.mark.parametrize("inside", ["{{args.phase}}", "{{ args.phase }}", "{{.phase}}|{{args.other}}"])
def test_an_argument_of_a_template_is_no_value(key: str, inside: str) -> None:
    text = f"""{key}: 'sum(rollout_info{{phase=~"{inside}", name="{inside}"}}) > {{{{args.limit}}}}'\n"""
    found = read(text)
    assert len(found.queries) == 1
    assert remarks(found.queries, version=None) == ()
    dead = read('query: increase(rollout_info{phase="Degraded"}[{{.window}}]) / {{args.total}}\n').queries
    assert [remark.check for remark in remarks(dead, version=None)] == ["query/dead-selector"]


def test_data_sources_of_another_name_are_judged_and_others_counted() -> None:
    def panel(plugin: str, expr: str) -> dict[str, Any]:
        return {"title": plugin, "datasource": {"type": plugin, "uid": "u"}, "targets": [{"refId": "A", "expr": expr}]}

    promql = (
        "prometheus",
        "victoriametrics-metrics-datasource",
        "victoriametrics-datasource",
        "acme-metrics-datasource",
    )
    others = ("loki", "victoriametrics-logs-datasource", "acme-metrics-datasource")
    sql = {"title": "mysql", "datasource": {"type": "mysql"}, "targets": [{"refId": "A", "rawSql": "select 1"}]}
    built_in = {"builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"}, "name": "Annotations & Alerts"}
    panels = [*(panel(plugin, QUERY) for plugin in promql), *(panel(plugin, '{a="b"}') for plugin in others), sql]
    recorded = panel("victoriametrics-metrics-datasource", "fleet:broken:count")
    known = json.dumps({"title": "D", "panels": [recorded, panel("acme-metrics-datasource", "fleet:broken:count")]})
    assert [text for _, _, text, _ in asked(known, "a.json")] == ["fleet:broken:count"]
    text = json.dumps({"title": "D", "panels": panels, "annotations": {"list": [built_in]}})
    assert [name for _, name, _, _ in asked(text, "a.json")] == [f"D / {plugin}" for plugin in promql]
    assert passed(text, "a.json") == [(1, f"D / {plugin}", "source") for plugin in (*others, "mysql")]


def test_texts_in_texts_end_at_a_depth() -> None:
    text = RULES
    for _ in range(DEEPEST):
        text = json.dumps({"kind": "ConfigMap", "data": {"a.yml": text}})
    assert len(asked(text)) == 1
    deeper = json.dumps({"kind": "ConfigMap", "data": {"a.yml": text}})
    assert [kind for _, _, kind in unread(deeper)] == ["deep"]


def test_a_broken_file_that_is_no_template_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"^a\.yaml:3: not YAML"):
        read("groups:\n- rules: [\n")


def test_of_a_folder_other_files_count_only_where_they_name_a_metric(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("rollout_info")
    (tmp_path / "b.md").write_text("none")
    (tmp_path / "c.bin").write_bytes(b"\xff\x00 rollout_info \xfe")
    (tmp_path / "d.bin").write_bytes(b"\xff\x00\xfe")
    (tmp_path / "e.txt").write_text("x" * ((1 << 20) - 7) + " rollout_info")
    (tmp_path / "f.md").symlink_to(tmp_path / "gone")
    (tmp_path / "tsconfig.json").write_text("{\n  // a comment\n}")
    good, bad = sources([str(tmp_path)], lambda: "")
    assert [Path(each.file).name for each in good] == ["a.md", "c.bin", "e.txt"]
    assert all(each.found.unchecked for each in good)
    assert bad == ()
    (tmp_path / "rules.yml").write_text("groups:\n- rules: [{expr: up\n")
    (tmp_path / "board.json").write_text('{"title": "rollout_info",\n}')
    assert [str(error).split(": ")[0] for error in sources([str(tmp_path)], str)[1]] == [
        f"{tmp_path}/board.json:2",
        f"{tmp_path}/rules.yml:3",
    ]
    assert len(sources([str(tmp_path / "tsconfig.json")], str)[1]) == 1


def test_the_audit_reads_rules_and_dashboards_and_no_other_text() -> None:
    data = {
        "README.md": "# rollout_info\n\nHow to ask: rollout_info is",
        "values.yaml": yaml.safe_dump({"serverFiles": {"a.yml": yaml.safe_load(RULES)}}),
        "run.sh": "curl rollout_info",
        "rules.yml": RULES,
    }
    text = json.dumps({"kind": "ConfigMap", "data": data})
    found = read_queries(text, "a.json")
    assert [(query.name, str(query.text)) for query in found.queries] == [("Broken", QUERY)]
    assert (found.unchecked, found.passed) == ((), ())
    assert len(read_file(text, "a.json").unchecked) == 2


KEYS = st.sampled_from(["expr", "query", "a", "data", "spec", "values", "x.yaml", "script", "invented", "patch"])
TEXTS = st.sampled_from([QUERY, "curl rollout_info", "rollout_info", "rollout_info|up", "# argo_rollout_info", RULES])


@st.composite
def documents_with_a_metric(draw: st.DrawFn) -> str:
    """A document in which one text names a metric, some lists, mappings and texts deep."""
    tree: Any = draw(TEXTS)
    for wrap in draw(st.lists(st.sampled_from(["map", "list", "json", "yaml", "base64"]), min_size=1, max_size=8)):
        match wrap:
            case "map":
                tree = {"before": "up", draw(KEYS): tree, "after": ["down"]}
            case "list":
                tree = ["up", tree, {"a": "b"}]
            case "base64":
                tree = b64encode((tree if isinstance(tree, str) else yaml.safe_dump(tree)).encode()).decode()
            case _:
                write = json.dumps if wrap == "json" else yaml.safe_dump
                tree = tree if isinstance(tree, str) else write(tree)
    return yaml.safe_dump({"top": tree})


@settings(deadline=None, max_examples=300)
@given(documents_with_a_metric())
def test_no_text_that_names_a_metric_passes_in_silence(text: str) -> None:
    found = read_file(text, "a.yaml")
    assert found.queries or found.unchecked
    for query in found.queries:
        assert "rollout_info" in query.text or query.text == "up"
