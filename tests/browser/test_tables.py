"""Sorting and filtering of long tables, which the page does without."""

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from maintainer.model.sections import Chip, Table
from maintainer.render.document import document
from maintainer.render.html import html
from maintainer.render.words import Catalogue, load
from tests.browser.opened import opened
from tests.render.sample_report import english, report, text

pytestmark = pytest.mark.extended

COUNTS = (3, 1_200, 20, 0.25, 0.3, -1, 5, 6, 7, 8, 9, 10)


def with_table(rows: int = len(COUNTS), catalogue: Catalogue | None = None) -> str:
    chips = (Chip(text("Wrong"), "error"), Chip(text("Right"), "ok"))
    cells = tuple((f"cart-{number + 1}", COUNTS[number % len(COUNTS)], chips[number % 2]) for number in range(rows))
    table = Table(text("Carts"), (text("Rollout"), text("Pods"), text("State")), cells, (1,))
    words = catalogue or english()
    return html(document(replace(report(), sections=(table,)), words), words)


def column(page: Page, number: int) -> list[str]:
    """The texts of a column, of the rows that are shown."""
    rows = page.locator(f"#section-1 tbody tr:visible > :nth-child({number})")
    return [" ".join(cell.split()) for cell in rows.all_inner_texts()]


def test_a_column_of_numbers_is_sorted_by_their_values_and_says_its_direction(chromium: Browser) -> None:
    with opened(chromium, with_table()) as opened_page:
        page = opened_page.page
        page.get_by_role("button", name="Pods").click()
        assert column(page, 2) == ["-1", "0.25", "0.3", "3", "5", "6", "7", "8", "9", "10", "20", "1,200"]
        assert page.get_by_role("columnheader", name="Pods").get_attribute("aria-sort") == "ascending"

        page.get_by_role("button", name="Pods").press("Enter")
        assert column(page, 2)[:2] == ["1,200", "20"]
        assert page.get_by_role("columnheader", name="Pods").get_attribute("aria-sort") == "descending"

        page.get_by_role("button", name="Rollout").click()
        assert column(page, 1) == [f"cart-{number}" for number in range(1, 13)]
        assert page.get_by_role("columnheader", name="Pods").get_attribute("aria-sort") is None


def test_a_filter_shows_the_rows_that_have_its_text_and_counts_them(chromium: Browser) -> None:
    with opened(chromium, with_table(500)) as opened_page:
        page = opened_page.page
        assert page.get_by_role("status").inner_text() == "500 of 500 rows"
        page.get_by_label("Filter rows").fill(" CART-49")
        assert column(page, 1) == ["cart-49", *(f"cart-49{digit}" for digit in range(10))]
        assert page.get_by_role("status").inner_text() == "11 of 500 rows"
        page.get_by_label("Filter rows").fill("right")
        assert page.get_by_role("status").inner_text() == "250 of 500 rows"


def test_the_filter_speaks_the_language_of_the_report(chromium: Browser) -> None:
    korean = load("ko")
    words = Catalogue("ko", {**korean.entries, "say/text": "{text}"})
    with opened(chromium, with_table(catalogue=words)) as page:
        page.page.get_by_label("행 필터").fill("cart-12")
        assert page.page.get_by_role("status").inner_text() == "12개 행 중 1개"


def test_a_short_table_has_no_controls(chromium: Browser) -> None:
    with opened(chromium, with_table(10)) as page:
        assert page.page.locator("button, input").count() == 0


def test_without_scripts_a_table_has_all_rows_and_no_controls(chromium: Browser) -> None:
    with opened(chromium, with_table(12), script=False) as page:
        assert page.page.locator("button, input").count() == 0
        assert len(column(page.page, 1)) == 12


def test_rows_that_are_stacked_are_sorted_and_filtered(chromium: Browser) -> None:
    with opened(chromium, with_table(), width=390) as page:
        page.page.get_by_role("button", name="Pods").click()
        assert column(page.page, 1)[0] == "cart-6"
        page.page.get_by_label("Filter rows").fill("cart-12")
        assert column(page.page, 1) == ["cart-12"]
