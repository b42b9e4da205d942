"""That a page can be used with a keyboard and a screen reader, without scripts, and asks nothing of anybody."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.opened import opened
from tests.browser.pages import PAGES, Pages

pytestmark = pytest.mark.extended


LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 390), ("dark", 1440))
REPEATING = ("hostile", "many")
"""Pages of which each part is like one of another page; axe needs half a minute for a look at them."""
LARGE = (*REPEATING, "quarterly-ko", "semiannual")
"""Pages in which only long tables are folded."""

CONTROLS = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, summary, [tabindex]")];
  all.forEach((control, number) => { control.dataset.number = number; });
  return all.filter((control) => control.checkVisibility() && !control.closest("details:not([open]) > :not(summary)"))
    .map((control) => Number(control.dataset.number));
}"""
"""Numbers what can be used with a keyboard, and returns the numbers of what is shown."""

FOCUSED = """() => {
  const control = document.activeElement;
  const style = getComputedStyle(control);
  const box = control.getBoundingClientRect();
  const inside = box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight;
  const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [Number(control.dataset.number), inside && marked ? "" : control.outerHTML.slice(0, 120)];
}"""
"""The number of what has the focus, and what it is if a reader does not see that it has it."""


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation_and_nothing_is_asked_for(chromium: Browser, pages: Pages, name: str) -> None:
    for scheme, width in LOOKS[:1] if name in REPEATING else LOOKS:
        with opened(chromium, pages[name], scheme=scheme, width=width) as page:
            if name not in LARGE:
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


@pytest.mark.parametrize("name", ["demo", "incomplete", "month", "index"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_control_is_reached_with_the_keyboard_and_shows_that_it_is(
    chromium: Browser, pages: Pages, name: str, width: int
) -> None:
    with opened(chromium, pages[name], width=width) as page:
        controls = page.page.evaluate(CONTROLS)
        reached = []
        for _ in controls:
            page.page.keyboard.press("Tab")
            reached.append(page.page.evaluate(FOCUSED))
        assert [number for number, _ in reached] == controls
        assert [seen for _, seen in reached if seen] == []


@pytest.mark.parametrize("name", ["demo", "demo-ko", "many"])
def test_what_unfolds_and_what_scrolls_has_a_name_of_its_own(chromium: Browser, pages: Pages, name: str) -> None:
    with opened(chromium, pages[name]) as page:
        names = page.page.locator("summary").all_text_contents()
        regions = page.page.locator("[tabindex]")
        roles = regions.evaluate_all("(all) => all.map((one) => [one.role, one.ariaLabel])")
        parts = page.page.locator("nav a").evaluate_all("(all) => all.map((link) => link.getAttribute('href'))")
        missing = [part for part in parts if page.page.locator(part).count() != 1]
    assert len(set(names)) == len(names) > 5
    assert all(role == "region" and label for role, label in roles)
    assert {"#findings", "#gaps"} <= set(parts)
    assert missing == []
