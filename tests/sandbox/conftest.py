from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from maintainer.sandbox.api import TOKEN, ApiServer
from maintainer.sandbox.fleet import Fleet, read_fleet, synthetic
from maintainer.sandbox.store import Store
from maintainer.sandbox.world import put_rollouts


@pytest.fixture(scope="session")
def fleet() -> Fleet:
    return read_fleet()


@pytest.fixture
def store(fleet: Fleet) -> Store:
    store = Store()
    put_rollouts(store, fleet, rollouts=synthetic(12, per_namespace=4))
    return store


@pytest.fixture
def api(store: Store) -> Iterator[ApiServer]:
    server = ApiServer(store)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {TOKEN}"
        yield session


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 10, 1, tzinfo=UTC)
