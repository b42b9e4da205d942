"""A page that is open in Chromium, from an address that serves nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, cast

from playwright.sync_api import Browser, Page, Route

ADDRESS = "http://report.test/"


@dataclass(frozen=True, slots=True)
class Opened:
    """A page, what it asked for besides itself, and what the browser wrote to its console."""

    page: Page
    asked: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def resize(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})

    def unfold(self) -> None:
        """Open all that is folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach((folded) => { folded.open = true; })")

    def problems(self) -> list[str]:
        """What is wrong with the layout at this width, in sentences."""
        return cast(list[str], self.page.evaluate(_measure()))


@cache
def _measure() -> str:
    return Path(__file__).with_name("measure.js").read_text("utf-8")


@contextmanager
def opened(
    browser: Browser, html: str, *, scheme: Literal["light", "dark"] = "light", script: bool = True, width: int = 1440
) -> Iterator[Opened]:
    """The page, open until the block ends."""
    size = {"width": width, "height": 900}
    context = browser.new_context(color_scheme=scheme, java_script_enabled=script, viewport=size)  # type: ignore[arg-type]
    made = Opened(context.new_page())

    def answer(route: Route) -> None:
        if route.request.url == ADDRESS:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            made.asked.append(route.request.url)
            route.abort()

    context.route("**/*", answer)
    made.page.on("console", lambda message: made.console.append(message.text))
    made.page.on("pageerror", lambda error: made.console.append(str(error)))
    made.page.goto(ADDRESS)
    try:
        yield made
    finally:
        context.close()
