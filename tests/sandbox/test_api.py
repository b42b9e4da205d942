from collections.abc import Iterator
from typing import Any

import pytest
import requests
import yaml
from aiohttp import web

from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.fleet import Fleet, synthetic
from maintainer.sandbox.store import Store, key_of
from maintainer.sandbox.world import put_rollouts

ROLLOUTS = "/apis/argoproj.io/v1alpha1/rollouts"
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
PROMETHEUS: dict[str, Any] = {
    "metadata": {"namespace": "monitoring", "name": "prometheus"},
    "spec": {"ports": [{"name": "web", "port": 9090}]},
}


@pytest.fixture
def get(api: ApiServer, http: requests.Session) -> "Get":
    return Get(api, http)


class Get:
    def __init__(self, api: ApiServer, http: requests.Session) -> None:
        self.api, self.http = api, http

    def __call__(self, path: str, **query: str) -> requests.Response:
        return self.http.get(self.api.url + path, params=query, timeout=5)

    def refusal(self, path: str, **query: str) -> dict[str, Any]:
        answer = self(path, **query)
        status: dict[str, Any] = answer.json()
        assert status["kind"] == "Status"
        assert status["status"] == "Failure"
        assert status["code"] == answer.status_code
        return status


def pages(get: Get, limit: int, **query: str) -> Iterator[dict[str, Any]]:
    resume = ""
    while True:
        page = get(ROLLOUTS, limit=str(limit), **query, **({"continue": resume} if resume else {})).json()
        yield page
        resume = page["metadata"].get("continue", "")
        if not resume:
            return


def names(page: dict[str, Any]) -> list[str]:
    return [item["metadata"]["name"] for item in page["items"]]


def test_a_list_has_the_kind_version_and_items_in_order(get: Get) -> None:
    body = get(ROLLOUTS).json()
    assert body["kind"] == "RolloutList"
    assert body["apiVersion"] == "argoproj.io/v1alpha1"
    assert names(body) == [f"svc-{n:05}" for n in range(12)]
    assert body["items"][0]["kind"] == "Rollout"


def test_a_namespace_has_its_own_list(get: Get) -> None:
    body = get("/apis/argoproj.io/v1alpha1/namespaces/team-1/rollouts").json()
    assert {item["metadata"]["namespace"] for item in body["items"]} == {"team-1"}
    assert len(body["items"]) == 4


def test_a_list_continues_from_the_same_snapshot(get: Get, store: Store, fleet: Fleet) -> None:
    listing = pages(get, 5)
    first = next(listing)
    store.delete("rollouts", ("team-2", "svc-00011"))
    put_rollouts(store, fleet, rollouts=synthetic(40))
    rest = list(listing)
    assert [len(page["items"]) for page in (first, *rest)] == [5, 5, 2]
    assert {page["metadata"]["resourceVersion"] for page in (first, *rest)} == {first["metadata"]["resourceVersion"]}
    assert first["metadata"]["remainingItemCount"] == 7
    assert names(rest[-1])[-1] == "svc-00011"


def test_an_expired_list_is_gone_and_offers_to_go_on_with_what_there_is(get: Get, api: ApiServer) -> None:
    first = next(pages(get, 5))
    api.expire_lists()
    gone = get.refusal(ROLLOUTS, limit="5", **{"continue": first["metadata"]["continue"]})
    assert (gone["code"], gone["reason"]) == (410, "Expired")
    rest = get(ROLLOUTS, **{"continue": gone["metadata"]["continue"]}).json()
    assert names(rest) == [f"svc-{n:05}" for n in range(5, 12)]


def test_only_the_last_fifty_lists_are_remembered(get: Get, store: Store) -> None:
    first = next(pages(get, 5))
    for _ in range(50):
        store.put("pods", PROMETHEUS)
        next(pages(get, 5))
    assert get(ROLLOUTS, **{"continue": first["metadata"]["continue"]}).status_code == 410


def test_a_metadata_only_list_has_nothing_but_metadata(get: Get) -> None:
    get.http.headers["Accept"] = f"{METADATA},application/json"
    body = get(ROLLOUTS, limit="3").json()
    assert (body["kind"], body["apiVersion"]) == ("PartialObjectMetadataList", "meta.k8s.io/v1")
    assert {tuple(sorted(item)) for item in body["items"]} == {("apiVersion", "kind", "metadata")}
    assert body["items"][0]["kind"] == "PartialObjectMetadata"


def test_only_a_large_answer_is_compressed(get: Get, store: Store, fleet: Fleet) -> None:
    assert "Content-Encoding" not in get(ROLLOUTS).headers
    put_rollouts(store, fleet, rollouts=synthetic(60))
    large = get(ROLLOUTS)
    assert large.headers["Content-Encoding"] == "gzip"
    assert len(large.json()["items"]) > 60
    get.http.headers["Accept-Encoding"] = "identity"
    assert "Content-Encoding" not in get(ROLLOUTS).headers


def test_a_label_selector_chooses_and_hides_the_remaining_count(get: Get) -> None:
    body = get(ROLLOUTS, labelSelector="team=team-1,app.kubernetes.io/name notin (svc-00004)", limit="2").json()
    assert names(body) == ["svc-00005", "svc-00006"]
    assert "remainingItemCount" not in body["metadata"]
    assert body["metadata"]["continue"]


def test_an_object_is_read_by_name(get: Get, api: ApiServer) -> None:
    path = "/apis/argoproj.io/v1alpha1/namespaces/team-0/rollouts/svc-00001"
    assert key_of(get(path).json()) == ("team-0", "svc-00001")
    assert api.requests["GET", path] == 1


def test_a_missing_object_is_not_found(get: Get) -> None:
    status = get.refusal("/apis/argoproj.io/v1alpha1/namespaces/team-0/rollouts/nobody")
    assert status["message"] == 'rollouts.argoproj.io "nobody" not found'
    assert status["details"] == {"name": "nobody", "group": "argoproj.io", "kind": "rollouts"}
    assert get("/apis/example.com/v1/things").status_code == 404


def test_a_forbidden_list_says_so_in_the_words_of_kubernetes(get: Get, api: ApiServer) -> None:
    api.forbid("list", "rollouts")
    who = (
        'User "system:serviceaccount:maintainer:maintainer" cannot list resource "rollouts" in API group "argoproj.io"'
    )
    assert get.refusal(ROLLOUTS)["message"] == f"rollouts.argoproj.io is forbidden: {who} at the cluster scope"
    inside = get.refusal("/apis/argoproj.io/v1alpha1/namespaces/team-0/rollouts")
    assert inside["message"] == f'rollouts.argoproj.io is forbidden: {who} in the namespace "team-0"'
    api.allow_all()
    assert get(ROLLOUTS).ok


def test_the_cluster_scope_alone_can_be_forbidden(get: Get, api: ApiServer) -> None:
    api.forbid("list", "rollouts", "")
    assert get(ROLLOUTS).status_code == 403
    assert get("/apis/argoproj.io/v1alpha1/namespaces/team-0/rollouts").ok


def test_a_wrong_token_is_unauthorized(get: Get) -> None:
    get.http.headers["Authorization"] = "Bearer wrong"
    assert get.refusal("/version")["reason"] == "Unauthorized"


def test_writes_and_watches_are_not_allowed(get: Get) -> None:
    assert get.refusal(ROLLOUTS, watch="true")["reason"] == "MethodNotAllowed"
    assert get.http.post(get.api.url + ROLLOUTS, json={}, timeout=5).status_code == 405


def test_bad_parameters_are_bad_requests(get: Get) -> None:
    assert get.refusal(ROLLOUTS, limit="many")["code"] == 400
    assert get.refusal(ROLLOUTS, labelSelector="a in b")["code"] == 400
    assert get.refusal(ROLLOUTS, **{"continue": "!!"})["code"] == 400


def test_the_version_is_served(get: Get) -> None:
    assert get("/version").json()["gitVersion"].startswith("v1.")


def backend(api: ApiServer) -> str:
    async def echo(request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        return web.Response(
            status=207, text=f"{request.method} {request.raw_path} {body} {'Authorization' in request.headers}"
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", echo)
    return api.serving.listen(app)


def test_the_service_proxy_forwards_any_method_with_its_body(get: Get, api: ApiServer, store: Store) -> None:
    store.put("services", PROMETHEUS)
    api.backend("monitoring", "prometheus", backend(api))
    path = f"{api.url}/api/v1/namespaces/monitoring/services/http:prometheus:web/proxy/api/v1/query?query=a%2Bb"
    answer = get.http.post(path, data="query=up", timeout=5)
    assert (answer.status_code, answer.text) == (207, "POST /api/v1/query?query=a%2Bb query=up False")


def test_a_service_with_nothing_behind_it_is_unavailable(get: Get, api: ApiServer, store: Store) -> None:
    services = "/api/v1/namespaces/monitoring/services"
    assert get.refusal(f"{services}/prometheus:9090/proxy/")["code"] == 404
    store.put("services", PROMETHEUS)
    status = get.refusal(f"{services}/prometheus:9090/proxy/")
    assert status["message"] == 'no endpoints available for service "prometheus"'
    assert "no service port" in get.refusal(f"{services}/prometheus:80/proxy/")["message"]
    api.backend("monitoring", "prometheus", "http://127.0.0.1:9")
    assert get.refusal(f"{services}/prometheus:9090/proxy/")["code"] == 503


def test_the_service_proxy_can_be_forbidden(get: Get, api: ApiServer, store: Store) -> None:
    store.put("services", PROMETHEUS)
    api.forbid("get", "services/proxy")
    status = get.refusal("/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api")
    assert 'cannot get resource "services/proxy" in API group ""' in status["message"]


def test_the_kubeconfig_has_one_context() -> None:
    config = yaml.safe_load(kubeconfig("http://127.0.0.1:1", "t"))
    assert config["current-context"] == "sandbox"
    assert [context["name"] for context in config["contexts"]] == ["sandbox"]
