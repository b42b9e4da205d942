"""That a page runs its own script only, and the browser has nothing to complain about."""

import pytest
from playwright.sync_api import Browser

from tests.browser.opened import opened
from tests.browser.pages import Pages

pytestmark = pytest.mark.extended

INJECTED = (
    "<script>document.title = 'broken in'</script>",
    "<svg onload=\"document.title = 'broken in'\"></svg>",
    "<a id=out href=\"javascript:document.title = 'broken in'\">out</a>",
    "<style>main { display: none }</style>",
    '<div id=styled style="position: fixed"></div>',
    '<img src="https://evil.example/x.png"><link rel=stylesheet href="https://evil.example/x.css">',
    '<iframe src="https://evil.example/"></iframe>',
    '<base href="https://evil.example/">',
)


@pytest.mark.parametrize("injected", INJECTED)
def test_what_gets_into_a_page_neither_runs_nor_styles_nor_asks(chromium: Browser, pages: Pages, injected: str) -> None:
    with opened(chromium, pages["demo"].replace("</main>", f"{injected}</main>", 1)) as page:
        title = page.page.title()
        if "id=out" in injected:
            page.page.click("#out")
        assert page.page.title() == title != "broken in"
        assert page.page.is_visible("main h1")
        assert page.page.evaluate("getComputedStyle(document.querySelector('main')).display") == "block"
        assert page.page.evaluate("document.querySelector('#styled')?.computedStyleMap().get('position').value") in (
            None,
            "static",
        )
        assert page.asked == []
        assert page.page.evaluate("document.baseURI") == page.page.url
        assert any("Content Security Policy" in line for line in page.console)
