"""Whose routes are judged: those of the Alertmanager that Prometheus names, and of no other."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from maintainer.clients.cluster import Cluster, connect
from maintainer.clients.endpoint import ServiceAddress
from maintainer.collect.pipeline.alertmanager import alertmanager, find_alertmanager
from maintainer.collect.pipeline.same_service import services_behind
from maintainer.collect.sources import Sources
from maintainer.errors import SourceUnavailable
from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.store import Store
from tests.servers.scripted import Scripted, says

NOBODY = "http://127.0.0.1:9"
"""A port on which nothing listens."""


@pytest.fixture
def api() -> Iterator[ApiServer]:
    api = ApiServer(Store()).start()
    yield api
    api.stop()


@pytest.fixture
def cluster(api: ApiServer, tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "kubeconfig").write_text(kubeconfig(api.url), "utf-8")
    with closing(connect("", str(tmp_path / "kubeconfig"))) as cluster:
        yield cluster


@pytest.fixture
def running(api: ApiServer) -> Iterator[Scripted]:
    """An Alertmanager that can be reached through the API server only, as the Service monitoring/alertmanager."""
    config = "route: {receiver: team}\nreceivers: [{name: team}]\n"
    with Scripted(says({"config": {"original": config}})) as server:
        add_service(api, "alertmanager")
        api.backend("monitoring", "alertmanager", server.url)
        yield server


def add_service(api: ApiServer, name: str, *, ip: str = "10.96.0.7", pods: tuple[str, ...] = (), port: int = 9) -> None:
    """A Service with its EndpointSlice; ``port`` is that of the pods, the Service's is 9093."""
    metadata = {"namespace": "monitoring", "name": name, "labels": {"app": "alertmanager"}}
    spec = {"clusterIP": ip, "ports": [{"name": "web", "port": 9093, "targetPort": port}]}
    api.store.put("services", {"metadata": metadata, "spec": spec})
    own = {"namespace": "monitoring", "name": f"{name}-x1", "labels": {"kubernetes.io/service-name": name}}
    endpoints = [{"addresses": [pod]} for pod in pods]
    api.store.put("endpointslices", {"metadata": own, "endpoints": endpoints, "ports": [{"name": "web", "port": port}]})


def refused(cluster: Cluster, *active: str) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        alertmanager(Sources(cluster, None), "", active=active)
    return caught.value


def test_another_alertmanager_of_the_cluster_is_not_judged_in_its_place(cluster: Cluster, running: Scripted) -> None:
    error = refused(cluster, NOBODY)
    assert error.reason == "other-alertmanager"
    assert (error.params["urls"], error.params["names"]) == (NOBODY, "monitoring/alertmanager")
    assert "refused" in str(error.params["detail"])
    assert running.asked == []


def test_the_service_of_the_pod_that_prometheus_names_is_asked(
    api: ApiServer, cluster: Cluster, running: Scripted
) -> None:
    add_service(api, "alertmanager", pods=("127.0.0.1",))
    found = alertmanager(Sources(cluster, None), "", active=(f"{NOBODY}/alerts",))
    assert "/services/alertmanager:9093/proxy/alerts" in found.url
    assert running.asked[0].path == "/alerts/api/v2/status"


def test_the_address_of_the_settings_is_the_only_one_that_is_asked(cluster: Cluster, running: Scripted) -> None:
    with pytest.raises(SourceUnavailable, match="web-connection"):
        alertmanager(Sources(cluster, None), NOBODY, active=("http://alertmanager.monitoring.svc:9093",))
    assert running.asked == []


def test_without_any_alertmanager_in_the_cluster_the_gap_names_none(cluster: Cluster) -> None:
    assert refused(cluster, NOBODY).reason == "no-alertmanager"


@pytest.mark.parametrize(
    "url",
    [
        "http://alertmanager.monitoring.svc:9093",
        "http://alertmanager.monitoring.svc.cluster.local:9093",
        "http://alertmanager.monitoring:9093",
        "http://alertmanager-0.alertmanager.monitoring.svc:9093",
        "http://alertmanager-0.alertmanager.monitoring.svc:9",
        "http://10.96.0.7:9093",
        "http://10.244.1.3:9",
        "http://[fd00::3]:9",
    ],
)
def test_a_name_a_cluster_ip_and_the_address_of_a_pod_show_the_service(
    api: ApiServer, cluster: Cluster, url: str
) -> None:
    add_service(api, "other", ip="10.96.0.8", pods=("10.244.1.4",))
    add_service(api, "alertmanager", pods=("10.244.1.2", "10.244.1.3", "fd00::3"))
    assert [str(found) for found in behind(cluster, url)] == ["http:monitoring/alertmanager:9093"]


@pytest.mark.parametrize(
    "url",
    [
        "http://alertmanager.example.com:9093",
        "http://alertmanager.other.svc:9093",
        "http://alertmanager.monitoring.svc:8080",
        "http://alertmanager:9093",
        "http://10.96.0.7:8080",
        "http://10.244.1.3:8080",
        "http://10.244.9.9:9",
        "http://10.244.1.3:port",
        "http://",
        "",
    ],
)
def test_an_address_that_only_looks_like_it_shows_nothing(api: ApiServer, cluster: Cluster, url: str) -> None:
    add_service(api, "alertmanager", pods=("10.244.1.3",))
    assert behind(cluster, url) == []


def behind(cluster: Cluster, url: str) -> list[ServiceAddress]:
    services = cluster.services()
    return list(services_behind(cluster, [url], services=services, candidates=find_alertmanager(services)))
