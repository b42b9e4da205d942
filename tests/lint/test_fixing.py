"""Corrections are written into the file as it is, whatever the style of the text; what cannot be is left alone."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from maintainer.deliver.fix import Reader, changes, corrections
from maintainer.jobs.lint import fixed, left, lint
from maintainer.model.message import Message
from maintainer.model.queries import Query, Remark
from maintainer.model.source_text import FoundQueries
from tests.lint.stand_in import ALIVE, DEAD, linter, remark, source

HEAD = "groups:\n  # ours\n  - name: a   # a group\n    rules:\n      - alert:   A\n        for: 5m\n"
BOARD = '{"title": "D",\t"panels": [{"targets": [{"expr": "sum(a{phase=\\"Degraded\\"})", "refId": "A"}]}]}'


def in_place(path: Path, text: str) -> str:
    """What becomes of a file with this text."""
    path.write_bytes(text.encode())
    (done,) = fixed([source(path)], linter)
    return done.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('expr: a{phase="Degraded"} > 0 # why', 'expr: a{phase=~"Error|Timeout"} > 0 # why'),
        ('expr: !!str   a{phase="Degraded"}', 'expr: !!str   a{phase=~"Error|Timeout"}'),
        (
            'expr:\n          a{phase="Degraded"}\n          > 0',
            'expr:\n          a{phase=~"Error|Timeout"}\n          > 0',
        ),
        ("expr: 'a{phase=\"Degraded\", b=''c''}'", "expr: 'a{phase=~\"Error|Timeout\", b=''c''}'"),
        ('expr: "a{phase=\\"Degraded\\"}"', 'expr: "a{phase=~\\"Error|Timeout\\"}"'),
        ('"expr": "\\x61{phase=\\u0022Degraded\\"}"', '"expr": "\\x61{phase=~\\"Error|Timeout\\"}"'),
        (
            'expr: "a{b=\\"😀\\", \\\n          phase=\\"Degraded\\"}\n          > 0"',
            'expr: "a{b=\\"😀\\", \\\n          phase=~\\"Error|Timeout\\"}\n          > 0"',
        ),
        (
            'expr: |2-  # as it is\n\n          a{\n            phase="Degraded"  # PromQL\'s own\n          }',
            'expr: |2-  # as it is\n\n          a{\n            phase=~"Error|Timeout"  # PromQL\'s own\n          }',
        ),
        (
            'expr: >\n          a{b="c",\n\n            d="e",\n          phase="Degraded"}',
            'expr: >\n          a{b="c",\n\n            d="e",\n          phase=~"Error|Timeout"}',
        ),
        (
            'expr: a{phase="Degraded"} or b{phase="Degraded"}',
            'expr: a{phase=~"Error|Timeout"} or b{phase=~"Error|Timeout"}',
        ),
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_style_of_a_text_keeps_all_but_the_matcher(tmp_path: Path, before: str, after: str, ends: str) -> None:
    def text(query: str) -> str:
        return f"{HEAD}        {query}\n        labels: {{a: 'b'}}   # the end\n".replace("\n", ends)

    assert in_place(tmp_path / "a.yml", text(before)) == text(after)


@pytest.mark.parametrize(
    "written",
    [
        lambda board: "|-\n    " + board,
        lambda board: ">\n    " + board.replace('"panels"', '\n    "panels"'),
        lambda board: "'" + board.replace("'", "''") + "'",
        json.dumps,
    ],
)
def test_a_dashboard_inside_yaml_is_corrected_through_both_writings(
    tmp_path: Path, written: Callable[[str], str]
) -> None:
    def text(board: str) -> str:
        return f"kind: ConfigMap\ndata:\n  board.json: {written(board)}\n  # the end\n"

    dead, alive = (json.dumps(text)[1:-1] for text in (DEAD, ALIVE))
    assert in_place(tmp_path / "a.yml", text(BOARD)) == text(BOARD.replace(dead, alive))


def test_a_dashboard_of_its_own_keeps_its_tabs_and_escapes(tmp_path: Path) -> None:
    dead, alive = (json.dumps(text)[1:-1] for text in (DEAD, ALIVE))
    board = BOARD.replace("[{", '[{\r\n\t"description": "\\u00e9\\/\\ud83d\\ude00", ')
    assert in_place(tmp_path / "a.json", board) == board.replace(dead, alive)


def test_several_remarks_of_one_query_are_applied_one_after_the_other_comes_to_light(tmp_path: Path) -> None:
    text = in_place(tmp_path / "a.yml", f'{HEAD}        expr: argo_rollout_info{{phase="Degraded"}}\n')
    assert text == f'{HEAD}        expr: rollout_info{{phase=~"Error|Timeout"}}\n'


def test_two_remarks_on_different_matchers_are_applied_together(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(f'{HEAD}        expr: argo_rollout_info{{phase="Degraded"}}\n')
    (query,) = source(path).found.queries
    both = tuple(
        Remark("query/dead-selector", query, about, *_words(), query.text.replace(about, right))
        for about, right in ((DEAD, ALIVE), ("argo_rollout_info", "rollout_info"))
    )
    (done,) = fixed([source(path)], lambda queries: both if "argo" in queries[0].text else ())
    assert done.text == f'{HEAD}        expr: rollout_info{{phase=~"Error|Timeout"}}\n'


def test_two_corrections_of_one_matcher_are_not_mixed(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(f'{HEAD}        expr: a{{phase="Degraded"}}\n')
    (query,) = source(path).found.queries
    rivals = tuple(
        Remark("query/dead-selector", query, about, *_words(), query.text.replace(about, right))
        for about, right in ((DEAD, ALIVE), ("Degraded", "Error"))
    )
    (done,) = fixed([source(path)], lambda queries: rivals if DEAD in queries[0].text else ())
    assert done.text == f'{HEAD}        expr: a{{phase=~"Error|Timeout"}}\n'


def test_what_would_break_the_file_is_left_alone_and_the_rest_is_done(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    rule = '      - alert: B\n        expr: b{phase="Degraded"}\n'
    path.write_text(f"{HEAD}        expr: a{{c='d'}}\n{rule}")
    queries = source(path).found.queries

    def with_breaking(all_queries: Sequence[Query]) -> tuple[Remark, ...]:
        breaking = Remark("query/dead-selector", queries[0], "c='d'", *_words(), "a{c=~'d #e'}")
        return (breaking, *linter(all_queries))

    done = fixed([source(path)], with_breaking)
    assert done[0].text == path.read_text().replace(DEAD, ALIVE)
    result = left(lint(done, with_breaking), done)
    assert [remark.about for remark in result.left] == ["c='d'"]
    assert result.corrected == 1


def test_an_alias_that_others_use_as_well_is_changed_once(tmp_path: Path) -> None:
    text = "groups:\n- rules:\n  - {alert: A, expr: &e 'a{phase=\"Degraded\"}'}\n  - {alert: B, expr: *e}\n"
    assert in_place(tmp_path / "a.yml", text) == text.replace(DEAD, ALIVE)


def test_a_correction_is_made_of_tokens_that_stand_in_the_place_of_others() -> None:
    text = "sum by (x) (a{x='x', # x\n y=~\"x\"} or x)"
    assert [edit.text for edit in corrections(text, text.replace("by (x)", "by (y)"))] == ["y"]
    assert [edit.text for edit in corrections(text, text.replace("x='x'", "y!='x|z'"))] == ["y!='x|z'"]
    (first, second) = corrections(text, text.replace("a{x='x'", "b{x!~'z'"))
    assert (first, second.text) == ((12, 13, "b"), "x!~'z'")
    assert corrections(text, text) == corrections(text, f"{text} + 1") == corrections(text, "") == ()
    many = "x," * 50_000
    assert len(corrections(many, many.replace("x", "y"))) == 50_000


def test_the_edits_of_a_correction_are_given_with_lines_and_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(f"{HEAD}        expr: |\n          a{{b='😀',\n            phase=\"Degraded\"}}\n")
    result = lint([source(path)], linter)
    (region,) = result.regions[result.remarks[0]]
    assert (region.line, region.column, region.end_line, region.end_column) == (9, 13, 9, 13 + len(DEAD))
    assert region.text == ALIVE


@pytest.mark.parametrize(("length", "most"), [(0, 2_000), (40 << 20, 8)])
def test_a_file_whose_corrections_all_fail_is_not_read_for_ever(tmp_path: Path, length: int, most: int) -> None:
    rules = "".join(f"    - {{alert: A{number}, expr: 'a{{{DEAD}}}'}}\n" for number in range(1_000))
    path = tmp_path / "a.yml"
    path.write_text(f"groups:\n- rules:\n{rules}")
    read = source(path)
    text = read.text + " " * length
    readings = 0

    def found(_text: str) -> FoundQueries:
        nonlocal readings
        readings += 1
        return read.found if readings == 1 else FoundQueries()

    assert changes(text, linter(read.found.queries), Reader(found, lambda _text: ())) == ()
    assert readings <= most + 1


def _words() -> tuple[Message, Message]:
    example = remark()
    return example.why, example.means
