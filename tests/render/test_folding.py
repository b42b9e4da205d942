"""A long report is folded into counts in the page; all of it is in the JSON."""

import pytest

from maintainer.model.sections import Table
from maintainer.render.document import document
from maintainer.render.folding import FINDINGS, most_findings
from maintainer.render.html import html
from tests.render.sample_report import english, finding, gap, report, text

REST = "shown; the JSON report has all"


@pytest.mark.parametrize(("cards", "most"), [(0, 20), (1, 20), (10, 20), (20, 10), (10_000, 10)])
def test_the_fewer_findings_of_each_are_shown_the_more_there_is_to_do(cards: int, most: int) -> None:
    assert most_findings(cards) == most
    assert min(cards, 20) * most <= FINDINGS


def test_a_page_counts_the_findings_and_the_things_to_do_that_it_leaves_out() -> None:
    many = tuple(finding(action=f"Do {number % 25}", summary=f"Wrong {number}") for number in range(25 * 12))
    page = html(document(report(findings=many), english()), english())
    assert page.count('<article class="card"') == 20
    assert page.count('class="find"') == 20 * 10
    assert page.count(f"10 of 12 {REST}") == 20
    assert f"20 of 25 {REST}" in page


def test_a_page_counts_the_gaps_and_the_rows_that_it_leaves_out() -> None:
    gaps = tuple(gap(reason=f"Prometheus answered {number}.") for number in range(21))
    table = Table(text("Carts"), (text("Cart"),), tuple((f"cart-{number}",) for number in range(501)))
    page = html(document(report(gaps=gaps, sections=(table,)), english()), english())
    assert f"20 of 21 {REST}" in page
    assert f"500 of 501 {REST}" in page


def test_what_is_not_long_is_whole() -> None:
    findings = tuple(finding(action=f"Do {number}", summary=f"Wrong {number}") for number in range(20))
    assert REST not in html(document(report(findings=findings), english()), english())
