"""Which queries the files hold, of which kind and name, and on which line each begins."""

import json
import time
from pathlib import Path

import pytest

from maintainer.collect.queries.files import decoded, load_text, read_queries
from maintainer.errors import ConfigError
from maintainer.model.source_text import SourceText

RULES = """\
# our rules
groups:
  - name: rollouts
    rules:
      - alert: Plain
        expr: up == 0   # a comment
        for: 5m
      - alert: Quoted
        expr: 'up == 1'
      - record: job:up:sum
        expr: |

          sum by (job)
            (up)
      - alert: Folded
        expr: >-
          up
          == 2
      - alert: Below
        expr:
          up
          == 3
"""
QUERIES = [
    ("alert", "Plain", "up == 0", 6),
    ("alert", "Quoted", "up == 1", 9),
    ("record", "job:up:sum", "\nsum by (job)\n  (up)\n", 13),
    ("alert", "Folded", "up == 2", 17),
    ("alert", "Below", "up == 3", 21),
]


def queries_of(text: str, file: str = "rules.yml") -> list[tuple[str, str, str, int]]:
    return [(query.asks, query.name, str(query.text), query.place.line) for query in read_queries(text, file).queries]


def moved(lines: int) -> list[tuple[str, str, str, int]]:
    return [(asks, name, text, line + lines) for asks, name, text, line in QUERIES]


def indented(text: str, spaces: int) -> str:
    return "".join(f"{' ' * spaces}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def test_a_rules_file_names_each_query_with_the_line_on_which_its_text_begins() -> None:
    assert queries_of(RULES) == QUERIES


def test_windows_line_ends_do_not_move_the_lines() -> None:
    assert queries_of(RULES.replace("\n", "\r\n")) == QUERIES


def test_a_prometheus_rule_holds_the_same_groups() -> None:
    head = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec:\n"
    assert queries_of(head + indented(RULES, 2)) == moved(4)


def test_what_helm_renders_is_read_document_by_document() -> None:
    head = (
        "---\n# Source: monitoring/templates/service.yaml\napiVersion: v1\nkind: Service\n---\n"
        "# Source: monitoring/templates/nothing.yaml\n---\n# Source: monitoring/templates/rules.yaml\n"
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n"
    )
    assert queries_of(head + indented(RULES, 2)) == moved(11)


def test_rules_in_a_config_map_have_the_lines_of_the_outer_file() -> None:
    head = "apiVersion: v1\nkind: ConfigMap\ndata:\n  prometheus.yml: |\n    global: {}\n  alerts.yml: |\n"
    assert queries_of(head + indented(RULES, 4)) == moved(6)


def test_a_list_of_config_maps_is_looked_into() -> None:
    head = (
        "kind: List\nitems:\n- kind: Secret\n- kind: List\n  items:\n  - kind: ConfigMap\n    data:\n      a.yml: |\n"
    )
    assert queries_of(head + indented(RULES, 8)) == moved(8)


def test_a_config_map_in_json_has_all_its_rules_on_one_line() -> None:
    manifest = {"kind": "ConfigMap", "data": {"a.yml": RULES}}
    found = queries_of(json.dumps(manifest, indent=1), "a.json")
    assert found == [(asks, name, text, 4) for asks, name, text, _ in QUERIES]


def test_an_anchor_a_tag_and_a_merge_key_are_understood() -> None:
    text = (
        "groups:\n- rules:\n  - &a\n    alert: A\n    expr: &expr !!str up\n"
        "  - <<: *a\n    alert: B\n  - {alert: C, expr: *expr}\n"
    )
    assert queries_of(text) == [("alert", "A", "up", 5), ("alert", "B", "up", 5), ("alert", "C", "up", 5)]


def test_a_number_is_a_query_and_an_empty_text_is_none() -> None:
    text = "groups:\n- rules:\n  - {record: a, expr: 1}\n  - {record: b, expr: ''}\n  - {record: c, expr: }\n"
    assert queries_of(text) == [("record", "a", "1", 3)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "---\n---\n",
        "just a text",
        "replicas: 2\nalerting:\n  rules:\n    - {alert: Guessed, expr: up}\n",
        "kind: ConfigMap\ndata:\n  run.sh: 'for i in {1..3}; do'\n  app.json: '{\"a\": '\n  empty:\n",
        "kind: ConfigMap\ndata:\n",
        "kind: PrometheusRule\nspec:\n",
        "groups: none\n",
        "groups:\n- {name: empty}\n- rules: [1, {alert: A}]\n",
        "[]",
    ],
)
def test_a_file_with_nothing_of_ours_has_no_queries(text: str) -> None:
    found = read_queries(text, "a.yml")
    assert (found.queries, found.unchecked) == ((), ())


@pytest.mark.parametrize(
    ("text", "file", "line"),
    [
        ("groups:\n  - name: a\n rules: []\n", "a.yml", 3),
        ("groups:\n- rules: [\n", "a.yml", 3),
        ("a: *b\n", "a.yml", 1),
        ("a: \x00\n", "a.yml", 1),
        ('{"panels": [\n1,\n]}', "a.json", 3),
        ('{"panels": [\n"\\ud800x]}', "a.json", 2),
        ("panels:\n", "a.json", 1),
        ("spec:\n  expr: x\n  {{ if a }}\n", "a.yml", 3),
    ],
)
def test_a_broken_file_is_named_with_its_line(text: str, file: str, line: int) -> None:
    with pytest.raises(ConfigError, match=rf"^{file}:{line}: not (YAML|JSON)"):
        read_queries(text, file)


@pytest.mark.parametrize("file", ["a.yml", "a.json"])
@pytest.mark.parametrize("deep", [600, 100_000])
def test_brackets_of_any_depth_end_in_an_answer(file: str, deep: int) -> None:
    with pytest.raises(ConfigError, match=rf"^{file}:1: not (YAML|JSON)"):
        read_queries("[" * deep + "]" * deep, file)


LAUGHS = [
    "l0: &l0 {kind: ConfigMap}",
    *(f"l{n}: &l{n} {{kind: List, items: [{','.join([f'*l{n - 1}'] * 9)}]}}" for n in range(1, 12)),
]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("&r\nkind: List\nitems: [*r]\n", 3),
        ("groups:\n- &g\n  rules:\n  - *g\n", 4),
        ("a: &a\n  b: c\n  <<: *a\n", 3),
        ("\n".join([*LAUGHS, "kind: List", "items: [*l11]"]), 7),
        ("\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]), 19),
    ],
)
def test_aliases_that_never_end_are_an_error_with_its_line(text: str, line: int) -> None:
    began = time.monotonic()
    with pytest.raises(ConfigError, match=rf"^a\.yml:{line}: .*aliases nested too deep"):
        read_queries(text, "a.yml")
    assert time.monotonic() - began < 1


def test_aliases_within_reason_are_read() -> None:
    text = "a: &a [x, y]\nb: &b [*a, *a]\n" + "".join(f"c{n}: *b\n" for n in range(10_000))
    assert read_queries(text, "a.yml").queries == ()


def test_a_rules_file_inside_a_manifest_that_cannot_be_read_is_not_passed_over() -> None:
    found = read_queries("kind: ConfigMap\ndata:\n  a.yml: |\n    groups:\n      - a\n     - b\n", "a.yml")
    assert [(str(unchecked.place), unchecked.name, unchecked.reason.id) for unchecked in found.unchecked] == [
        ("a.yml:6", "a.yml", "lint/unchecked.broken")
    ]


def test_bytes_that_are_no_utf8_are_named_with_their_line() -> None:
    with pytest.raises(ConfigError, match=r"^a\.yml:2: not UTF-8"):
        decoded(b"a: b\nc: \xff\n", "a.yml")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf{}")
    assert load_text(str(tmp_path / "a.json")) == "{}"


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match=r"cannot read nowhere\.yml: No such file"):
        load_text("nowhere.yml")


def test_the_line_of_a_query_takes_no_longer_in_a_longer_file() -> None:
    def seconds(comments: int) -> float:
        rules = "".join(f"  - alert: A{n}\n    expr: rollout_info\n" for n in range(100))
        found = read_queries("#\n" * comments + "groups:\n- rules:\n" + rules, "a.yaml").queries
        texts = [query.text for query in found if isinstance(query.text, SourceText)]
        start = time.process_time()
        lines = [text.line for text in texts for _ in range(20)]
        assert lines[-1] == comments + 202
        return time.process_time() - start

    assert min(seconds(1_000_000) for _ in range(3)) < 8 * min(seconds(100) for _ in range(3))
