"""The printed page: A4, numbered, with nothing cut in two, no heading alone, and all that is folded open."""

import ctypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.opened import opened
from tests.browser.pages import Pages

pytestmark = pytest.mark.extended

A4 = (595, 842)
"""Width and height in points."""
WIDTH, HEIGHT = 695, 980
"""What the margins leave of a page, in pixels of CSS."""
PRINTED = ("demo", "demo-ko", "month", "every-kind", "incomplete", "index")
MARKS = Path(__file__).with_name("marks.js").read_text("utf-8")


def printed(pdf: bytes) -> list[str]:
    """The texts of the pages of paper."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert {tuple(round(side) for side in page.get_size()) for page in document} == {A4}
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def unwrapped(text: str) -> str:
    """A text without what depends on its lines: a hyphen at the end of a line is another character in a PDF."""
    return re.sub(r"[\s\x02\ufffe-]+", "", text)


def places(pdf: bytes) -> dict[str, int]:
    """The page of paper of each link, counted from 0."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return {link: number for number, page in enumerate(document) for link in links(document, page)}
    finally:
        document.close()


def links(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> Iterator[str]:
    """The addresses of the links on a page of paper, which pypdfium2 has in its C interface only."""
    next_link, link, address = ctypes.c_int(0), pdfium.FPDF_LINK(), ctypes.create_string_buffer(200)
    while pdfium.FPDFLink_Enumerate(page, next_link, link):
        pdfium.FPDFAction_GetURIPath(document, pdfium.FPDFLink_GetAction(link), address, len(address))
        yield address.value.decode()


@pytest.mark.parametrize("name", PRINTED)
def test_nothing_is_cut_and_no_heading_is_alone(chromium: Browser, pages: Pages, name: str) -> None:
    with opened(chromium, pages[name], width=WIDTH) as page:
        page.page.emulate_media(media="print")
        kept: list[dict[str, Any]] = page.page.evaluate(MARKS, HEIGHT)
        found = places(page.page.pdf(prefer_css_page_size=True))
    lost = [f"{box['kind']} {box['text']} {mark}" for box in kept for mark in box["marks"] if mark not in found]
    assert lost == []
    cut = [box for box in kept if not box["long"] and len({found[mark] for mark in box["marks"]}) > 1]
    assert [f"{box['kind']} {box['text']}" for box in cut] == []
    assert len(kept) > 10


def test_each_page_has_its_number(chromium: Browser, pages: Pages) -> None:
    with opened(chromium, pages["demo"]) as page:
        texts = printed(page.page.pdf(prefer_css_page_size=True))
    assert len(texts) > 3
    for number, text in enumerate(texts, 1):
        assert re.search(rf"\b{number} / {len(texts)}\b", text)


def test_what_is_folded_is_printed_and_controls_are_not(chromium: Browser, pages: Pages) -> None:
    with opened(chromium, pages["demo"]) as page:
        commands = page.page.evaluate(
            "[...document.querySelectorAll('pre.code:not(:has(del))')].map((code) => code.textContent)"
        )
        texts = printed(page.page.pdf(prefer_css_page_size=True))
    paper = unwrapped("".join(texts))
    assert len(commands) > 10
    assert [command for command in commands if unwrapped(command) not in paper] == []
    assert "Filterrows" not in paper


def test_paper_is_white_also_where_the_screen_is_dark(chromium: Browser, pages: Pages) -> None:
    with opened(chromium, pages["demo"], scheme="dark", width=WIDTH) as page:
        page.page.emulate_media(media="print", color_scheme="dark")
        page.unfold()
        assert (
            page.page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor")
            == "rgb(255, 255, 255)"
        )
        result = Axe().run(page.page, options={"runOnly": ["color-contrast"]})
        assert result.violations_count == 0, result.generate_report()
