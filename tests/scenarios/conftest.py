"""The worlds that scenarios share, one of each in a worker, and what stands in front of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from maintainer.sandbox.world import Plan, World
from tests.scenarios.front import Front
from tests.scenarios.small_worlds import INTERVAL, Api, small
from tests.scenarios.stacks import Stack, monitored


@pytest.fixture(scope="session")
def healthy() -> Iterator[World]:
    """Two pods of a controller and nothing wrong."""
    with World.start(Plan(fleet=small(), pods=2, scrape_interval=INTERVAL)) as world:
        yield world


@pytest.fixture(scope="session")
def twice() -> Iterator[World]:
    """A controller that is scraped by two jobs, one of them with a label ``namespace`` of its own."""
    fleet = small("duplicate-target", "namespace-label")
    with World.start(Plan(fleet=fleet, faults=True, scrape_interval=INTERVAL)) as world:
        yield world


@pytest.fixture
def prometheus(healthy: World) -> Iterator[Front]:
    """Prometheus, for the command; it is at fault where a test says so."""
    with Front(healthy.prometheus) as front:
        yield front


@pytest.fixture
def api(healthy: World, tmp_path: Path) -> Iterator[Api]:
    with Front(healthy.api.url, authority=healthy.api.authority) as front:
        yield Api(healthy, front, tmp_path)


@pytest.fixture
def api_of_twice(twice: World, tmp_path: Path) -> Iterator[Api]:
    with Front(twice.api.url, authority=twice.api.authority) as front:
        yield Api(twice, front, tmp_path)


@pytest.fixture
def stack(healthy: World, tmp_path: Path) -> Iterator[Stack]:
    with monitored(healthy, tmp_path) as stack:
        yield stack
