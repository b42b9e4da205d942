"""The objects between the controller and Prometheus, decoded from responses of the Kubernetes API."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients import monitoring
from maintainer.clients.cluster import Cluster
from maintainer.errors import SourceUnavailable
from maintainer.model.pipeline import Permission, Port, Service
from tests.servers.connected import connected
from tests.servers.scripted import Says, Scripted, says

META = {"namespace": "argo-rollouts", "name": "argo-rollouts-x2v9k", "labels": {"app": "argo-rollouts"}}
NOT_FOUND = says({"kind": "Status", "reason": "NotFound", "message": "not found"}, 404)
RIGHT = Permission("", "endpoints", "argo-rollouts", "list")


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(NOT_FOUND) as server:
        yield server


@pytest.fixture
def cluster(server: Scripted, tmp_path: Path) -> Iterator[Cluster]:
    with connected(server.url, tmp_path) as cluster:
        yield cluster


def page(*items: Any) -> Says:
    return says({"metadata": {}, "items": list(items)})


def refused(look: Any) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        look()
    return caught.value


def pod(**spec: Any) -> dict[str, Any]:
    """A pod that runs and is ready."""
    conditions = [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "True"}]
    status = {"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}], "conditions": conditions}
    return {"metadata": META, "spec": {"containers": [], **spec}, "status": status}


def test_a_services_port_has_a_number_or_a_name_as_target_and_by_default_itself(
    server: Scripted, cluster: Cluster
) -> None:
    ports = [
        {"name": "metrics", "port": 8090, "targetPort": "metrics"},
        {"name": "web", "port": 80, "targetPort": 8080},
        {"port": 90},
    ]
    named = {"namespace": "argo-rollouts", "name": "metrics"}
    server.script = [says({"metadata": named, "spec": {"selector": {"app": "a"}, "ports": ports}})]

    assert monitoring.service(cluster, "argo-rollouts", "metrics") == Service(
        "argo-rollouts",
        "metrics",
        {"app": "a"},
        (Port("metrics", 8090, "metrics"), Port("web", 80, "8080"), Port("", 90, "90")),
    )
    assert server.asked[0].path == "/api/v1/namespaces/argo-rollouts/services/metrics"


def test_a_service_that_is_not_there_is_none(cluster: Cluster) -> None:
    assert monitoring.service(cluster, "argo-rollouts", "metrics") is None


def test_a_pod_is_read_with_its_ports_words_and_account(server: Scripted, cluster: Cluster) -> None:
    containers = [
        {"image": "argo-rollouts:v1.9.2", "command": ["rollouts-controller"], "args": ["--rollout-resync", "600"],
         "ports": [{"name": "metrics", "containerPort": 8090}]},
        {"image": "proxy:1", "ports": [{"containerPort": 80}]},
    ]  # fmt: skip
    server.script = [page(pod(containers=containers, serviceAccountName="argo-rollouts"))]
    [found] = monitoring.pods(cluster, "argo-rollouts")

    assert (found.namespace, found.name, found.labels) == ("argo-rollouts", META["name"], META["labels"])
    assert found.addresses == ("10.0.0.1", "fd00::1")
    assert found.ports == (("metrics", 8090), ("", 80))
    assert found.images == ("argo-rollouts:v1.9.2", "proxy:1")
    assert found.words == ("rollouts-controller", "--rollout-resync", "600")
    assert (found.account, found.ready) == ("argo-rollouts", True)


def test_a_pod_without_an_account_has_the_account_default(server: Scripted, cluster: Cluster) -> None:
    server.script = [page(pod())]

    assert monitoring.pods(cluster, "argo-rollouts")[0].account == "default"


def test_the_config_maps_that_a_pod_mounts_are_named_once_also_where_they_are_projected(
    server: Scripted, cluster: Cluster
) -> None:
    sources = [{"configMap": {"name": "rules"}}, {"secret": {"name": "certificate"}}]
    volumes = [
        {"name": "config", "configMap": {"name": "config"}},
        {"name": "all", "projected": {"sources": [*sources, {"configMap": {"name": "config"}}]}},
        {"name": "kube-api-access-x", "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}},
        {"name": "data", "emptyDir": {}},
    ]
    server.script = [page(pod(volumes=volumes))]

    assert monitoring.pods(cluster, "monitoring")[0].config_maps == ("config", "rules")


def test_a_pod_that_is_not_ready_has_a_reason_and_a_completed_pod_is_left_out(
    server: Scripted, cluster: Cluster
) -> None:
    why = {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "http://u:hush@argo"}
    waiting = {**pod(), "status": {"phase": "Running", "conditions": [why]}}
    unheard = {**pod(), "status": {"phase": "Pending"}}
    over = {**pod(), "status": {"phase": "Succeeded"}}
    server.script = [page(waiting, unheard, over)]

    assert [(found.ready, found.why_not) for found in monitoring.pods(cluster, "argo-rollouts")] == [
        (False, "ContainersNotReady: http://<secret>@argo"),
        (False, "Pending"),
    ]


def test_endpoints_are_ready_unless_they_say_otherwise(server: Scripted, cluster: Cluster) -> None:
    endpoints = [{"conditions": {"ready": True}}, {"conditions": {"ready": False}}, {"conditions": {}}, {}]
    server.script = [page({"endpoints": endpoints}, {"endpoints": None})]

    assert monitoring.ready_endpoints(cluster, "argo-rollouts", "metrics") == 3
    [asked] = server.asked
    assert asked.path == "/apis/discovery.k8s.io/v1/namespaces/argo-rollouts/endpointslices"
    assert asked.query["labelSelector"] == "kubernetes.io/service-name=metrics"


@pytest.mark.parametrize(
    ("answer", "holder"),
    [
        (says({"spec": {"holderIdentity": "argo-rollouts-7c5d_x_0b7e"}}), "argo-rollouts-7c5d_x"),
        (says({"spec": {"holderIdentity": ""}}), ""),
        (says({"spec": {"holderIdentity": None}}), ""),
        (says({}), ""),
        (NOT_FOUND, ""),
    ],
)
def test_a_lease_is_held_by_a_pod_or_by_none(server: Scripted, cluster: Cluster, answer: Says, holder: str) -> None:
    server.script = [answer]

    assert monitoring.lease_holder(cluster, "argo-rollouts", "lock") == holder
    assert server.asked[0].path == "/apis/coordination.k8s.io/v1/namespaces/argo-rollouts/leases/lock"


def test_namespaces_have_their_labels(server: Scripted, cluster: Cluster) -> None:
    server.script = [page({"metadata": {"name": "a", "labels": {"team": "x"}}}, {"metadata": {"name": "b"}})]

    assert monitoring.namespaces(cluster) == {"a": {"team": "x"}, "b": {}}
    assert server.asked[0].path == "/api/v1/namespaces"


@pytest.mark.parametrize("allowed", [True, False])
def test_a_permission_is_checked_by_a_review_for_the_account_and_its_groups(
    server: Scripted, cluster: Cluster, *, allowed: bool
) -> None:
    server.script = [says({"status": {"allowed": allowed}}, 201)]

    assert monitoring.may(cluster, ("monitoring", "prometheus"), RIGHT) == allowed
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews")
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body) == {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": "system:serviceaccount:monitoring:prometheus",
            "groups": ["system:serviceaccounts", "system:serviceaccounts:monitoring", "system:authenticated"],
            "resourceAttributes": {"verb": "list", "resource": "endpoints", "namespace": "argo-rollouts"},
        },
    }


def test_a_review_that_could_not_decide_refuses_nothing(server: Scripted, cluster: Cluster) -> None:
    server.script = [says({"status": {"allowed": False, "evaluationError": "webhook is away"}}, 201)]
    error = refused(lambda: monitoring.may(cluster, ("monitoring", "prometheus"), RIGHT))

    assert (error.reason, error.params) == ("cluster-no-review", {"said": "webhook is away"})


def test_reviews_that_are_refused_name_the_rule_that_is_missing(server: Scripted, cluster: Cluster) -> None:
    server.script = [says({"kind": "Status", "message": "no"}, 403)]
    error = refused(lambda: monitoring.may(cluster, ("monitoring", "prometheus"), RIGHT))

    assert (error.reason, error.params["verb"]) == ("cluster-forbidden", "create")
    assert (error.params["group"], error.params["resource"]) == ("authorization.k8s.io", "subjectaccessreviews")
