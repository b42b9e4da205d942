"""How large the pages are, and that a very long report says what it leaves out."""

import pytest

from maintainer.render.document import document
from maintainer.render.html import html
from tests.browser.many import many_findings
from tests.browser.pages import Pages
from tests.render.sample_report import english

pytestmark = pytest.mark.extended


@pytest.mark.parametrize("name", ["demo", "demo-ko"])
def test_the_report_of_a_usual_fleet_is_small(pages: Pages, name: str) -> None:
    assert len(pages[name].encode()) < 300_000


@pytest.mark.parametrize("actions", [1, 100, 10_000])
def test_10000_findings_make_a_page_that_a_browser_opens_at_once(actions: int) -> None:
    page = html(document(many_findings(10_000, actions=actions), english()), english())
    assert len(page.encode()) < 2_000_000
    shown = page.count('class="find"')
    assert shown == {1: 20, 100: 200, 10_000: 20}[actions]
    assert (
        f"{shown // min(20, actions)} of {10_000 // actions:,} shown; the JSON report has all" in page
        or actions == 10_000
    )
    assert f"20 of {actions:,} shown; the JSON report has all" in page or actions == 1
