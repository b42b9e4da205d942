from dataclasses import replace
from datetime import date

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from maintainer.model.report import Action, Json, Report, Resolved, Subject
from maintainer.model.sections import Section
from maintainer.render.document import document
from maintainer.render.markdown import address, code, escape, fenced, markdown
from tests.render.sample_calendar import calendar
from tests.render.sample_report import HOSTILE, accepted, english, every_kind, finding, gap, hostile, report, text

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def source_of(of: Report, *, docs_url: str = "docs") -> str:
    return markdown(document(of, english(), docs_url=docs_url), english())


def shape(source: str) -> list[str]:
    """Blocks and inline markup in their order; texts, line breaks and what stands in a fence do not matter."""
    shown = []
    for token in PARSER.parse(source):
        shown.append(token.type)
        shown += [child.type for child in token.children or () if child.type != "text"]
    return shown


def fences(source: str) -> list[Token]:
    return [token for token in PARSER.parse(source) if token.type == "fence"]


@pytest.mark.parametrize("words", [words for words in HOSTILE if words])
def test_hostile_words_change_nothing_but_the_text(words: str) -> None:
    one_line = " ".join(words.split())
    rendered = shape(source_of(hostile(words)))
    assert "html_block" not in rendered
    assert "html_inline" not in rendered
    if "\n" not in words:
        assert rendered == shape(source_of(hostile("plain")))
    assert shape(escape(words)) == shape("plain")
    assert PARSER.parse(escape(words))[1].content.count("\n") == 0
    assert PARSER.renderInline(escape(words)) == PARSER.renderInline(escape(one_line))


@pytest.mark.parametrize("words", HOSTILE)
def test_every_row_of_a_table_has_as_many_cells_as_its_head(words: str) -> None:
    rows: list[int] = []
    for token in PARSER.parse(source_of(hostile(words))):
        if token.type == "table_open":
            rows.clear()
        elif token.type == "tr_open":
            rows.append(0)
        elif token.type in {"th_open", "td_open"}:
            rows[-1] += 1
        elif token.type == "table_close":
            assert len(rows) > 1
            assert len(set(rows)) == 1


@pytest.mark.parametrize("words", [words for words in HOSTILE if words.isprintable()])
def test_escaped_words_read_as_they_are(words: str) -> None:
    shown = "".join(child.content for token in PARSER.parse(escape(words)) for child in token.children or ())
    assert shown == " ".join(words.split())


@pytest.mark.parametrize("words", [words for words in HOSTILE if words.strip() and words.isprintable()])
def test_code_reads_as_it_is(words: str) -> None:
    (token,) = [token for token in PARSER.parse(f"see {code(words)}") if token.type == "inline"]
    assert [child.content for child in token.children or () if child.type == "code_inline"] == [" ".join(words.split())]


@pytest.mark.parametrize("words", [words for words in HOSTILE if "\r" not in words])
def test_a_fence_holds_all_of_its_text(words: str) -> None:
    (fence,) = fences(f"{fenced(words, 'sh')}\n\nafter")
    assert fence.content == f"{words}\n"
    assert fence.info == "sh"


def test_names_and_queries_stay_legible() -> None:
    assert escape('rollout_info{namespace="shop"} >= 0.25, 12-factor #1') == (
        'rollout_info{namespace="shop"} >= 0.25, 12-factor #1'
    )
    assert escape("-0.25") == "\\-0.25"
    assert escape("0.25") == "0.25"


def test_the_address_of_a_link_cannot_end_the_link() -> None:
    assert address("docs/checks/a b).md") == "docs/checks/a%20b%29.md"


def test_a_finding_reads_well_unrendered() -> None:
    source = source_of(report(findings=(finding(evidence={"compared": 1579, "promql": "up == 1"}),)))
    assert "### 1. Restart the controller" in source
    assert "**Error:** 4 Rollouts show a phase that the API does not." in source
    assert "(`accuracy/phase`, new)" in source
    assert "| compared | 1,579 |\n| promql | up == 1 |\n" in source
    assert "```sh\nkubectl get rollouts -A\n```" in source
    assert "\n\n\n" not in source


def test_a_check_is_linked_where_its_page_can_be_reached() -> None:
    source = source_of(report(findings=(finding(),)), docs_url="https://docs.example.com")

    assert "([accuracy/phase](https://docs.example.com/checks/accuracy/phase.md), new)" in source


def test_evidence_that_is_a_list_of_records_is_a_table() -> None:
    rows: list[Json] = [{"rollout": f"shop/cart-{number}", "api": 3, "targets": ["a", "b"]} for number in range(26)]
    source = source_of(report(findings=(finding(evidence={"rollouts": rows}),)))

    assert "| Rollout | API | Targets |\n| --- | --- | --- |\n| shop/cart-0 | 3 | a, b |\n" in source
    assert "shop/cart-20" not in source
    assert "20 of 26 shown; the JSON report has all" in source


@pytest.mark.parametrize("section", every_kind("the words of it"), ids=lambda section: section.kind)
def test_every_kind_of_section_is_shown(section: Section) -> None:
    source = source_of(report(sections=(section,)))
    assert "## the words of it\n" in source
    assert source.count("the words of it") > 1


def test_columns_of_numbers_are_set_to_the_right() -> None:
    assert "| --- | ---: |\n| batch | 1,579 |\n| batch | 0.25 |\n" in source_of(report(sections=every_kind()))


def test_twenty_subjects_are_shown_and_the_rest_is_counted() -> None:
    source = source_of(report(findings=(finding(count=26),)))
    assert source.count("`Rollout/shop/") == 20
    assert "20 of 26 shown; the JSON report has all" in source


def test_accepted_findings_carry_their_reason() -> None:
    assert "Accepted until 2027-01-31: known until the upgrade" in source_of(report(findings=(accepted(),)))


def test_gaps_are_never_empty_by_omission() -> None:
    assert "Nothing was left unchecked." in source_of(report())
    shared = source_of(report(gaps=(gap(), gap("panel/value"))))
    assert "- Prometheus answered 503. The next run tries again. Blocks 2 checks: panel/value, query/error\n" in shared
    assert "Nothing was left unchecked." not in shared


def test_what_the_run_changed_and_what_is_gone_is_said() -> None:
    action = Action("restored", Subject("ConfigMap", "monitoring", "rules"), text("2 alerts."))
    source = source_of(
        replace(
            report(),
            actions=(action,),
            resolved=(Resolved("panel/value", "00", date(2026, 10, 1), "A panel was wrong."),),
        )
    )
    assert "- Restored: 2 alerts. `ConfigMap/monitoring/rules`\n" in source
    assert "1 finding is no longer there." in source
    assert "- `panel/value`: A panel was wrong. (first seen on 2026-10-01)\n" in source


def test_a_calendar_is_a_table_of_weeks_with_the_state_of_each_day_in_words() -> None:
    lines = source_of(report(sections=(calendar(),))).splitlines()

    head = lines.index("| Mon | Tue | Wed | Thu | Fri | Sat | Sun |")
    assert lines[head - 2] == "Two days."
    assert lines[head + 2 : head + 4] == [
        "|  |  |  |  | 10-30: Agreed | 31: Differed, no scrapes: 5 h | 11-01: Not yet |",
        "| 2: Not yet |  |  |  |  |  |  |",
    ]
