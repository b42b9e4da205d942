"""What the clients make of hostile answers: each ends soon, costs little, and is a reason that names the server."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import pytest
from kubernetes import config

from maintainer.clients.cluster import Cluster
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.limits import Limits
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.web import Web
from maintainer.errors import SourceUnavailable
from maintainer.sandbox.api import kubeconfig
from tests.servers.hostile import BROKEN_CONTENTS, BROKEN_TRANSFERS
from tests.servers.scripted import Says, Scripted, says, scalar

TIMEOUT = 0.15
LIMITS = Limits(size=1 << 20, query=1 << 20, page=1 << 20)
WITHIN = 8.0
"""Seconds, far more than any of these takes on a machine that has other work: two tries again take 1 second."""
SLOW = BROKEN_TRANSFERS["a slow body"]()


def of_prometheus(read: Callable[[Prometheus], object], url: str, _: Path, limits: Limits = LIMITS) -> object:
    with closing(Prometheus(Endpoint(url, timeout=TIMEOUT, limits=limits))) as client:
        return read(client)


def of_web(who: str, url: str, _: Path, limits: Limits = LIMITS) -> object:
    with closing(Web(Endpoint(url, timeout=TIMEOUT, limits=limits), who)) as client:
        return client.get("api", dict[str, dict[str, str]])


def of_cluster(read: Callable[[Cluster], object], url: str, folder: Path, limits: Limits = LIMITS) -> object:
    (folder / "kubeconfig").write_text(kubeconfig(url), "utf-8")
    api = config.new_client_from_config(str(folder / "kubeconfig"), persist_config=False)
    with closing(Cluster(api, name="a", inside=False, timeout=(1, TIMEOUT), limits=limits)) as client:
        return read(client)


SOURCES: Mapping[str, Callable[..., object]] = {
    "a query": partial(of_prometheus, lambda prometheus: prometheus.vector("up")),
    "the clock": partial(of_prometheus, Prometheus.time),
    "the targets": partial(of_prometheus, Prometheus.targets),
    "the rules": partial(of_prometheus, Prometheus.rules),
    "the configuration": partial(of_prometheus, lambda prometheus: prometheus.status("config")),
    "Alertmanager": partial(of_web, "Alertmanager"),
    "Grafana": partial(of_web, "Grafana"),
    "the Rollouts": partial(of_cluster, lambda cluster: cluster.rollouts("")),
    "the versions of Rollouts": partial(of_cluster, lambda cluster: cluster.rollout_versions("")),
    "a ConfigMap": partial(of_cluster, lambda cluster: cluster.config_map("a", "b")),
}


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(scalar()) as server:
        yield server


def refused(read: Callable[[], object]) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        read()
    return caught.value


def assert_refused(server: Scripted, source: str, folder: Path) -> None:
    begun = monotonic()
    error = refused(lambda: SOURCES[source](server.url, folder))
    assert monotonic() - begun < WITHIN
    assert error.params.get("url") == server.url
    assert len(str(error)) < 3000


@pytest.mark.parametrize("source", ["a query", "Grafana", "the Rollouts"])
@pytest.mark.parametrize("kind", BROKEN_TRANSFERS)
def test_an_answer_that_does_not_end_well_is_a_reason(server: Scripted, kind: str, source: str, tmp_path: Path) -> None:
    server.script = [BROKEN_TRANSFERS[kind]()]
    assert_refused(server, source, tmp_path)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("kind", BROKEN_CONTENTS)
def test_an_answer_that_is_not_of_the_api_is_a_reason(server: Scripted, kind: str, source: str, tmp_path: Path) -> None:
    server.script = [BROKEN_CONTENTS[kind]()]
    assert_refused(server, source, tmp_path)


@pytest.mark.parametrize("source", ["a query", "Grafana", "the Rollouts"])
@pytest.mark.parametrize("answer", [Says(504), says({}, 429, Retry_After="3600"), SLOW], ids=["504", "429", "slow"])
def test_a_server_that_gave_up_or_asks_for_patience_is_not_asked_again(
    server: Scripted, answer: Says, source: str, tmp_path: Path
) -> None:
    server.script = [answer]
    assert_refused(server, source, tmp_path)
    assert len(server.asked) == 1


@pytest.mark.parametrize("source", ["a query", "Grafana", "the Rollouts"])
def test_nothing_is_asked_when_the_time_of_the_run_is_over(server: Scripted, source: str, tmp_path: Path) -> None:
    error = refused(lambda: SOURCES[source](server.url, tmp_path, Limits(end=monotonic(), run=900)))
    assert (error.reason, error.params) == ("run-over", {"seconds": 900})
    assert server.asked == []


@pytest.mark.parametrize("source", ["a query", "Grafana", "the Rollouts"])
def test_an_answer_that_comes_after_the_end_of_the_run_is_not_waited_for(
    server: Scripted, source: str, tmp_path: Path
) -> None:
    server.script = [SLOW]
    error = refused(lambda: SOURCES[source](server.url, tmp_path, Limits(end=monotonic() + 0.1, run=900)))
    assert error.reason == "run-over"


@pytest.mark.parametrize("source", ["a query", "Grafana", "the Rollouts"])
def test_a_redirect_to_another_host_carries_nothing_there(server: Scripted, source: str, tmp_path: Path) -> None:
    with Scripted(scalar()) as elsewhere:
        server.script = [Says(307, headers={"Location": f"{elsewhere.url}/api/v1/query"})]
        error = refused(lambda: SOURCES[source](server.url, tmp_path))
        assert elsewhere.asked == []
    assert elsewhere.url in str(error.params)


def test_the_time_of_an_answer_begins_anew_with_each_request(server: Scripted, tmp_path: Path) -> None:
    def twice(prometheus: Prometheus) -> None:
        for _ in range(3):
            sleep(TIMEOUT)
            prometheus.time()

    of_prometheus(twice, server.url, tmp_path)
    assert len(server.asked) == 3
