"""A text reads in Markdown as it is, wherever it stands, and no text is markup."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.render.markdown_text import (
    Ready,
    address,
    anchor,
    cell,
    clause,
    code,
    code_cell,
    escape,
    fenced,
    finalized,
    in_html,
)
from tests.fuzz.effort import FUZZ
from tests.render.parsed_markdown import fences, html, rows, shape, words
from tests.render.sample_report import HOSTILE

SPECIAL = st.text(st.sampled_from("\\`*_{}[]<>()#+-=.!|~&;:/$@\"' \n\t\x00가0aA"), max_size=12)
BACKSLASH = "a\\|b"
TEXTS = st.one_of(SPECIAL, st.text(max_size=20), st.sampled_from(HOSTILE))
LINES = TEXTS.map(lambda text: " ".join(finalized(Ready(text)).split()))
"""Texts as a reader is shown them: on a line, without characters that act on a screen."""


@FUZZ
@given(LINES)
def test_a_text_is_a_paragraph_that_reads_as_it_is(text: str) -> None:
    source = f"{escape(text)}"

    assert shape(source) == (shape("plain") if text else [])
    assert words(source) == ([text] if text else [])


@FUZZ
@given(LINES)
def test_a_text_reads_as_it_is_in_a_heading_in_a_list_and_in_bold(text: str) -> None:
    source = f"# {escape(f'a {text}')}\n\n- {escape(f'a {text}')}\n- **{escape(f'b {text}')}**"

    assert shape(source) == shape("# plain\n\n- plain\n- **plain**")
    assert words(source) == [f"a {text}".strip(), f"a {text}".strip(), f"b {text}".strip()]


@FUZZ
@given(LINES, LINES)
def test_a_cell_holds_its_text(first: str, second: str) -> None:
    source = f"| one | two | three |\n|---|---|---|\n| {cell(first)} | {code_cell(second)} | end |\n"

    assert rows(source) == [[["one", "two", "three"], [first, second, "end"]]]
    assert shape(source) == shape("| one | two | three |\n|---|---|---|\n| a | b | end |\n")


@FUZZ
@given(LINES)
def test_code_holds_its_text(text: str) -> None:
    source = f"see {code(text)} and `more`"

    assert words(source) == [f"see {text} and more"]
    assert shape(source) == shape("see")


@FUZZ
@given(TEXTS.map(lambda text: str(finalized(Ready(text)))))
def test_a_fence_holds_all_of_its_text(text: str) -> None:
    assert fences(f"{fenced(text, 'sh')}\n\nafter") == [("sh", f"{text}\n")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('rollout_info never has phase="Degraded": see it.', '`rollout_info` never has `phase="Degraded"`: see it.'),
        ("use exported_namespace (not namespace).", "use `exported_namespace` (not namespace)."),
        ("ask(rollout_info_replicas_desired)!", "`ask(rollout_info_replicas_desired)`!"),
        ('"a_b", (c_d) and "e_f".', '"`a_b`", (`c_d`) and "`e_f`".'),
        ("checkout/gift-cards, logistics/customs.", "`checkout/gift-cards`, `logistics/customs`."),
        ('rollout_info는 phase=~"Error|Abort"를', '`rollout_info`는 `phase=~"Error|Abort"`를'),
        ("3 of 4 alerts, 1,579 in all; 12-factor #1", "3 of 4 alerts, 1,579 in all; 12-factor #1"),
        ('see ("g_h") or f(i_j).', 'see ("`g_h`") or `f(i_j)`.'),
        ("x > 0 and y <= 3", "x > 0 and y <= 3"),
    ],
)
def test_names_and_queries_in_a_sentence_are_code(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize(("text", "shown"), [("- item", "\\- item"), ("1. item", "1\\. item"), ("0.25", "0.25")])
def test_a_sentence_cannot_begin_a_list(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_a_bar_in_a_cell_is_legible_where_parsers_agree_on_it() -> None:
    assert code_cell('phase=~"Error|Abort"') == '`phase=~"Error\\|Abort"`'
    assert "<code>a\\|b</code>" in html(f"| a |\n|---|\n| {code_cell(BACKSLASH)} |")


def test_the_words_of_a_fold_cannot_end_it() -> None:
    assert in_html("a </summary>\n\n</details> & b") == "a &lt;/summary&gt; &lt;/details&gt; &amp; b"


def test_the_address_of_a_link_cannot_end_the_link() -> None:
    assert address("docs/checks/a b).md") == "docs/checks/a%20b%29.md"


@pytest.mark.parametrize(("heading", "address"), [("Action 12", "#action-12"), ("조치 3", "#조치-3")])
def test_a_heading_has_the_address_that_github_gives_it(heading: str, address: str) -> None:
    assert anchor(heading) == address


@pytest.mark.parametrize(
    ("action", "first"),
    [
        ("Scrape each controller only once: remove one of the two targets", "Scrape each controller only once"),
        ("Search the log; if it says nothing, restart", "Search the log"),
        ("Set the port (8090: usual) of 127.0.0.1:80; see", "Set the port (8090: usual) of 127.0.0.1:80"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_first_clause_of_an_action_says_what_to_do(action: str, first: str) -> None:
    assert clause(action) == first
