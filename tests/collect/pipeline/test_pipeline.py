"""The parts of the pipeline: Services by URL, the resync period, permissions, stored rules, and Alertmanager."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import pytest

from maintainer.clients.cluster import Cluster, connect
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.objects import ServiceStruct
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.pipeline.alertmanager import find_alertmanager
from maintainer.collect.pipeline.cluster_state import SAME_START, prometheus_pods, rules_in_config_map, service_of
from maintainer.collect.pipeline.counts import RESYNC, resync_period
from maintainer.collect.pipeline.rbac import permissions
from maintainer.collect.sources import SourceReader, attempt
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Key, Target
from maintainer.model.guard import unguarded
from maintainer.model.pipeline import Discovery, Permissions, Pod, PrometheusConfig
from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.store import Store
from tests.servers.connected import connected
from tests.servers.scripted import Scripted, says

NODES = Discovery("job", "endpoints", ("argo-rollouts",), attached=("nodes",))
WIDE = Discovery("job", "pod")
POD = Pod("monitoring", "prometheus-0", account="prometheus")


@pytest.fixture
def api() -> Iterator[ApiServer]:
    api = ApiServer(Store()).start()
    yield api
    api.stop()


@pytest.fixture
def cluster(api: ApiServer, tmp_path: Path) -> Iterator[Cluster]:
    with connected(api.url, tmp_path) as cluster:
        yield cluster


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("http://prometheus.monitoring.svc:9090", ("monitoring", "prometheus")),
        ("https://prometheus.monitoring.svc.cluster.local/path", ("monitoring", "prometheus")),
        ("https://10.0.0.1/api/v1/namespaces/mon/services/prom:9090/proxy", ("mon", "prom")),
        ("https://10.0.0.1/api/v1/namespaces/mon/services/https:prom:web/proxy/path", ("mon", "prom")),
        ("https://prometheus.example.com", None),
        ("http://127.0.0.1:9090", None),
        ("http://prometheus:9090", None),
    ],
)
def test_a_url_of_the_cluster_names_a_service(url: str, service: Key | None) -> None:
    assert service_of(url) == service


@pytest.mark.parametrize(
    ("words", "period"),
    [
        ((), RESYNC),
        (("--rollout-resync=600",), 600.0),
        (("rollouts-controller", "--rollout-resync", "1800", "--metricsPort=8090"), 1800.0),
        (("--namespaced",), RESYNC),
    ],
)
def test_the_resync_is_that_of_the_flag(words: tuple[str, ...], period: float) -> None:
    assert resync_period([Pod("argo-rollouts", "controller", words=words), Pod("argo-rollouts", "other")]) == period


@pytest.mark.parametrize("words", [("--rollout-resync=0",), ("--rollout-resync",), ("sh -c 'x --rollout-resync 60'",)])
def test_a_resync_that_is_off_or_cannot_be_read_is_unavailable(words: tuple[str, ...]) -> None:
    with pytest.raises(SourceUnavailable, match="resync-off"):
        resync_period([Pod("argo-rollouts", "controller", words=words)])


def target(pool: str) -> Target:
    return Target((), {}, pool, "", healthy=True, down=False, error="", last_scrape=0, interval=1, timeout=1)


@pytest.fixture
def reviewing(tmp_path: Path) -> Iterator[tuple[Cluster, Scripted]]:
    """A cluster whose reviews allow everything."""
    with Scripted(says({"status": {"allowed": True}}, 201)) as server:
        (tmp_path / "kubeconfig").write_text(kubeconfig(server.url), "utf-8")
        with closing(connect("", str(tmp_path / "kubeconfig"))) as cluster:
            yield cluster, server


def needed(reviewing: tuple[Cluster, Scripted], *discoveries: Discovery, pools: tuple[str, ...] = ()) -> Permissions:
    cluster, _ = reviewing
    config, targets = PrometheusConfig(discoveries=discoveries), [target(pool) for pool in pools]
    return permissions(cluster, config, targets=targets, pods=[POD], namespace="argo-rollouts")


def written(found: Permissions) -> set[str]:
    return {f"{right.verb} {right.group}/{right.resource} {right.namespace or '*'}" for right in found.granted}


@pytest.mark.parametrize(
    ("role", "resources"),
    [
        ("pod", {"/pods"}),
        ("service", {"/services"}),
        ("endpoints", {"/endpoints", "/pods", "/services"}),
        ("endpointslice", {"discovery.k8s.io/endpointslices", "/pods", "/services"}),
        ("ingress", {"networking.k8s.io/ingresses"}),
    ],
)
def test_each_role_of_discovery_lists_and_watches_its_resources(
    reviewing: tuple[Cluster, Scripted], role: str, resources: set[str]
) -> None:
    found = needed(reviewing, Discovery("job", role, ("a", "b")), pools=("job",))

    assert written(found) == {
        f"{verb} {resource} {where}" for verb in ("list", "watch") for resource in resources for where in "ab"
    }
    assert found.rollouts is True
    assert len(reviewing[1].asked) == len(found.granted) + 1


def test_nodes_are_in_no_namespace(reviewing: tuple[Cluster, Scripted]) -> None:
    assert {"list /nodes *", "watch /nodes *"} < written(needed(reviewing, NODES))
    assert written(needed(reviewing, Discovery("job", "node", ("argo-rollouts",)))) == {
        "list /nodes *",
        "watch /nodes *",
    }


def test_the_jobs_that_gave_the_targets_count_and_no_others(reviewing: tuple[Cluster, Scripted]) -> None:
    found = needed(reviewing, WIDE, Discovery("another", "node"), pools=("job",))

    assert written(found) == {"list /pods *", "watch /pods *"}


def test_without_targets_the_jobs_count_that_could_reach_the_controller(reviewing: tuple[Cluster, Scripted]) -> None:
    found = needed(reviewing, WIDE, Discovery("far", "service", ("elsewhere",)))

    assert written(found) == {"list /pods *", "watch /pods *"}


def test_a_job_with_other_credentials_is_named_and_not_checked(reviewing: tuple[Cluster, Scripted]) -> None:
    found = needed(reviewing, Discovery("job", "pod", foreign=True))

    assert (found.foreign, found.granted, found.refused, found.rollouts) == (("job",), (), (), None)
    assert reviewing[1].asked == []


def test_static_targets_need_no_permission(reviewing: tuple[Cluster, Scripted]) -> None:
    assert needed(reviewing, WIDE, pools=("static",)) == Permissions(("monitoring", "prometheus"))
    assert reviewing[1].asked == []


def test_pods_of_several_accounts_are_unavailable(cluster: Cluster) -> None:
    with pytest.raises(SourceUnavailable, match="many-accounts"):
        permissions(cluster, PrometheusConfig(), targets=[], pods=[POD, Pod("monitoring", "other")], namespace="a")


RULES = """
groups:
  - name: rollouts
    rules:
      - {alert: RolloutFailed, expr: 'rollout_info{phase="Error"} == 1'}
      - {record: 'rollouts:count', expr: count(rollout_info)}
"""


STARTED = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        pytest.param(-SAME_START, None, id="as early as a clock may be set"),
        pytest.param(SAME_START, None, id="as late"),
        pytest.param(SAME_START + 1, "other-prometheus", id="later"),
        pytest.param(-SAME_START - 1, "other-prometheus", id="earlier"),
        pytest.param(None, "unknown-prometheus", id="no start time"),
    ],
)
def test_a_server_is_the_only_prometheus_if_they_started_together(
    api: ApiServer, cluster: Cluster, seconds: float | None, reason: str | None
) -> None:
    named = {"namespace": "monitoring", "name": "prometheus", "labels": {"app.kubernetes.io/name": "prometheus"}}
    ports = [{"name": "http", "port": 9090, "targetPort": 9090}]
    api.store.put("services", {"metadata": named, "spec": {"selector": named["labels"], "ports": ports}})
    running = {"name": "prometheus", "state": {"running": {"startedAt": STARTED.isoformat().replace("+00:00", "Z")}}}
    containers = [{"name": "prometheus", "image": "prometheus"}]
    api.store.put(
        "pods", {"metadata": named, "spec": {"containers": containers}, "status": {"containerStatuses": [running]}}
    )
    started = None if seconds is None else STARTED.timestamp() + seconds

    with closing(Prometheus(Endpoint("http://10.0.0.9:9090"))) as prometheus:
        found, why = attempt(
            "prometheus-pods", partial(prometheus_pods, cluster, prometheus, started=started), unguarded
        )

    assert [pod.name for pod in found or ()] == ([] if reason else ["prometheus"])
    assert [unavailable.reason.id for unavailable in why] == ([f"gap/{reason}"] if reason else [])


def held(api: ApiServer, **data: str) -> None:
    api.store.put("configmaps", {"metadata": {"namespace": "monitoring", "name": "rules"}, "data": data})


def test_rules_are_found_in_any_file_of_a_config_map(api: ApiServer, cluster: Cluster) -> None:
    held(api, **{"alert-rules.yml": RULES, "prometheus.yml": "scrape_configs: []", "run.sh": "#!/bin/sh\n: {"})
    found = rules_in_config_map(cluster, ("monitoring", "rules"))

    assert found
    assert [(query.asks, query.name) for query in found.queries] == [
        ("alert", "RolloutFailed"),
        ("record", "rollouts:count"),
    ]


def test_rules_that_cannot_be_read_are_not_called_none(api: ApiServer, cluster: Cluster) -> None:
    held(api, **{"alert-rules.yml": RULES + "  }"})
    with pytest.raises(SourceUnavailable, match="unreadable-rules"):
        rules_in_config_map(cluster, ("monitoring", "rules"))


def test_a_config_map_that_is_not_there_stores_nothing(cluster: Cluster) -> None:
    assert rules_in_config_map(cluster, ("monitoring", "rules")) is None


def service(name: str, ip: str = "10.0.0.1", **own: str) -> ServiceStruct:
    metadata = {"name": name, "namespace": "monitoring", "labels": own}
    return msgspec.convert({"metadata": metadata, "spec": {"clusterIP": ip}}, ServiceStruct)


def test_an_alertmanager_has_its_name_or_labels_and_a_headless_service_counts_only_alone() -> None:
    usual, headless = (
        service("alertmanager"),
        service("alertmanager-operated", "None", **{"operated-alertmanager": "true"}),
    )
    other = service("grafana", app="grafana")

    assert find_alertmanager([usual, headless, other]) == (usual,)
    assert find_alertmanager([headless, other]) == (headless,)
    assert find_alertmanager([service("x", **{"app.kubernetes.io/name": "alertmanager"})])
    assert find_alertmanager([other]) == ()


def failing(reason: str) -> Callable[[], None]:
    def look() -> None:
        raise SourceUnavailable(reason, url="http://a", detail="no")

    return look


def test_a_refused_source_leaves_the_others_and_a_lost_server_ends_them() -> None:
    read = SourceReader(unguarded)
    read("pods", failing("cluster-forbidden"))
    assert read("services", lambda: "there") == "there"
    read("leases", failing("web-connection"))
    assert read("endpointslices", lambda: "there") is None

    assert [(unavailable.source, unavailable.reason.id) for unavailable in read.unavailable] == [
        ("pods", "gap/cluster-forbidden"),
        ("leases", "gap/web-connection"),
        ("endpointslices", "gap/web-connection"),
    ]
