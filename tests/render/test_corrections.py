"""Queries as they are and as they should be."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.render.corrections import LONGEST, Correction, Corrections, corrections, without_corrections
from maintainer.render.document import document
from maintainer.render.html import html
from tests.render.sample_report import english, finding, report

DEAD, RIGHT = 'rollout_info{phase="Degraded"} == 1', 'rollout_info{phase=~"Error|Abort"} == 1'


def row(name: str = "RolloutFailed", **other: Any) -> dict[str, Any]:
    return {"name": name, "where": "rules.yml", "query": DEAD, "corrected": RIGHT} | other


def of(*rows: Any) -> Corrections:
    return corrections({"evidence": {"queries": list(rows)}})


def marked(correction: Correction) -> tuple[str, str]:
    """Both queries with what is changed in brackets."""
    before, after = (
        "".join(f"[{part.text}]" if part.changed else part.text for part in side)
        for side in (correction.before, correction.after)
    )
    return before, after


def test_what_changes_in_a_query_is_marked() -> None:
    (shown,) = of(row()).shown
    assert (shown.names, shown.where) == (("RolloutFailed",), "rules.yml")
    assert marked(shown) == (
        'rollout_info{phase="[Degraded]"} == 1',
        'rollout_info{phase=[~]"[Error|Abort]"} == 1',
    )


def test_the_same_correction_of_several_is_shown_once() -> None:
    made = of(row("one"), row("two"), row("one"), row("three", where="other.yml"))
    assert [(shown.names, shown.where) for shown in made.shown] == [
        (("one", "two"), "rules.yml"),
        (("three",), "other.yml"),
    ]


def test_five_corrections_are_shown_and_all_are_counted() -> None:
    made = of(*(row(corrected=f"{RIGHT} or {number}") for number in range(12)))
    assert (len(made.shown), made.count) == (5, 12)


NONE: dict[str, Any] = {
    "a dash": row(corrected="-"),
    "no text": row(corrected=""),
    "the same": row(corrected=DEAD),
    "no correction": {"name": "a", "query": DEAD},
    "of another version": row(corrected={"text": RIGHT}),
    "no row": "rollout_info",
}


@pytest.mark.parametrize("other", NONE.values(), ids=NONE)
def test_what_has_no_correction_stays_in_the_evidence(other: Any) -> None:
    assert of(other).count == 0
    evidence: dict[str, Any] = {"queries": [row(), other], "selector": "x"}
    assert (without_corrections(evidence) == evidence) == isinstance(other, dict)


def test_what_is_shown_as_a_correction_is_not_said_again() -> None:
    assert without_corrections({"queries": [row()], "selector": "x"}) == {"selector": "x"}
    many = {"queries": [row(corrected=f"{RIGHT} or {number}") for number in range(6)]}
    assert without_corrections(many) == many
    assert without_corrections({"queries": "of another version"}) == {"queries": "of another version"}


QUERIES = st.text('ab_ {}="|~(),한', max_size=40)


@given(QUERIES, QUERIES)
def test_both_queries_stay_whole_and_what_is_not_marked_is_in_both(before: str, after: str) -> None:
    for shown in of(row(query=before, corrected=after)).shown:
        assert ["".join(part.text for part in side) for side in (shown.before, shown.after)] == [before, after]
        kept = ["".join(part.text for part in side if not part.changed) for side in (shown.before, shown.after)]
        assert kept[0] == kept[1]


def test_a_query_without_end_is_not_compared_word_by_word() -> None:
    (shown,) = of(row(query="a " * LONGEST, corrected="b " * LONGEST)).shown
    assert [len(side) for side in (shown.before, shown.after)] == [1, 1]


def test_a_page_shows_a_correction_without_a_fold() -> None:
    made = html(document(report(findings=(finding(evidence={"queries": [row()]}),)), english()), english())
    shown = made[made.index('<figure class="fix"') :]
    assert "<mark>Degraded</mark>" in shown.partition("</figure>")[0]
    assert "rules.yml" in shown.partition("</figure>")[0]
    assert "<details" not in made[made.index("<article") : made.index("<mark>")]
