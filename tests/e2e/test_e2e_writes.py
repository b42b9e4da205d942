"""The API server of the sandbox answers to writes as a real one does."""

from collections.abc import Iterator

import pytest
import requests

from maintainer.sandbox.api import TOKEN, ApiServer
from maintainer.sandbox.cluster import namespaces
from maintainer.sandbox.store import Store
from tests.e2e.kube import Kube
from tests.e2e.plane import api_server
from tests.sandbox.write_table import CASES, NAMESPACE, answers


@pytest.fixture(scope="module")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    with api_server(tmp_path_factory.mktemp("plane")) as plane:
        plane.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        yield plane.kube


@pytest.fixture(scope="module")
def sandbox() -> Iterator[ApiServer]:
    store = Store()
    namespaces(store, [NAMESPACE])
    server = ApiServer(store).start()
    yield server
    server.stop()


def session(token: str) -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    made.headers["Authorization"] = f"Bearer {token}"
    return made


@pytest.mark.parametrize("name", CASES)
def test_both_servers_answer_the_same(kube: Kube, sandbox: ApiServer, name: str) -> None:
    with session(kube.token) as http:
        http.verify = str(kube.ca_file)
        real = list(answers(kube.url, http, CASES[name]))
    with session(TOKEN) as http:
        played = list(answers(sandbox.url, http, CASES[name]))
    assert played == real
