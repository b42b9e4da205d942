"""What a first look finds in a cluster, over a real HTTP API."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from maintainer.clients.cluster import connect
from maintainer.collect.first_look import first_look
from maintainer.collect.sources import Sources
from maintainer.model.first_look import FirstLook, PrometheusService
from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.store import Store

USUAL = ("monitoring/grafana-dashboard-argo-rollouts",)
ABOUT_ROLLOUTS = '{"panels": [{"targets": [{"expr": "rollout_info"}]}]}'
ABOUT_NODES = '{"panels": [{"targets": [{"expr": "node_load1"}]}]}'


@pytest.fixture
def api() -> Iterator[ApiServer]:
    api = ApiServer(Store()).start()
    yield api
    api.stop()


def look(api: ApiServer, folder: Path) -> FirstLook:
    (folder / "kubeconfig").write_text(kubeconfig(api.url), "utf-8")
    with closing(Sources(connect("", str(folder / "kubeconfig")), None)) as sources:
        return first_look(sources, USUAL)


def config_map(api: ApiServer, namespace: str, name: str, text: str, *, labelled: bool = True) -> None:
    labels = {"grafana_dashboard": "1"} if labelled else {}
    metadata = {"namespace": namespace, "name": name, "labels": labels}
    api.store.put("configmaps", {"metadata": metadata, "data": {"a.json": text}})


def service(api: ApiServer, namespace: str, name: str, app: str, *, release: str = "") -> None:
    metadata = {"namespace": namespace, "name": name, "labels": {"app.kubernetes.io/name": app}}
    if release:
        helm = {"meta.helm.sh/release-namespace": namespace, "meta.helm.sh/release-name": release}
        metadata = {**metadata, "annotations": helm}
    spec = {"clusterIP": "10.0.0.1", "ports": [{"name": "web", "port": 9090}], "selector": {"app": name}}
    api.store.put("services", {"metadata": metadata, "spec": spec})


def test_services_are_found_by_what_they_are(api: ApiServer, tmp_path: Path) -> None:
    service(api, "central", "prometheus", "prometheus")
    service(api, "central", "alerts", "alertmanager")
    found = look(api, tmp_path)

    url = "http://prometheus.central.svc:9090"
    assert found.prometheus == (PrometheusService("central/prometheus:9090", url),)
    assert found.alertmanagers == ("central/alerts",)
    assert {service.name for service in found.services or ()} == {"prometheus", "alerts"}
    assert (found.inside, found.unavailable) == (False, ())


def test_the_helm_releases_of_the_monitoring_are_found_by_its_services(api: ApiServer, tmp_path: Path) -> None:
    service(api, "central", "prometheus", "prometheus", release="stack")
    service(api, "central", "alerts", "alertmanager", release="stack")
    service(api, "argo", "metrics", "argo-rollouts", release="rollouts")
    service(api, "shop", "web", "shop", release="shop")
    metadata = {
        "namespace": "argo",
        "name": "x",
        "labels": {"app.kubernetes.io/name": "argo-rollouts", "app": "metrics"},
    }
    api.store.put("pods", {"metadata": metadata, "spec": {}, "status": {"phase": "Running"}})

    assert look(api, tmp_path).releases == ("argo/rollouts", "central/stack")


def test_dashboards_about_rollouts_are_found_by_their_label(api: ApiServer, tmp_path: Path) -> None:
    config_map(api, "a", "rollouts", ABOUT_ROLLOUTS)
    config_map(api, "a", "nodes", ABOUT_NODES)
    config_map(api, "a", "unlabelled", ABOUT_ROLLOUTS, labelled=False)

    assert look(api, tmp_path).dashboards == ("a/rollouts",)


def test_the_usual_dashboard_needs_no_label_and_is_also_looked_for_beside_prometheus(
    api: ApiServer, tmp_path: Path
) -> None:
    service(api, "central", "prometheus", "prometheus")
    name = USUAL[0].partition("/")[2]
    for namespace in ("monitoring", "central", "elsewhere"):
        config_map(api, namespace, name, ABOUT_ROLLOUTS, labelled=False)

    assert look(api, tmp_path).dashboards == (f"central/{name}", f"monitoring/{name}")


def test_pods_of_controllers_are_found_in_all_namespaces(api: ApiServer, tmp_path: Path) -> None:
    for namespace, app in (("a", "argo-rollouts"), ("b", "argo-rollouts"), ("c", "other")):
        metadata = {"namespace": namespace, "name": "x", "labels": {"app.kubernetes.io/name": app}}
        api.store.put("pods", {"metadata": metadata, "spec": {}, "status": {"phase": "Running"}})

    assert {pod.namespace for pod in look(api, tmp_path).controllers or ()} == {"a", "b"}


def test_what_may_not_be_listed_is_unavailable_and_leaves_the_rest(api: ApiServer, tmp_path: Path) -> None:
    service(api, "central", "prometheus", "prometheus")
    api.forbid("list", "pods")
    found = look(api, tmp_path)

    assert found.controllers is None
    assert [fact.source for fact in found.unavailable] == ["pods"]
    assert found.prometheus
    assert found.dashboards == ()


def test_without_a_cluster_nothing_is_known(tmp_path: Path) -> None:
    found = first_look(Sources(None, None), USUAL)

    assert (found.prometheus, found.controllers, found.services, found.dashboards) == (None, None, None, None)
