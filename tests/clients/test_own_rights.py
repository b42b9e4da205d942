"""What is asked about the own account, and what the answers mean."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from maintainer.clients.cluster import Cluster
from maintainer.clients.own_rights import may_i, who_am_i
from maintainer.errors import SourceUnavailable
from maintainer.model.doctor import Right
from tests.servers.connected import connected
from tests.servers.scripted import Scripted, says

PROXY = Right("", "services/proxy", "create", "monitoring", "prometheus:9090")


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(says({}, 500)) as server:
        yield server


@pytest.fixture
def cluster(server: Scripted, tmp_path: Path) -> Iterator[Cluster]:
    with connected(server.url, tmp_path) as cluster:
        yield cluster


@pytest.mark.parametrize("allowed", [True, False])
def test_a_right_is_asked_for_with_its_object_and_its_subresource(
    server: Scripted, cluster: Cluster, *, allowed: bool
) -> None:
    server.script = [says({"status": {"allowed": allowed}}, 201)]

    assert may_i(cluster, PROXY) == allowed
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")
    body = json.loads(asked.body)
    assert body["kind"] == "SelfSubjectAccessReview"
    assert body["spec"]["resourceAttributes"] == {
        "resource": "services",
        "subresource": "proxy",
        "verb": "create",
        "namespace": "monitoring",
        "name": "prometheus:9090",
    }


def test_a_review_that_could_not_decide_is_no_refusal(server: Scripted, cluster: Cluster) -> None:
    server.script = [says({"status": {"allowed": False, "evaluationError": "webhook is away"}}, 201)]

    with pytest.raises(SourceUnavailable, match="webhook is away"):
        may_i(cluster, PROXY)


def test_the_api_server_tells_who_asks(server: Scripted, cluster: Cluster) -> None:
    server.script = [says({"status": {"userInfo": {"username": "jane", "groups": ["a"]}}}, 201)]

    assert who_am_i(cluster) == "jane"
    assert server.asked[0].path == "/apis/authentication.k8s.io/v1/selfsubjectreviews"


def test_before_kubernetes_1_28_it_does_not(server: Scripted, cluster: Cluster) -> None:
    server.script = [says({"kind": "Status", "reason": "NotFound", "message": "no such resource"}, 404)]

    with pytest.raises(SourceUnavailable):
        who_am_i(cluster)
