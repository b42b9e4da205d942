from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, cast

import pytest
import requests
from kubernetes import client, config

from maintainer.errors import ConfigError
from maintainer.sandbox.fleet import Placed, read_fleet
from maintainer.sandbox.history import TargetLabels
from maintainer.sandbox.world import Plan, World

Found = dict[tuple[tuple[str, str], ...], float]


PLANS = {
    "healthy": Plan(moving=True, scrape_interval=0.2, pods=2, history=timedelta(hours=2), changes_per_second=20),
    "faulty": Plan(faults=True, scrape_interval=0.2, cache_lag=(0.1, 0.5)),
    "empty": Plan(fleet=read_fleet().with_rollouts([]), scrape_interval=0.2),
}


@pytest.fixture(scope="module")
def contexts() -> dict[str, AbstractContextManager[World]]:
    return {name: World.start(plan) for name, plan in PLANS.items()}


@pytest.fixture(scope="module")
def worlds(contexts: dict[str, AbstractContextManager[World]]) -> Iterator[dict[str, World]]:
    """Started side by side: most of the time goes to waiting for Prometheus' service discovery."""
    with ThreadPoolExecutor() as pool, ExitStack() as stack:
        started = {name: pool.submit(stack.enter_context, context) for name, context in contexts.items()}
        yield {name: world.result() for name, world in started.items()}


@pytest.fixture
def healthy(worlds: dict[str, World]) -> World:
    return worlds["healthy"]


@pytest.fixture
def faulty(worlds: dict[str, World]) -> World:
    return worlds["faulty"]


def query(world: World, promql: str) -> Found:
    answer = requests.get(f"{world.prometheus}/api/v1/query", params={"query": promql}, timeout=5).json()
    return {tuple(sorted(row["metric"].items())): float(row["value"][1]) for row in answer["data"]["result"]}


def test_every_target_is_up_and_the_leader_prints_the_whole_fleet(healthy: World) -> None:
    assert list(query(healthy, "sum(up)").values()) == [2]
    assert list(query(healthy, "count(group by (namespace, name) (rollout_info))").values()) == [120]
    assert list(query(healthy, "count(count by (instance) (rollout_info))").values()) == [1]
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
    assert query(faulty, "count by (job) (rollout_info)") == {
        (("job", "argo-rollouts"),): 119,
        (("job", "kubernetes-pods"),): 119,
    }
    assert list(query(faulty, 'count(rollout_info{exported_namespace!="", namespace="argo-rollouts"})').values()) == [
        119
    ]
    assert query(faulty, 'rollout_info{name="cart-v1"}')
    assert not query(faulty, 'rollout_info{name="refund"}')
    assert query(faulty, 'rollout_info{name="mfa", phase="Error"}')


def test_what_must_be_found_names_the_targets_of_this_world(faulty: World) -> None:
    [instance] = faulty.instances.values()
    assert ("coverage/duplicate", f"Target/kubernetes-pods {instance}") in faulty.expected
    assert len({check for check, _ in faulty.expected}) == 12


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
