"""That a page can be used with a keyboard and a screen reader, without scripts, and asks nothing of anybody."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.opened import opened
from tests.browser.pages import PAGES, Pages

pytestmark = pytest.mark.extended


LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 390), ("dark", 1440))


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation_and_nothing_is_asked_for(chromium: Browser, pages: Pages, name: str) -> None:
    for scheme, width in LOOKS:
        with opened(chromium, pages[name], scheme=scheme, width=width) as page:
            page.unfold()
            result = Axe().run(page.page, options={"resultTypes": ["violations"]})
            assert result.violations_count == 0, result.generate_report()
            assert (page.asked, page.console) == ([], [])


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_the_same_can_be_read(chromium: Browser, pages: Pages, name: str) -> None:
    texts = []
    for script in (True, False):
        with opened(chromium, pages[name], script=script) as page:
            page.page.evaluate("document.querySelectorAll('.tools').forEach((controls) => controls.remove())")
            texts.append(page.page.inner_text("main").split())
    assert texts[0] == texts[1]
    assert len(texts[0]) > 100
