"""What is asked of the Kubernetes API about the objects of the Prometheus operator, and what becomes of the answers."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients import operator_objects
from maintainer.clients.cluster import Cluster
from maintainer.errors import SourceUnavailable
from maintainer.model.operator_objects import (
    LabelSelector,
    Monitor,
    MonitorEndpoint,
    PrometheusObject,
    Requirement,
    Selection,
)
from tests.servers.connected import connected
from tests.servers.scripted import Says, Scripted, says

GROUP = "/apis/monitoring.coreos.com"
NO_SUCH_KIND = Says(404, b"404 page not found\n")
META = {"namespace": "shop", "name": "one"}
KINDS: dict[str, Callable[[Cluster], tuple[Any, ...]]] = {
    "servicemonitors": operator_objects.service_monitors,
    "podmonitors": operator_objects.pod_monitors,
    "prometheusrules": operator_objects.prometheus_rules,
    "prometheuses": operator_objects.prometheuses,
}


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(NO_SUCH_KIND) as server:
        yield server


@pytest.fixture
def cluster(server: Scripted, tmp_path: Path) -> Iterator[Cluster]:
    with connected(server.url, tmp_path) as cluster:
        yield cluster


def page(*specs: Any, **metadata: Any) -> Says:
    return says({"metadata": {}, "items": [{"metadata": {**META, **metadata}, "spec": spec} for spec in specs]})


@pytest.mark.parametrize("plural", KINDS)
def test_a_cluster_without_a_kind_has_no_objects_of_it(server: Scripted, cluster: Cluster, plural: str) -> None:
    assert KINDS[plural](cluster) == ()
    assert server.asked[0].path == f"{GROUP}/v1/{plural}"


@pytest.mark.parametrize("plural", KINDS)
def test_objects_that_may_not_be_listed_are_not_called_none(server: Scripted, cluster: Cluster, plural: str) -> None:
    server.script = [says({"kind": "Status", "message": "no"}, 403)]
    with pytest.raises(SourceUnavailable) as caught:
        KINDS[plural](cluster)

    assert (caught.value.reason, caught.value.permanent) == ("cluster-forbidden", True)
    assert caught.value.params["resource"] == plural


def test_all_three_kinds_that_select_are_listed(server: Scripted, cluster: Cluster) -> None:
    operator_objects.prometheuses(cluster)

    assert [asked.path for asked in server.asked] == [
        f"{GROUP}/v1/prometheuses", f"{GROUP}/v1alpha1/prometheusagents", f"{GROUP}/v1/thanosrulers",
    ]  # fmt: skip


def test_a_service_monitor_is_read_with_what_it_selects_and_scrapes(server: Scripted, cluster: Cluster) -> None:
    expressions = [{"key": "tier", "operator": "NotIn", "values": ["test"]}, {"key": "app", "operator": "Exists"}]
    spec = {
        "selector": {"matchLabels": {"app": "argo"}, "matchExpressions": expressions},
        "namespaceSelector": {"matchNames": ["argo-rollouts"]},
        "endpoints": [
            {"port": "metrics", "targetPort": 8090, "path": "/custom"},
            {"targetPort": 8090},
            {"targetPort": "web", "relabelings": [{"targetLabel": "__metrics_path__", "replacement": "/m"}]},
        ],
    }
    server.script = [page(spec, labels={"release": "x"})]

    assert operator_objects.service_monitors(cluster) == (
        Monitor(
            "ServiceMonitor",
            "shop",
            "one",
            {"release": "x"},
            LabelSelector((
                Requirement("app", "In", ("argo",)),
                Requirement("tier", "NotIn", ("test",)),
                Requirement("app", "Exists"),
            )),
            ("argo-rollouts",),
            (
                MonitorEndpoint("metrics", "", "/custom"),
                MonitorEndpoint("", "8090", "/metrics"),
                MonitorEndpoint("", "web", None),
            ),
        ),
    )  # fmt: skip


def test_a_pod_monitor_looks_in_its_own_namespace_or_in_all(server: Scripted, cluster: Cluster) -> None:
    endpoints = [{"port": "metrics"}, {"portNumber": 8090, "targetPort": "old"}, {"path": ""}]
    wide = {"selector": {}, "namespaceSelector": {"any": True}}
    server.script = [page({"selector": {}, "podMetricsEndpoints": endpoints}, wide)]
    own, everywhere = operator_objects.pod_monitors(cluster)

    assert (own.kind, own.namespaces, own.selector) == ("PodMonitor", (), LabelSelector())
    assert own.endpoints == (MonitorEndpoint("metrics"), MonitorEndpoint("", "8090"), MonitorEndpoint())
    assert [own.looks_in("shop"), own.looks_in("argo-rollouts")] == [True, False]
    assert everywhere.looks_in("argo-rollouts")


def test_a_selector_that_is_not_set_is_told_from_an_empty_one(server: Scripted, cluster: Cluster) -> None:
    spec = {"serviceMonitorSelector": {}, "ruleSelector": {"matchLabels": {"a": "b"}}, "ruleNamespaceSelector": {}}
    server.script = [page(spec), page({"ignoreNamespaceSelectors": True}), page({})]
    nothing, everything = Selection(), LabelSelector()

    assert operator_objects.prometheuses(cluster) == (
        PrometheusObject(
            "Prometheus",
            "shop",
            "one",
            {
                "ServiceMonitor": Selection(everything),
                "PodMonitor": nothing,
                "PrometheusRule": Selection(LabelSelector((Requirement("a", "In", ("b",)),)), everything),
            },
        ),
        PrometheusObject(
            "PrometheusAgent",
            "shop",
            "one",
            {"ServiceMonitor": nothing, "PodMonitor": nothing},
            own_namespace_only=True,
        ),
        PrometheusObject("ThanosRuler", "shop", "one", {"PrometheusRule": nothing}),
    )
