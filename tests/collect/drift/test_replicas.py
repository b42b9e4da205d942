"""Each pod behind the Service of Prometheus is asked by itself, by a sandbox of the Kubernetes API."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients.cluster import Cluster
from maintainer.clients.endpoint import Endpoint, ServiceAddress
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.drift.loaded import loaded_configurations
from maintainer.collect.drift.serving import loaded_now
from maintainer.collect.sources import Sources
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Unavailable
from maintainer.sandbox.api import ApiServer
from maintainer.sandbox.store import Store
from tests.servers.connected import connected
from tests.servers.scripted import Says, Scripted, says, success

URL = "http://prometheus.monitoring.svc:9090"
PROXY = "/api/v1/namespaces/monitoring"
NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Behind:
    """A Service of Prometheus in the sandbox, and the servers in its pods by the names of these."""

    api: ApiServer
    cluster: Cluster
    servers: dict[str, Scripted] = field(default_factory=dict)

    def add(self, name: str, server: Scripted, *, ready: bool = True) -> None:
        """A pod with this server, reached at its address and through the API server's proxy."""
        self.servers[name] = server
        status = {"type": "Ready", "status": str(ready), "reason": "" if ready else "ContainersNotReady"}
        container = {"name": "prometheus", "ports": [{"name": "web", "containerPort": server.port}]}
        self.api.store.put(
            "pods",
            {
                "metadata": {"namespace": "monitoring", "name": name, "labels": {"app": "prometheus"}},
                "spec": {"containers": [container]},
                "status": {"phase": "Running", "podIPs": [{"ip": "127.0.0.1"}], "conditions": [status]},
            },
        )
        self.api.backend("monitoring", name, server.url, plural="pods")

    def look(self, endpoint: Endpoint | None = None, **more: Any) -> tuple[Mapping[str, str], tuple[Unavailable, ...]]:
        """The configurations by the servers' names, and what could not be read."""
        with closing(Prometheus(endpoint or Endpoint(URL))) as prometheus:
            loaded, why = loaded_configurations(Sources(self.cluster, prometheus, **more))
        return {each.name: each.config or "" for each in loaded}, why


def answers(config: str) -> list[Says]:
    """What a Prometheus answers in the order in which it is asked."""
    return [
        success({}),
        success({}),
        success({}),
        success({"yaml": config}),
        success({"groups": []}),
        success({"scrapePools": []}),
    ]


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Behind]:
    """A Service with the pods prometheus-0 and prometheus-1, and a pod of something else."""
    api = ApiServer(Store()).start()
    metadata = {"namespace": "monitoring", "name": "prometheus"}
    ports = [{"name": "other", "port": 80, "targetPort": 1}, {"name": "http", "port": 9090, "targetPort": "web"}]
    api.store.put("services", {"metadata": metadata, "spec": {"selector": {"app": "prometheus"}, "ports": ports}})
    api.store.put("pods", {"metadata": {"namespace": "monitoring", "name": "grafana"}, "spec": {"containers": []}})
    with connected(api.url, tmp_path) as cluster, Scripted(*answers("a: 0")) as zero, Scripted(*answers("a: 1")) as one:
        made = Behind(api, cluster)
        made.add("prometheus-0", zero)
        made.add("prometheus-1", one)
        yield made
    api.stop()


def proxied(behind: Behind) -> Endpoint:
    return behind.cluster.proxy(ServiceAddress("monitoring", "prometheus", "http"))


BOTH = {"monitoring/prometheus-0": "a: 0", "monitoring/prometheus-1": "a: 1"}


def test_each_pod_is_asked_at_its_address_where_the_url_names_the_service(behind: Behind) -> None:
    assert behind.look() == (BOTH, ())
    assert [len(server.asked) for server in behind.servers.values()] == [6, 6]
    assert not any("/proxy" in path for _, path in behind.api.requests)


def test_each_pod_is_asked_through_the_api_server_where_the_service_is(behind: Behind) -> None:
    assert behind.look(proxied(behind)) == (BOTH, ())
    path = f"{PROXY}/pods/prometheus-1:{behind.servers['prometheus-1'].port}/proxy/api/v1/rules"
    assert behind.api.requests["GET", path] == 1


def test_a_reader_is_told_the_url_of_the_api_servers_proxy(behind: Behind) -> None:
    with closing(Prometheus(Endpoint(URL))) as prometheus:
        loaded, _ = loaded_configurations(Sources(behind.cluster, prometheus))
        assert prometheus.cost.requests == 12
    port = behind.servers["prometheus-0"].port
    assert loaded[0].server == f"{behind.api.url}{PROXY}/pods/prometheus-0:{port}/proxy"


def test_the_pods_of_a_service_that_the_settings_name_are_asked_without_the_credentials_of_another_url(
    behind: Behind,
) -> None:
    endpoint = Endpoint(NOBODY, headers=lambda: {"X-Secret": "hunter2"}, basic=("me", "hunter2"))
    assert behind.look(endpoint, service=("monitoring", "prometheus")) == (BOTH, ())
    asked = [asked for server in behind.servers.values() for asked in server.asked]
    assert "hunter2" not in str(asked)
    assert not any("authorization" in one.headers for one in asked)


def test_the_only_pod_is_asked_as_the_service_is(behind: Behind) -> None:
    behind.api.store.delete("pods", ("monitoring", "prometheus-1"))
    behind.api.backend("monitoring", "prometheus", behind.servers["prometheus-0"].url)
    loaded, why = behind.look(proxied(behind))
    assert (loaded, why) == ({proxied(behind).url: "a: 0"}, ())


def test_a_url_that_names_no_service_is_the_only_server(behind: Behind) -> None:
    url = behind.servers["prometheus-1"].url
    assert behind.look(Endpoint(url)) == ({url: "a: 1"}, ())


def test_a_pod_that_is_not_ready_is_a_gap_that_names_it(behind: Behind) -> None:
    with Scripted(*answers("a: 2")) as server:
        behind.add("prometheus-2", server, ready=False)
        loaded, (why,) = behind.look()
        assert server.asked == []
    assert loaded == BOTH
    assert (why.source, why.permanent, why.reason.id) == ("loaded", False, "gap/replica-not-ready")
    assert why.reason.named == {"pod": "monitoring/prometheus-2", "why": "ContainersNotReady"}


def test_of_a_restoring_that_cannot_see_all_replicas_the_one_that_is_not_ready_is_named(behind: Behind) -> None:
    with Scripted(*answers("a: 2")) as server:
        behind.add("prometheus-2", server, ready=False)
        with closing(Prometheus(Endpoint(URL))) as client, pytest.raises(SourceUnavailable) as unseen:
            loaded_now(Sources(behind.cluster, client))
    assert (unseen.value.reason, unseen.value.params["pods"]) == ("replicas-not-ready", "monitoring/prometheus-2")


def test_a_pod_without_an_address_is_a_gap_and_costs_no_other(behind: Behind) -> None:
    pod = behind.api.store.get("pods", ("monitoring", "prometheus-0")) or {}
    behind.api.store.put("pods", {**pod, "status": {**pod["status"], "podIPs": []}})
    loaded, (why,) = behind.look()
    assert loaded == {"monitoring/prometheus-1": "a: 1"}
    assert (why.reason.id, why.reason.named["pod"]) == ("gap/replica-not-ready", "monitoring/prometheus-0")


def test_a_pod_that_does_not_answer_costs_no_other_and_is_named(behind: Behind) -> None:
    behind.servers["prometheus-0"].script = [Says(reset=True)]
    loaded, why = behind.look()
    assert loaded == {**BOTH, "monitoring/prometheus-0": ""}
    assert {reason.reason.named["who"] for reason in why} == {"Prometheus monitoring/prometheus-0"}


def test_without_the_right_to_see_the_pods_the_service_is_asked_and_the_right_is_named(behind: Behind) -> None:
    behind.api.backend("monitoring", "prometheus", behind.servers["prometheus-0"].url)
    behind.api.forbid("list", "pods")
    loaded, (why,) = behind.look(proxied(behind))
    assert list(loaded.values()) == ["a: 0"]
    assert (why.source, why.reason.named["resource"]) == ("loaded", "pods")


def test_without_the_right_to_ask_a_pod_through_the_proxy_the_right_is_named(behind: Behind) -> None:
    behind.api.forbid("get", "pods/proxy")
    _, why = behind.look(proxied(behind))
    assert {reason.reason.named["resource"] for reason in why} == {"pods/proxy"}


def test_the_server_that_evaluates_rules_is_asked_besides(behind: Behind) -> None:
    with Scripted(*answers("a: 2")) as server, closing(Prometheus(Endpoint(server.url))) as ruler:
        loaded, why = behind.look(ruler=ruler)
    assert (loaded, why) == ({**BOTH, server.url: "a: 2"}, ())


def test_what_is_no_answer_of_prometheus_is_a_gap(behind: Behind) -> None:
    behind.servers["prometheus-1"].script = [says({"status": "error", "error": "starting"}, 503)]
    loaded, why = behind.look()
    assert loaded["monitoring/prometheus-1"] == ""
    assert why
