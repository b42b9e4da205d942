"""Finding Prometheus by the labels of Services, over a real HTTP API."""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web

from maintainer.clients.cluster import connect
from maintainer.clients.endpoint import Endpoint, ServiceAddress, headers_with_token, service_address
from maintainer.collect.connections import PrometheusAccess, open_sources
from maintainer.collect.sources import Sources
from maintainer.errors import ConfigError
from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.store import Store

LABELS = {"app.kubernetes.io/name": "prometheus"}


@pytest.fixture
def api() -> Iterator[ApiServer]:
    api = ApiServer(Store()).start()
    yield api
    api.stop()


def service(
    api: ApiServer, name: str, labels: dict[str, str], *, ip: str = "10.0.0.1", ports: tuple[tuple[str, int], ...] = ()
) -> None:
    """A Service in the namespace monitoring; ``ip`` "None" makes it headless."""
    listed = [{"name": port, "port": number} for port, number in ports or (("web", 9090),)]
    metadata = {"namespace": "monitoring", "name": name, "labels": labels}
    api.store.put("services", {"metadata": metadata, "spec": {"clusterIP": ip, "ports": listed}})


def sources(
    api: ApiServer, tmp_path: Path, endpoint: Endpoint | None = None, *, service: ServiceAddress | None = None
) -> Sources:
    (tmp_path / "kubeconfig").write_text(kubeconfig(api.url), "utf-8")
    connected = partial(connect, "", str(tmp_path / "kubeconfig"))
    return open_sources(connected, prometheus=PrometheusAccess(endpoint or Endpoint(""), service))


def found(api: ApiServer, tmp_path: Path, service: ServiceAddress | None = None) -> str:
    with closing(sources(api, tmp_path, service=service)) as both:
        assert both.prometheus, both.unavailable
        return both.prometheus.url.removeprefix(f"{api.url}/api/v1/namespaces/monitoring/services/")


@pytest.mark.parametrize(
    "labels",
    [
        LABELS,
        {"app": "kube-prometheus-stack-prometheus"},
        {"app": "prometheus", "component": "server"},
        {"operated-prometheus": "true"},
    ],
    ids=lambda labels: next(iter(labels)) + str(len(labels)),
)
def test_a_service_with_the_labels_of_prometheus_is_found(
    api: ApiServer, labels: dict[str, str], tmp_path: Path
) -> None:
    service(api, "prometheus", {**labels, "release": "monitoring"})
    service(api, "grafana", {"app.kubernetes.io/name": "grafana"})
    assert found(api, tmp_path) == "prometheus:9090/proxy"


def test_the_port_of_the_web_interface_is_taken(api: ApiServer, tmp_path: Path) -> None:
    service(api, "prometheus", LABELS, ports=(("reloader-web", 8080), ("http-web", 9090)))
    assert found(api, tmp_path) == "prometheus:9090/proxy"


def test_a_headless_service_of_an_operator_counts_once(api: ApiServer, tmp_path: Path) -> None:
    service(api, "monitoring-prometheus", {"app": "kube-prometheus-stack-prometheus"})
    service(api, "prometheus-operated", {"operated-prometheus": "true"}, ip="None")
    assert found(api, tmp_path) == "monitoring-prometheus:9090/proxy"


def test_a_headless_service_that_is_alone_is_taken(api: ApiServer, tmp_path: Path) -> None:
    service(api, "prometheus-operated", {"operated-prometheus": "true"}, ip="None")
    assert found(api, tmp_path) == "prometheus-operated:9090/proxy"


def test_two_servers_are_for_the_user_to_choose_from(api: ApiServer, tmp_path: Path) -> None:
    service(api, "prometheus-b", LABELS)
    service(api, "prometheus-a", LABELS)
    with pytest.raises(ConfigError) as caught:
        sources(api, tmp_path)
    assert caught.value.exit_code == 2
    assert str(caught.value).splitlines()[1:] == [
        "  --prometheus-service monitoring/prometheus-a:9090",
        "  --prometheus-service monitoring/prometheus-b:9090",
    ]


@pytest.mark.parametrize("name", ["prometheus-alertmanager", "prometheus-node-exporter", "prometheus-pushgateway"])
def test_what_comes_with_prometheus_is_not_prometheus(api: ApiServer, name: str, tmp_path: Path) -> None:
    service(api, name, LABELS)
    with closing(sources(api, tmp_path)) as both:
        assert both.prometheus is None
        assert [
            (unavailable.source, unavailable.reason.id, unavailable.permanent) for unavailable in both.unavailable
        ] == [("prometheus", "gap/prometheus-not-found", True)]


def test_services_that_may_not_be_listed_are_a_gap_with_the_rule(api: ApiServer, tmp_path: Path) -> None:
    api.forbid("list", "services")
    with closing(sources(api, tmp_path)) as both:
        [unavailable] = both.unavailable
    assert (unavailable.source, unavailable.reason.id) == ("prometheus", "gap/cluster-forbidden")
    assert (unavailable.reason.named["group"], unavailable.reason.named["resource"]) == ("", "services")


def test_with_a_url_nothing_is_looked_up(api: ApiServer, tmp_path: Path) -> None:
    with closing(sources(api, tmp_path, Endpoint("http://prometheus.example.com/"))) as both:
        assert both.prometheus
        assert both.prometheus.url == "http://prometheus.example.com"
    assert not api.requests


def test_a_cluster_that_is_out_of_reach_leaves_no_place_to_look(tmp_path: Path) -> None:
    both = open_sources(partial(connect, "", str(tmp_path / "missing")), prometheus=PrometheusAccess(Endpoint("")))
    assert [(unavailable.source, unavailable.reason.id) for unavailable in both.unavailable] == [
        ("cluster", "gap/no-access"),
        ("prometheus", "gap/no-access"),
    ]


def test_headers_such_as_the_tenant_go_through_the_api_server(api: ApiServer, tmp_path: Path) -> None:
    """The credentials are those of the API server, which removes them before it forwards the request."""
    seen: list[tuple[str | None, bool]] = []

    async def tell(request: web.Request) -> web.Response:
        seen.append((request.headers.get("X-Scope-OrgID"), "Authorization" in request.headers))
        return web.json_response({"status": "success", "data": {"resultType": "scalar", "result": [7, "7"]}})

    app = web.Application()
    app.router.add_post("/api/v1/query", tell)
    service(api, "prometheus", LABELS)
    api.backend("monitoring", "prometheus", api.serving.listen(app))
    endpoint = Endpoint("", headers=headers_with_token({"X-Scope-OrgID": "a"}, ""))
    with closing(sources(api, tmp_path, endpoint)) as both:
        assert both.prometheus
        assert both.prometheus.time() == 7
    assert seen == [("a", False)]


@pytest.mark.parametrize(
    ("named", "url"),
    [
        ("monitoring/prom", "prom:9091/proxy"),
        ("monitoring/prom:web", "prom:web/proxy"),
        ("monitoring/prom:9090/prometheus/", "prom:9090/proxy/prometheus"),
        ("monitoring/prom/prometheus", "prom:9091/proxy/prometheus"),
        ("https:monitoring/prom:web", "https:prom:web/proxy"),
        ("monitoring/prom:web-https", "https:prom:web-https/proxy"),
        ("http:monitoring/prom:8443", "prom:8443/proxy"),
        ("monitoring/tls", "https:tls:9092/proxy"),
    ],
)
def test_a_service_that_is_named_is_reached_through_the_api_server(
    api: ApiServer, named: str, url: str, tmp_path: Path
) -> None:
    service(api, "prom", {}, ports=(("web", 9091),))
    service(api, "tls", {}, ports=(("https", 9092),))

    assert found(api, tmp_path, service_address(named)) == url


def test_a_service_that_does_not_exist_is_a_gap_with_its_name(api: ApiServer, tmp_path: Path) -> None:
    with closing(sources(api, tmp_path, service=service_address("monitoring/prom"))) as both:
        [unavailable] = both.unavailable

    assert (unavailable.reason.id, unavailable.permanent) == ("gap/prometheus-no-service", True)
    assert unavailable.reason.named["service"] == "monitoring/prom"


def test_with_a_url_the_service_only_tells_what_is_behind_it(api: ApiServer, tmp_path: Path) -> None:
    endpoint = Endpoint("http://prometheus.example.com")
    with closing(sources(api, tmp_path, endpoint, service=service_address("monitoring/prom"))) as both:
        assert both.prometheus
        assert (both.prometheus.url, both.service) == ("http://prometheus.example.com", ("monitoring", "prom"))


@pytest.mark.parametrize(
    "endpoint",
    [
        Endpoint("", basic=("user", "password")),
        Endpoint("", headers=headers_with_token({"authorization": "Bearer x"}, "")),
    ],
    ids=["basic", "header"],
)
@pytest.mark.parametrize("named", ["", "monitoring/prometheus:9090"], ids=["looked up", "named"])
def test_credentials_that_the_api_server_removes_are_refused(
    api: ApiServer, endpoint: Endpoint, named: str, tmp_path: Path
) -> None:
    service(api, "prometheus", LABELS)

    with pytest.raises(ConfigError, match="do not pass") as caught:
        sources(api, tmp_path, endpoint, service=service_address(named))
    assert "password" not in str(caught.value)
