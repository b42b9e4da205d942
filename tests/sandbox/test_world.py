import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any, cast

import pytest
import requests
import yaml
from kubernetes import client, config

from maintainer.errors import ConfigError
from maintainer.sandbox.fleet import Placed, read_fleet
from maintainer.sandbox.history import TargetLabels
from maintainer.sandbox.world import Plan, World

Found = dict[tuple[tuple[str, str], ...], float]


CONFIG_VOLUME = {"name": "prometheus-config", "defaultMode": 420}

PLANS = {
    "healthy": Plan(moving=True, scrape_interval=0.2, pods=2, history=timedelta(hours=2), changes_per_second=20),
    "faulty": Plan(faults=True, scrape_interval=0.2, cache_lag=(0.1, 0.5)),
    "silent": Plan(faults=True, fleet=read_fleet().with_faults("silent"), scrape_interval=0.2),
    "empty": Plan(fleet=read_fleet().with_rollouts([]), scrape_interval=0.2),
}


@pytest.fixture(scope="module")
def contexts() -> dict[str, AbstractContextManager[World]]:
    return {name: World.start(plan) for name, plan in PLANS.items()}


@pytest.fixture(scope="module")
def worlds(contexts: dict[str, AbstractContextManager[World]]) -> Iterator[dict[str, World]]:
    """Started in parallel, because the start mostly waits for Prometheus' service discovery."""
    with ThreadPoolExecutor() as pool, ExitStack() as stack:
        started = {name: pool.submit(stack.enter_context, context) for name, context in contexts.items()}
        yield {name: world.result() for name, world in started.items()}


@pytest.fixture
def healthy(worlds: dict[str, World]) -> World:
    return worlds["healthy"]


@pytest.fixture
def faulty(worlds: dict[str, World]) -> World:
    return worlds["faulty"]


@pytest.fixture
def http(http: requests.Session, healthy: World, tmp_path: Path) -> requests.Session:
    """A session that trusts the API server's certificate."""
    authority = tmp_path / "ca.crt"
    authority.write_text(healthy.api.authority, "utf-8")
    http.verify, http.trust_env = str(authority), False
    return http


def query(world: World, promql: str) -> Found:
    answer = requests.get(f"{world.prometheus}/api/v1/query", params={"query": promql}, timeout=5).json()
    return {tuple(sorted(row["metric"].items())): float(row["value"][1]) for row in answer["data"]["result"]}


def shows(world: World, promql: str, wanted: Found) -> bool:
    """Whether this is the result of a query within a minute: on a busy machine a scrape of 0.2 s may fail."""
    deadline = monotonic() + 60
    while query(world, promql) != wanted:
        if monotonic() > deadline:
            return False
        sleep(0.1)
    return True


def api(world: World, path: str) -> Any:
    return requests.get(f"{world.prometheus}/api/v1/{path}", timeout=5).json()["data"]


def loaded(world: World) -> dict[str, str]:
    """The expression of each alert in Prometheus, by name."""
    groups = api(world, "rules")["groups"]
    assert {rule["health"] for group in groups for rule in group["rules"]} == {"ok"}
    return {rule["name"]: rule["query"] for group in groups for rule in group["rules"]}


def configmap(world: World, name: str) -> dict[str, str]:
    found = world.store.get("configmaps", ("monitoring", name))
    assert found
    data: dict[str, str] = found["data"]
    return data


def test_every_target_is_up_and_the_leader_prints_the_whole_fleet(healthy: World) -> None:
    assert shows(healthy, "sum(up)", {(): 2})
    assert shows(healthy, "count(group by (namespace, name) (rollout_info))", {(): 120})
    assert shows(healthy, "count(count by (instance) (rollout_info))", {(): 1})
    assert healthy.expected == frozenset()


def test_two_hours_are_remembered_and_live_samples_are_taken_from_the_start(healthy: World) -> None:
    [samples] = query(healthy, 'max(count_over_time(up{job="argo-rollouts"}[3h] offset 5m))').values()
    assert samples == 481
    assert query(healthy, "rollout_info offset 1h").keys() >= query(healthy, 'rollout_info{name="cart"}').keys()
    assert not query(healthy, "up offset 4h")


def test_the_moving_rollouts_change(healthy: World) -> None:
    before = healthy.churn.changes
    deadline = monotonic() + 5
    while healthy.churn.changes < before + 5:
        assert monotonic() < deadline


def test_the_kubernetes_client_reads_the_world(healthy: World) -> None:
    with config.new_client_from_config(str(healthy.kubeconfig)) as api:
        rollouts = client.CustomObjectsApi(api).list_cluster_custom_object("argoproj.io", "v1alpha1", "rollouts")
        lease = client.CoordinationV1Api(api).read_namespaced_lease("argo-rollouts-controller-lock", "argo-rollouts")
        found = client.CoreV1Api(api).list_service_for_all_namespaces(
            label_selector="app.kubernetes.io/name=prometheus"
        )
        pods = client.CoreV1Api(api).list_namespaced_pod("argo-rollouts")
        slices = client.DiscoveryV1Api(api).list_namespaced_endpoint_slice("argo-rollouts")
    assert len(cast(dict[str, Any], rollouts)["items"]) == 120
    assert lease.spec
    assert (lease.spec.holder_identity or "").startswith(f"{healthy.controllers[0].pod}_")
    assert [item.metadata and item.metadata.name for item in found.items] == ["prometheus"]
    assert len(pods.items) == len(slices.items) == 2


def test_prometheus_answers_through_the_service_proxy(healthy: World, http: requests.Session) -> None:
    path = "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query"
    answer = http.post(healthy.api.url + path, data={"query": "1 + 1"}, timeout=5)
    assert answer.json()["data"]["result"][1] == "2"


def test_the_environment_names_what_the_world_has(healthy: World) -> None:
    assert healthy.environment() == {
        "KUBECONFIG": str(healthy.kubeconfig),
        "MAINTAINER_PROMETHEUS_URL": healthy.prometheus,
        "MAINTAINER_CLUSTER_NAME": "sandbox",
    }


def test_planted_faults_are_visible_in_prometheus(faulty: World) -> None:
    of_both: Found = {(("job", "argo-rollouts"),): 119.0, (("job", "kubernetes-pods"),): 119.0}
    assert shows(faulty, "count by (job) (rollout_info)", of_both)
    assert shows(faulty, 'count(rollout_info{exported_namespace!="", namespace="argo-rollouts"})', {(): 119})
    assert shows(faulty, 'group(rollout_info{name="cart-v1"})', {(): 1})
    assert shows(faulty, 'group(rollout_info{name="mfa", phase="Error"})', {(): 1})
    assert not query(faulty, 'rollout_info{name="refund"}')


def test_what_must_be_found_names_the_targets_of_this_world(faulty: World) -> None:
    [instance] = faulty.instances.values()
    assert ("coverage/duplicate", f"Target/kubernetes-pods {instance}") in faulty.expected
    assert len({check for check, _ in faulty.expected}) == 13


def test_prometheus_has_loaded_the_rules_of_the_configmap_and_evaluates_them(healthy: World) -> None:
    config = configmap(healthy, "prometheus-config")
    assert loaded(healthy) == {
        rule["alert"]: rule["expr"]
        for group in yaml.safe_load(config["alert-rules.yml"])["groups"]
        for rule in group["rules"]
    }
    running = yaml.safe_load(api(healthy, "status/config")["yaml"])
    written = yaml.safe_load(config["prometheus.yml"])
    assert [job["job_name"] for job in running["scrape_configs"]] == ["argo-rollouts"]
    assert running["scrape_configs"][0]["static_configs"] == written["scrape_configs"][0]["static_configs"]
    assert api(healthy, "status/runtimeinfo")["reloadConfigSuccess"] is True
    assert api(healthy, "status/flags")["storage.tsdb.retention.time"] == "30d"


def test_alerts_reach_an_alertmanager_that_tells_slack(healthy: World, http: requests.Session) -> None:
    [found] = api(healthy, "alertmanagers")["activeAlertmanagers"]
    assert found["url"] == f"{healthy.alertmanager}/api/v2/alerts"
    alert = {"labels": {"alertname": "RolloutFailed", "severity": "critical"}}
    assert requests.post(found["url"], json=[alert], timeout=5).ok
    proxy = f"{healthy.api.url}/api/v1/namespaces/monitoring/services/alertmanager:9093/proxy/api/v2"
    deadline = monotonic() + 5
    while not (alerts := http.get(f"{proxy}/alerts", timeout=5).json()):
        assert monotonic() < deadline
    assert [receiver["name"] for receiver in alerts[0]["receivers"]] == ["slack"]


def test_nothing_stands_behind_grafana_and_its_dashboard_is_there(healthy: World, http: requests.Session) -> None:
    services = f"{healthy.api.url}/api/v1/namespaces/monitoring/services"
    assert http.get(f"{services}/grafana:3000/proxy/", timeout=5).status_code == 503
    board = json.loads(configmap(healthy, "grafana-dashboard-argo-rollouts")["argo-rollouts-dashboard.json"])
    assert (board["title"], board["schemaVersion"]) == ("Argo Rollouts Monitoring", 39)


def test_the_pod_of_prometheus_is_the_one_that_its_service_selects(healthy: World) -> None:
    service = healthy.store.get("services", ("monitoring", "prometheus"))
    pod = healthy.store.get("pods", ("monitoring", "prometheus-0"))
    assert service
    assert pod
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert healthy.store.get("serviceaccounts", ("monitoring", pod["spec"]["serviceAccountName"]))
    [name] = [volume["name"] for volume in pod["spec"]["volumes"] if volume.get("configMap") == CONFIG_VOLUME]
    [container] = pod["spec"]["containers"]
    assert {"name": name, "mountPath": "/etc/prometheus"} in container["volumeMounts"]
    assert "--config.file=/etc/prometheus/prometheus.yml" in container["args"]


def test_faults_of_the_stack_are_there_for_real(faulty: World) -> None:
    deployed = yaml.safe_load(configmap(faulty, "prometheus-config")["alert-rules.yml"])
    names = {rule["alert"] for rule in deployed["groups"][0]["rules"]}
    assert names - loaded(faulty).keys() == {"RolloutStuck"}
    assert loaded(faulty)["RolloutFailed"] == 'rollout_info{phase="Degraded"} == 1'
    status = requests.get(f"{faulty.alertmanager}/api/v2/status", timeout=5).json()
    routes = yaml.safe_load(status["config"]["original"])["route"]["routes"]
    assert [route["receiver"] for route in routes] == ["nobody"]


def test_without_a_leader_targets_are_up_and_no_rollout_is_emitted(worlds: dict[str, World]) -> None:
    world = worlds["silent"]
    assert shows(world, "sum(up)", {(): 1})
    assert not query(world, "rollout_info")
    lease = world.store.get("leases", ("argo-rollouts", "argo-rollouts-controller-lock"))
    assert lease
    assert not lease["spec"]["holderIdentity"].startswith(tuple(world.instances))
    assert world.expected == {("pipeline/emitter", "Service/argo-rollouts/argo-rollouts-metrics")}


def test_a_world_may_be_empty_and_be_filled_later(worlds: dict[str, World]) -> None:
    world = worlds["empty"]
    assert not query(world, "rollout_info")
    world.put(Placed("healthy-canary", "checkout", "cart"))
    deadline = monotonic() + 5
    while not query(world, 'rollout_info{name="cart", phase="Completed"}'):
        assert monotonic() < deadline


def test_a_world_that_stops_leaves_nothing_behind(worlds: dict[str, World]) -> None:
    world = worlds["healthy"]
    assert world.kubeconfig.parent.exists()
    begun = monotonic()
    world.stop()
    assert monotonic() - begun < 1.5
    assert not world.kubeconfig.parent.exists()
    with pytest.raises(requests.ConnectionError):
        query(world, "up")


def test_without_the_programs_on_the_path_one_line_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match=r"promtool and alertmanager not found .*apt-get"), World.start(Plan()):
        pass


def test_the_labels_of_a_target_win_and_empty_ones_are_left_out() -> None:
    target = TargetLabels({"job": "j", "namespace": "argo-rollouts"})
    assert target.stored({"namespace": "checkout", "x": ""}) == (
        'exported_namespace="checkout",job="j",namespace="argo-rollouts"'
    )
