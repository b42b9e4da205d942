"""That a page can be read at every width: words stay whole, and nothing is cut, covered or off the screen."""

import pytest
from playwright.sync_api import Browser

from tests.browser.opened import opened
from tests.browser.pages import PAGES, Pages

pytestmark = pytest.mark.extended

WIDTHS = (390, 640, 820, 1100, 1440)


@pytest.mark.parametrize("name", PAGES)
def test_words_stay_whole_and_nothing_is_cut_or_covered(chromium: Browser, pages: Pages, name: str) -> None:
    problems: list[str] = []
    with opened(chromium, pages[name]) as page:
        problems += page.problems()
        page.unfold()
        for width in WIDTHS:
            page.resize(width)
            problems += [f"{width} px: {problem}" for problem in page.problems()]
    assert not problems, "\n".join(problems[:40])
