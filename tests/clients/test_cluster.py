"""The requests to the Kubernetes API, and what is made of its responses and failures."""

import gzip
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import trustme
from kubernetes import config

from maintainer.clients.cluster import Cluster, connect
from maintainer.clients.endpoint import ServiceAddress
from maintainer.clients.limits import Limits
from maintainer.clients.prometheus import Prometheus
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Pending
from maintainer.sandbox.api import TOKEN, ApiServer, kubeconfig
from maintainer.sandbox.fleet import read_fleet, synthetic
from maintainer.sandbox.store import Store
from maintainer.sandbox.world import put_rollouts
from tests.servers.scripted import Says, Scripted, says

ROLLOUTS = "/apis/argoproj.io/v1alpha1/rollouts"
META = {"namespace": "checkout", "name": "cart", "resourceVersion": "7"}
CART = {
    "metadata": META,
    "spec": {"replicas": 3, "strategy": {"canary": {}}},
    "status": {"phase": "Healthy", "replicas": 3},
}


def page(*items: Any, **metadata: str) -> Says:
    return says({"metadata": metadata, "items": list(items)})


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(page()) as server:
        yield server


@pytest.fixture
def open_(tmp_path: Path) -> Callable[[str], Cluster]:
    """Connects by a kubeconfig with this text, or for this URL."""

    def connected(source: str) -> Cluster:
        file = tmp_path / "kubeconfig"
        file.write_text(kubeconfig(source) if source.startswith("http") else source, "utf-8")
        return connect("", str(file))

    return connected


@pytest.fixture
def cluster(server: Scripted, open_: Callable[[str], Cluster]) -> Iterator[Cluster]:
    with closing(open_(server.url)) as cluster:
        yield cluster


@pytest.fixture
def big() -> Iterator[ApiServer]:
    """The sandbox's API with 1,200 Rollouts."""
    store = Store()
    put_rollouts(store, read_fleet(), rollouts=synthetic(1200))
    api = ApiServer(store).start()
    yield api
    api.stop()


def refused(read: Callable[[], object]) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        read()
    return caught.value


def test_rollouts_come_in_pages_of_500(big: ApiServer, open_: Callable[[str], Cluster]) -> None:
    with closing(open_(big.url)) as cluster:
        assert len(cluster.rollouts("")) == 1200
        assert len(cluster.rollout_versions("")) == 1200
        assert cluster.cost.requests == 6
    assert sum(big.requests.values()) == 6
    assert {"limit=500" in path for _, path in big.requests} == {True}
    assert {"resourceVersion=" in path for _, path in big.requests} == {False}


@pytest.mark.parametrize("count", [20, 400])
def test_the_number_of_requests_is_that_of_the_pages(server: Scripted, cluster: Cluster, count: int) -> None:
    items = [{**CART, "metadata": {**META, "name": f"cart-{n}"}} for n in range(count)]
    server.script = [page(*items)]
    assert len(cluster.rollouts("checkout")) == count
    [asked] = server.asked
    assert asked.path == "/apis/argoproj.io/v1alpha1/namespaces/checkout/rollouts"
    assert asked.query == {"limit": "500"}


def test_a_page_is_continued_with_its_token(server: Scripted, cluster: Cluster) -> None:
    server.script = [page(CART, **{"continue": "next+page/=="}), page()]
    assert cluster.rollouts("").keys() == {("checkout", "cart")}
    assert [asked.query for asked in server.asked] == [
        {"limit": "500"},
        {"limit": "500", "continue": "next+page/=="},
    ]


def test_the_second_list_asks_for_metadata_only(server: Scripted, cluster: Cluster) -> None:
    server.script = [page({"metadata": META})]
    assert cluster.rollout_versions("") == {("checkout", "cart"): "7"}
    kind = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    assert server.asked[0].headers["accept"] == f"{kind},application/json"


def test_an_empty_list_of_metadata_has_null_for_items(server: Scripted, cluster: Cluster) -> None:
    """The real API server writes null, because the list that it converts to is nil."""
    server.script = [says({"kind": "PartialObjectMetadataList", "metadata": {"resourceVersion": "9"}, "items": None})]
    assert cluster.rollout_versions("") == {}


def test_a_compressed_response_is_requested_and_decoded(server: Scripted, cluster: Cluster) -> None:
    whole = page(CART)
    server.script = [Says(200, gzip.compress(whole.body), {**whole.headers, "Content-Encoding": "gzip"})]
    assert cluster.rollouts("").keys() == {("checkout", "cart")}
    assert server.asked[0].headers["accept-encoding"] == "gzip"


def test_an_expired_list_is_read_again_from_the_start(server: Scripted, cluster: Cluster) -> None:
    gone, other = says({"kind": "Status"}, 410), {**CART, "metadata": {**META, "name": "other"}}
    server.script = [page(CART, **{"continue": "old"}), gone, page(other)]
    assert cluster.rollouts("").keys() == {("checkout", "other")}
    assert [asked.query.get("continue") for asked in server.asked] == [None, "old", None]


def test_a_list_that_always_expires_is_given_up(server: Scripted, cluster: Cluster) -> None:
    server.script = [says({"kind": "Status"}, 410)]
    error = refused(lambda: cluster.rollouts(""))
    assert (error.reason, error.params["times"], error.permanent) == ("cluster-list-expired", 3, False)
    assert len(server.asked) == 3


STATUSES = {
    401: ("cluster-unauthorized", True, "said"),
    403: ("cluster-forbidden", True, "resource"),
    404: ("cluster-no-rollouts", True, "resource"),
    500: ("web-status", False, "said"),
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", [b'{"kind":"Status","message":"no way"}', b"<p>no way \xff</p>"], ids=["json", "html"])
def test_a_refusal_has_its_reason(server: Scripted, cluster: Cluster, status: int, body: bytes) -> None:
    reason, permanent, param = STATUSES[status]
    server.script = [Says(status, body)]
    error = refused(lambda: cluster.rollouts(""))
    assert (error.reason, error.permanent) == (reason, permanent)
    assert str(error.params[param]).startswith("rollouts") or "no way" in str(error.params[param])
    assert len(server.asked) == 1


def test_a_refusal_in_a_namespace_names_it(server: Scripted, cluster: Cluster) -> None:
    server.script = [Says(403, b"{}")]
    error = refused(lambda: cluster.rollouts("checkout"))
    assert error.reason == "cluster-forbidden-in-namespace"
    assert (error.params["namespace"], error.params["group"]) == ("checkout", "argoproj.io")


@pytest.mark.parametrize("status", [429, 502, 503])
def test_what_passes_is_tried_again(server: Scripted, cluster: Cluster, status: int) -> None:
    server.script = [Says(status), page(CART)]
    assert cluster.rollouts("").keys() == {("checkout", "cart")}


def test_a_broken_connection_is_tried_again_and_then_named(server: Scripted, cluster: Cluster) -> None:
    server.script = [Says(reset=True)]
    error = refused(lambda: cluster.rollouts(""))
    assert (error.reason, error.params["url"]) == ("web-connection", server.url)
    assert len(server.asked) == 3


def test_an_api_server_that_does_not_answer_is_given_up_after_the_timeout(server: Scripted, tmp_path: Path) -> None:
    done = threading.Event()
    server.script = [Says(after=lambda: done.wait(5))]
    (tmp_path / "kubeconfig").write_text(kubeconfig(server.url), "utf-8")
    api = config.new_client_from_config(str(tmp_path / "kubeconfig"))
    begun = monotonic()
    with closing(Cluster(api, name="slow", inside=False, limits=Limits(), timeout=(1, 0.3))) as cluster:
        error = refused(lambda: cluster.rollouts(""))
    waited = monotonic() - begun
    done.set()
    assert (error.reason, error.params["seconds"]) == ("web-timeout", 0.3)
    assert waited < 2
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"null", b'{"metadata":{},"items":[{"metadata":{"name":"a","resourceVersion":"\xff"}}]}'],
    ids=["nothing", "html", "null", "no-utf-8"],
)
def test_a_response_that_cannot_be_decoded_is_reported_as_broken(
    server: Scripted, cluster: Cluster, body: bytes
) -> None:
    server.script = [Says(200, body)]
    assert refused(lambda: cluster.rollouts("")).reason == "web-broken-answer"


def test_the_token_of_the_kubeconfig_is_sent(server: Scripted, cluster: Cluster) -> None:
    cluster.services()
    cluster.rollout_versions("")
    assert [asked.headers["authorization"] for asked in server.asked] == [f"Bearer {TOKEN}"] * 2


def test_a_token_from_a_file_is_sent_without_its_newline(
    server: Scripted, open_: Callable[[str], Cluster], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("from-a-file\n", "utf-8")
    with closing(open_(kubeconfig(server.url).replace(f"token: {TOKEN}", f"tokenFile: {tmp_path}/token"))) as cluster:
        cluster.rollouts("")
    assert server.asked[0].headers["authorization"] == "Bearer from-a-file"


def test_a_token_that_http_cannot_carry_is_not_shown(server: Scripted, open_: Callable[[str], Cluster]) -> None:
    with closing(open_(kubeconfig(server.url).replace(f"token: {TOKEN}", 'token: "hush\\nhush"'))) as cluster:
        error = refused(lambda: cluster.rollouts(""))
    assert error.reason == "web-connection"
    assert "hush" not in str(error)
    assert server.asked == []


def test_a_pods_service_account_is_used_with_its_token_and_authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    ca.cert_pem.write_to_path(tmp_path / "ca.crt")
    (tmp_path / "token").write_text("of-the-pod\n", "utf-8")
    with Scripted(page(CART), tls=context) as server:
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(server.port))
        with closing(connect("", "", account=str(tmp_path))) as cluster:
            assert cluster.rollouts("").keys() == {("checkout", "cart")}
            assert cluster.inside
            assert cluster.name == server.url
    assert server.asked[0].headers["authorization"].lower() == "bearer of-the-pod"


def test_outside_of_a_pod_there_is_no_service_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    error = refused(lambda: connect("", "", account=str(tmp_path)))
    assert (error.reason, error.permanent) == ("cluster-config", True)


def test_the_proxy_to_a_service_has_the_credentials_of_the_api_server(server: Scripted, cluster: Cluster) -> None:
    server.script = [says({"status": "success", "data": {"resultType": "scalar", "result": [1, "2"]}})]
    with closing(Prometheus(cluster.proxy(ServiceAddress("monitoring", "prometheus", "9090")))) as prometheus:
        assert prometheus.time() == 2
    [asked] = server.asked
    assert asked.path == "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query"
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"


def test_a_context_may_be_chosen_where_none_is_current(server: Scripted, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(server.url).replace("current-context: sandbox\n", ""), "utf-8")
    with closing(connect("sandbox", str(file))) as cluster:
        cluster.rollouts("")
        assert cluster.name == "sandbox"
    error = refused(lambda: connect("", str(file)))
    assert (error.reason, error.params["known"]) == ("cluster-no-context", "sandbox")


def test_several_kubeconfigs_are_merged(server: Scripted, tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).write_text(kubeconfig(server.url).replace("sandbox", name), "utf-8")
    files = f"{tmp_path}/one:{tmp_path}/missing:{tmp_path}/other"
    with closing(connect("other", files)) as cluster:
        cluster.rollouts("")
    assert server.asked[0].headers["authorization"] == "Bearer other-token"
    assert refused(lambda: connect("third", files)).params["known"] == "one, other"


UNUSABLE = {
    "yaml": b"clusters: [",
    "tab": b"a:\n\tb: c",
    "text": b"please log in",
    "list": b"- a\n- b",
    "binary": b"\xff\xfe\x00",
    "empty": b"",
    "server": kubeconfig("http://[::1").encode(),
}


@pytest.mark.parametrize("content", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_a_kubeconfig_that_is_none_is_named(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_bytes(content)
    error = refused(lambda: connect("", str(file)).rollouts(""))
    assert (error.reason, error.permanent) == ("cluster-config", True)
    assert str(file) in str(error.params["detail"])


def test_a_rollout_without_status_or_strategy_has_the_apis_defaults(server: Scripted, cluster: Cluster) -> None:
    server.script = [page({"metadata": {**META, "generation": 1}, "spec": {}})]
    [rollout] = cluster.rollouts("").values()
    assert (rollout.strategy, rollout.desired, rollout.replicas, rollout.phase) == ("none", 1, 0, "")
    assert json.dumps(rollout.conditions) == "[]"


def test_config_maps_are_picked_by_their_label(server: Scripted, cluster: Cluster) -> None:
    """In all namespaces, and with their data."""
    server.script[:] = [page({"metadata": {"namespace": "a", "name": "b", "labels": {"grafana_dashboard": "1"}}})]

    (found,) = cluster.config_maps("", selector="grafana_dashboard")

    assert (found.metadata.namespace, found.metadata.name, found.data) == ("a", "b", {})
    assert server.asked[-1].path == "/api/v1/configmaps"
    assert server.asked[-1].query == {"limit": "500", "labelSelector": "grafana_dashboard"}


def test_a_config_map_has_the_time_of_its_last_change(server: Scripted, cluster: Cluster) -> None:
    managed = [{"time": "2026-09-30T10:00:00Z"}, {"time": "2026-10-01T10:00:00Z"}, {}]
    server.script = [
        says({"metadata": {**META, "managedFields": managed}, "data": {"a": "b"}}),
        says({"metadata": META, "binaryData": {"a": "Yg=="}}),
    ]
    changed, without_time = (cluster.config_map("monitoring", "rules") for _ in range(2))

    assert changed
    assert (changed.metadata.changed, changed.data) == (datetime(2026, 10, 1, 10, tzinfo=UTC), {"a": "b"})
    assert without_time
    assert (without_time.metadata.changed, without_time.data) == (None, {})


def test_an_object_that_is_not_there_is_none(big: ApiServer, open_: Callable[[str], Cluster]) -> None:
    """An object that may not be read is an error instead."""
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "a", "name": "b"}, "data": {"k": "v"}}
    big.store.put("configmaps", item)
    with closing(open_(big.url)) as cluster:
        there = cluster.config_map("a", "b")
        assert there is not None
        assert there.data == {"k": "v"}
        assert cluster.config_map("a", "c") is None

        big.forbid("get", "configmaps")
        assert refused(lambda: cluster.config_map("a", "b")).params["verb"] == "get"


WRITES = [
    {"manager": "helm", "time": "2026-10-01T00:00:00Z", "fieldsV1": {"f:metadata": {"f:labels": {}}}},
    {"manager": "kubectl", "time": "2026-10-01T00:00:01Z", "fieldsV1": {"f:spec": {"f:template": {}}}},
    {"manager": "kubectl-scale", "time": "2026-10-01T00:00:05Z", "subresource": "scale", "fieldsV1": {"f:spec": {}}},
    {"manager": "plugin", "time": "2026-10-01T00:00:07Z", "subresource": "status",
     "fieldsV1": {"f:status": {"f:abort": {}}}},
    {"manager": "rollouts-controller", "time": "2026-10-01T00:00:03Z", "fieldsV1": {"f:status": {"f:phase": {}}}},
]  # fmt: skip
SCALED, ABORTED = (datetime(2026, 10, 1, 0, 0, second, tzinfo=UTC).timestamp() for second in (5, 7))


def pending_of(server: Scripted, cluster: Cluster, status: Any, **metadata: Any) -> Pending | None:
    server.script = [page({**CART, "metadata": {**META, "generation": 3, **metadata}, "status": status})]
    return cluster.rollouts("")["checkout", "cart"].pending


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        ({"observedGeneration": "2"}, "spec"),
        ({"observedGeneration": "3"}, ""),
        pytest.param({"observedGeneration": "4"}, "", id="an older controller's hash that is a number"),
        pytest.param({"observedGeneration": "84b9c7d5f"}, "", id="an older controller's hash"),
        pytest.param({}, "", id="no status yet"),
        pytest.param({"observedGeneration": "3", "workloadObservedGeneration": "1"}, "", id="a workload's generation"),
        ({"observedGeneration": "3", "abort": True}, "abort"),
        ({"observedGeneration": "3", "abort": True, "abortedAt": "2026-10-01T00:00:00Z"}, ""),
        ({"observedGeneration": "3", "abortedAt": "2026-10-01T00:00:00Z"}, "retry"),
        ({"observedGeneration": "3", "controllerPause": True}, "promotion"),
        ({"observedGeneration": "3", "controllerPause": True, "pauseConditions": []}, "promotion"),
        ({"observedGeneration": "3", "controllerPause": True, "pauseConditions": [{"reason": "CanaryPauseStep"}]}, ""),
    ],
)
def test_what_the_controller_has_not_acted_on(
    server: Scripted, cluster: Cluster, status: dict[str, Any], request_: str
) -> None:
    pending = pending_of(server, cluster, status)

    assert (pending.request if pending else "") == request_


def test_the_time_and_the_writer_of_a_request_are_those_of_the_newest_write_that_may_have_made_it(
    server: Scripted, cluster: Cluster
) -> None:
    spec = pending_of(server, cluster, {"observedGeneration": "2"}, managedFields=WRITES)
    abort = pending_of(server, cluster, {"observedGeneration": "3", "abort": True}, managedFields=WRITES)
    unpaused = pending_of(server, cluster, {"observedGeneration": "3", "controllerPause": True}, managedFields=WRITES)

    assert spec == Pending("spec", 3, "2", SCALED, "kubectl-scale", ABORTED)
    assert abort == Pending("abort", 3, "3", ABORTED, "plugin", ABORTED)
    assert unpaused == Pending("promotion", 3, "3")


@pytest.mark.parametrize("fields", [{}, {"managedFields": None}, {"managedFields": []}, {"managedFields": [{}]}])
def test_managed_fields_may_tell_nothing(server: Scripted, cluster: Cluster, fields: dict[str, Any]) -> None:
    assert pending_of(server, cluster, {"observedGeneration": "2"}, **fields) == Pending("spec", 3, "2")


# As another user


@pytest.fixture
def as_bob(server: Scripted, tmp_path: Path) -> Iterator[Cluster]:
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(server.url), "utf-8")
    with closing(connect("", str(file), user="bob")) as cluster:
        yield cluster


def test_every_request_is_made_as_the_user_also_through_the_proxy(server: Scripted, as_bob: Cluster) -> None:
    as_bob.rollouts("")
    proxied = as_bob.proxy(ServiceAddress("monitoring", "prometheus", "9090"))

    assert [request.headers["impersonate-user"] for request in server.asked] == ["bob"]
    assert proxied.headers()["Impersonate-User"] == "bob"


def test_nobody_is_impersonated_without_being_named(server: Scripted, cluster: Cluster) -> None:
    cluster.rollouts("")

    assert "impersonate-user" not in server.asked[0].headers
    assert "Impersonate-User" not in cluster.proxy(ServiceAddress("monitoring", "prometheus", "9090")).headers()


@pytest.mark.parametrize(
    ("said", "namespace", "reason"),
    [
        ('users "bob" is forbidden: User "ci" cannot impersonate resource "users"', "", "cluster-no-impersonation"),
        ('User "bob" cannot list resource "rollouts"', "", "cluster-forbidden-as"),
        ('User "bob" cannot list resource "rollouts"', "shop", "cluster-forbidden-as-in-namespace"),
    ],
)
def test_a_refusal_names_the_user(server: Scripted, as_bob: Cluster, said: str, namespace: str, reason: str) -> None:
    server.script = [says({"kind": "Status", "message": said}, status=403)]
    error = refused(lambda: as_bob.rollouts(namespace))

    assert (error.reason, error.permanent, error.params["user"]) == (reason, True, "bob")
