"""Chromium, and the pages that it is shown."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from maintainer.sandbox.fleet import read_fleet
from maintainer.sandbox.world import Plan, World
from tests.browser.pages import Pages
from tests.scenarios.audits import audit


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.fail(
            "chromium is not on PATH: apt-get install chromium fonts-nanum, or make .tools/chromium/usr/bin/chromium"
        )
    with sync_playwright() as playwright:
        arguments = [
            "--no-sandbox",
            "--disable-dev-shm-usage",
        ]  # a container has neither namespaces nor memory for them
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pages() -> Pages:
    """The pages; those of the demo are made of an audit of its fleet with all faults."""
    with World.start(Plan(fleet=read_fleet(), faults=True)) as world:
        return Pages(audit(world))
