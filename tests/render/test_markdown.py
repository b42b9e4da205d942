import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.model.report import Action, Json, Report, Resolved, Subject
from maintainer.model.sections import Section, Table
from maintainer.render.document import document
from maintainer.render.markdown import markdown
from maintainer.render.visible import on_a_line
from maintainer.render.words import load
from tests.fuzz.effort import FUZZ
from tests.render.parsed_markdown import fences, rows, shape, words
from tests.render.sample_calendar import calendar
from tests.render.sample_report import (
    GENERATED,
    HOSTILE,
    accepted,
    english,
    every_kind,
    finding,
    gap,
    hostile,
    report,
    text,
)


def source_of(of: Report, *, docs_url: str = "docs") -> str:
    return markdown(document(of, english(), docs_url=docs_url), english())


@cache
def shape_of_plain(said: str) -> Sequence[str]:
    return shape(source_of(hostile(said)))


@FUZZ
@given(st.one_of(st.sampled_from([words for words in HOSTILE if words]), st.text(min_size=1).filter(str.strip)))
def test_hostile_words_change_nothing_but_the_text(said: str) -> None:
    source = source_of(hostile(f"a {said}"))

    # Evidence of several lines is a block of code.
    assert shape(source) == shape_of_plain("a\nplain" if "\n" in said else "a plain")
    assert all(len({len(row) for row in table}) == 1 for table in rows(source))
    assert " ".join(on_a_line(f"a {said}").split()) in words(source)


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8))
NAMED = st.sampled_from(["rollout", "targets", "query", "corrected", "where", "touch", "api"])
ROWS = st.lists(NAMED, unique=True, max_size=4).flatmap(
    lambda keys: st.lists(st.fixed_dictionaries(dict.fromkeys(keys, VALUES)), max_size=4)
)
EVIDENCE = st.dictionaries(NAMED, st.one_of(VALUES, ROWS, st.lists(VALUES), st.dictionaries(NAMED, ROWS)), max_size=4)


@FUZZ
@given(st.lists(EVIDENCE, min_size=1, max_size=3))
def test_any_evidence_is_shown(evidence: list[dict[str, Json]]) -> None:
    source = source_of(report(findings=tuple(finding(evidence=one, summary=str(one)) for one in evidence)))

    assert "kubectl get rollouts -A" in source
    assert "\n\n\n" not in re.sub("```.*?```", "code", source, flags=re.DOTALL)
    assert shape(source).count("fold") == shape(source).count("end of a fold")
    assert all(len({len(row) for row in table}) == 1 for table in rows(source))


def test_a_finding_reads_well_unrendered() -> None:
    source = source_of(report(findings=(finding(evidence={"compared": 1579, "promql": "up{a=~'b|c'}"}),)))

    assert source.endswith("""
## What to do

### Action 1

**Restart the controller**
- **Error:** 4 Rollouts show a phase that the API does not. (`accuracy/phase`)
  Subjects: `Rollout/shop/cart-00`

<details><summary>Evidence of action 1</summary>

- compared: 1,579 · promql: `up{a=~'b|c'}`

```sh
kubectl get rollouts -A
```
</details>

## What could not be checked

Nothing was left unchecked.
""")


def test_the_first_lines_say_what_to_do_and_lead_to_the_details() -> None:
    actions = [finding(action=f"Correct query {number:02}: as shown", summary=f"a {number:02}") for number in range(12)]
    source = source_of(report(findings=tuple(actions)))
    (table,) = rows("\n".join(source.splitlines()[:20]))

    assert [row[:2] for row in table[:3]] == [
        ["Action", "What to do"],
        ["1", "Correct query 00"],
        ["2", "Correct query 01"],
    ]
    assert table[0] == ["Action", "What to do", "Why", "Reach", "Severity"]
    assert "| [12](#action-12) | Correct query 11 | Panels and alerts see a phase" in source
    assert "\n### Action 12\n\n**Correct query 11: as shown**\n" in source


def test_the_addresses_of_a_korean_table_are_those_of_its_headings() -> None:
    source = markdown(document(report(findings=(finding(),)), english()), load("ko"))

    assert "| [1](#조치-1) |" in source
    assert "\n### 조치 1\n" in source


def test_no_more_actions_are_shown_than_can_be_read_and_the_rest_is_counted() -> None:
    source = source_of(
        report(findings=tuple(finding(action=f"Do {number}", summary=str(number)) for number in range(57)))
    )

    assert source.count("\n### Action ") == 20
    assert source.count("20 of 57 shown; the JSON report has all") == 1


def test_no_more_findings_of_an_action_are_shown_than_can_be_read() -> None:
    source = source_of(report(findings=tuple(finding(summary=f"This is {number}") for number in range(57))))

    assert source.count("This is ") == 20
    assert "20 of 57 shown; the JSON report has all" in source


def test_what_several_findings_share_is_said_once() -> None:
    found = [
        finding(evidence={"rollouts": [{"rollout": f"shop/cart-{number}", "api": 3}]}, summary=f"This is {number}")
        for number in range(3)
    ]
    source = source_of(report(findings=tuple(found)))

    assert source.count("kubectl get rollouts -A") == 1
    assert "\n- API: 3\n- Rollout: `shop/cart-0`, `shop/cart-1`, `shop/cart-2`\n" in source


def test_a_corrected_query_is_a_diff_that_is_not_folded() -> None:
    old, new = 'rollout_info{phase="Healthy"}', 'rollout_info{phase=~"Completed|x"}'
    queries: list[Json] = [
        {"name": name, "where": "rules.yml", "query": old, "corrected": new} for name in ("Dead", "Also dead")
    ]
    source = source_of(report(findings=(finding(evidence={"queries": queries}),)))

    assert fences(source)[0] == ("diff", f"# Dead, Also dead (rules.yml)\n- {old}\n+ {new}\n")
    assert "<details>" not in source


def test_a_query_is_code_that_can_be_copied() -> None:
    query = "sum(a{b=~'c|d'})"
    panels: list[Json] = [{"panel": "All", "query": query, "wrong": 3}]
    source = source_of(report(findings=(finding(evidence={"panels": panels}),)))

    assert fences(source)[0] == ("promql", f"# All\n{query}\n")
    assert "- Panel: `All` · Rollouts wrong: 3\n" in source


def test_no_line_is_left_empty_where_a_report_has_no_figures() -> None:
    assert "\n\n\n" not in source_of(replace(report(findings=(finding(),)), job="quarterly"))


def test_a_subject_that_is_only_a_part_of_another_name_is_named() -> None:
    source = source_of(report(findings=(finding(summary="shop/cart-001 is wrong, so is cart-00-canary"),)))

    assert "Subjects: `Rollout/shop/cart-00`\n" in source


def test_a_check_is_linked_where_its_page_can_be_reached() -> None:
    source = source_of(report(findings=(finding(),)), docs_url="https://docs.example.com")

    assert "([`accuracy/phase`](https://docs.example.com/checks/accuracy/phase.md))" in source


def test_a_report_that_is_compared_says_what_is_new_and_what_is_known() -> None:
    known = replace(finding(), state="still", first_seen=date(2026, 10, 1), cause="old")
    compared = replace(report(findings=(finding(), known)), compared_with=GENERATED)

    assert "(`accuracy/phase`, new)" in source_of(compared)
    assert "(`accuracy/phase`, first seen on 2026-10-01)" in source_of(compared)
    assert "new)" not in source_of(report(findings=(finding(),)))


def test_evidence_that_is_a_list_of_records_is_a_table() -> None:
    records: list[Json] = [
        {"rollout": f"shop/cart-{number}", "api": number, "targets": ["a", "b"]} for number in range(26)
    ]
    source = source_of(report(findings=(finding(evidence={"rollouts": records}),)))

    assert "\n- Targets: `a, b`\n\n| Rollout | API |\n|---|---|\n| `shop/cart-0` | 0 |\n" in source
    assert "shop/cart-20" not in source
    assert "20 of 26 shown; the JSON report has all" in source


def test_two_tables_of_equal_columns_say_what_each_is() -> None:
    granted: list[Json] = [{"verb": verb, "resource": "pods"} for verb in ("get", "list")]
    refused: list[Json] = [{"verb": "watch", "resource": "pods"}]
    source = source_of(report(findings=(finding(evidence={"granted": granted, "refused": refused}),)))

    assert "\n- Rights that it has · Resource: `pods`\n- Verb: `get`, `list`\n" in source
    assert "\n- Rights that it lacks · Verb: `watch` · Resource: `pods`\n" in source


def test_a_long_table_of_a_section_is_folded() -> None:
    title = text("batch")
    long, short = (Table(title, (title, title), tuple(("a", number) for number in range(count))) for count in (4, 3))

    assert "<details><summary>4 rows</summary>\n\n| batch | batch |\n" in source_of(report(sections=(long,)))
    assert "<details>" not in source_of(report(sections=(short,)))


@pytest.mark.parametrize("section", every_kind("the words of it"), ids=lambda section: section.kind)
def test_every_kind_of_section_is_shown(section: Section) -> None:
    source = source_of(report(sections=(section,)))
    assert "## the words of it\n" in source
    assert source.count("the words of it") > 1


def test_columns_of_numbers_are_set_to_the_right() -> None:
    assert "|---|---:|\n| batch | 1,579 |\n| batch | 0.25 |\n" in source_of(report(sections=every_kind()))


def test_twenty_subjects_are_shown_and_the_rest_is_counted() -> None:
    source = source_of(report(findings=(finding(count=26),)))
    assert source.count("`Rollout/shop/") == 20
    assert "20 of 26 shown; the JSON report has all" in source


def test_accepted_findings_carry_their_reason() -> None:
    assert "Accepted until 2027-01-31: known until the upgrade" in source_of(report(findings=(accepted(),)))


def test_gaps_are_never_empty_by_omission() -> None:
    assert "Nothing was left unchecked." in source_of(report())
    shared = source_of(report(gaps=(gap(), gap("panel/value"))))
    assert (
        "- Prometheus answered 503. The next run tries again. Blocks 2 checks: `panel/value`, `query/error`\n" in shared
    )
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
