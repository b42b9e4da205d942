from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from kubernetes import client

from maintainer.sandbox.api import ApiServer
from maintainer.sandbox.cluster import Addresses, furnish
from maintainer.sandbox.store import Store

PATH = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
PROMETHEUS = "system:serviceaccount:monitoring:prometheus"
ROLLOUTS = {"group": "argoproj.io", "resource": "rollouts", "verb": "list"}
READER = {"apiGroups": ["argoproj.io"], "resources": ["rollouts"], "verbs": ["get", "list"]}


@pytest.fixture(autouse=True)
def _furnished(store: Store) -> None:
    furnish(store, Addresses({"argo-rollouts-0": "127.0.0.1:1"}, 2, 3), led=True, now=datetime.now(UTC))


@pytest.fixture
def post(api: ApiServer, http: requests.Session) -> Callable[[Any], requests.Response]:
    return lambda body: http.post(api.url + PATH, json=body, timeout=5)


Post = Callable[[Any], requests.Response]


def body(user: str = PROMETHEUS, *groups: str, **attributes: str) -> dict[str, Any]:
    spec = {"user": user, "groups": list(groups), "resourceAttributes": attributes}
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}


def allowed(post: Post, user: str = PROMETHEUS, *groups: str, **attributes: str) -> bool:
    answer = post(body(user, *groups, **attributes))
    assert answer.status_code == 201
    return bool(answer.json()["status"]["allowed"])


def bind(store: Store, role: str, subject: dict[str, str], *, namespace: str = "", kind: str = "ClusterRole") -> None:
    metadata = {"name": f"{role}-bound", **({"namespace": namespace} if namespace else {})}
    binding = {"metadata": metadata, "roleRef": {"kind": kind, "name": role}, "subjects": [subject]}
    store.put("rolebindings" if namespace else "clusterrolebindings", binding)


def clusterrole(store: Store, name: str, *rules: dict[str, Any]) -> None:
    store.put("clusterroles", {"metadata": {"name": name}, "rules": list(rules)})


def test_prometheus_may_list_rollouts_everywhere_and_not_change_them(post: Post) -> None:
    assert allowed(post, **ROLLOUTS)
    assert allowed(post, **ROLLOUTS, namespace="checkout")
    assert not allowed(post, **{**ROLLOUTS, "verb": "delete"})
    assert not allowed(post, **{**ROLLOUTS, "group": "apps"})
    assert not allowed(post, **ROLLOUTS, subresource="status")
    assert not allowed(post, "system:serviceaccount:argo-rollouts:prometheus", **ROLLOUTS)


def test_the_review_says_by_which_binding_and_comes_back_whole(post: Post) -> None:
    review = body(**ROLLOUTS)
    answer = post(review).json()
    assert answer["spec"] == review["spec"]
    assert answer["status"]["reason"] == (
        'RBAC: allowed by ClusterRoleBinding "monitoring-prometheus" of ClusterRole "monitoring-prometheus"'
        ' to ServiceAccount "prometheus/monitoring"'
    )
    assert post(body("nobody", **ROLLOUTS)).json()["status"] == {"allowed": False}


def test_rights_go_with_the_rule_the_role_or_the_binding(post: Post, store: Store) -> None:
    role = dict(store.get("clusterroles", ("", "monitoring-prometheus")) or {})
    store.put("clusterroles", {**role, "rules": [rule for rule in role["rules"] if "argoproj.io" not in str(rule)]})
    assert not allowed(post, **ROLLOUTS)
    assert allowed(post, resource="pods", verb="watch")
    store.delete("clusterroles", ("", "monitoring-prometheus"))
    reason = post(body(resource="pods", verb="watch")).json()["status"]["reason"]
    assert reason == 'RBAC: clusterrole.rbac.authorization.k8s.io "monitoring-prometheus" not found'


def test_a_binding_in_a_namespace_counts_there_only(post: Post, store: Store) -> None:
    clusterrole(store, "reader", READER)
    bind(store, "reader", {"kind": "ServiceAccount", "name": "here"}, namespace="checkout")
    here = "system:serviceaccount:checkout:here"
    assert allowed(post, here, **ROLLOUTS, namespace="checkout")
    assert not allowed(post, here, **ROLLOUTS, namespace="payments")
    assert not allowed(post, here, **ROLLOUTS)


def test_a_role_is_looked_for_in_the_namespace_of_its_binding(post: Post, store: Store) -> None:
    store.put("roles", {"metadata": {"namespace": "checkout", "name": "reader"}, "rules": [READER]})
    bind(store, "reader", {"kind": "User", "name": "ann"}, namespace="checkout", kind="Role")
    bind(store, "reader", {"kind": "User", "name": "ann"}, namespace="payments", kind="Role")
    assert allowed(post, "ann", **ROLLOUTS, namespace="checkout")
    assert not allowed(post, "ann", **ROLLOUTS, namespace="payments")


def test_groups_are_taken_from_the_review(post: Post, store: Store) -> None:
    clusterrole(store, "all", {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})
    bind(store, "all", {"kind": "Group", "name": "system:masters"})
    assert allowed(post, "ann", "system:masters", **ROLLOUTS, subresource="status")
    assert not allowed(post, "ann", "system:authenticated", **ROLLOUTS)


def test_a_rule_for_names_covers_these_and_no_list(post: Post, store: Store) -> None:
    clusterrole(store, "reader", {**READER, "resourceNames": ["cart"]})
    bind(store, "reader", {"kind": "User", "name": "ann"})
    assert allowed(post, "ann", **{**ROLLOUTS, "verb": "get", "name": "cart"})
    assert not allowed(post, "ann", **{**ROLLOUTS, "verb": "get", "name": "order"})
    assert not allowed(post, "ann", **ROLLOUTS)


def test_a_path_that_is_no_resource_is_asked_for_by_itself(post: Post, store: Store) -> None:
    clusterrole(store, "scraper", {"nonResourceURLs": ["/metrics", "/healthz/*"], "verbs": ["get"]})
    bind(store, "scraper", {"kind": "User", "name": "ann"})

    def reached(path: str, verb: str = "get") -> bool:
        review = {**body("ann"), "spec": {"user": "ann", "nonResourceAttributes": {"path": path, "verb": verb}}}
        return bool(post(review).json()["status"]["allowed"])

    assert reached("/metrics")
    assert reached("/healthz/etcd")
    assert not reached("/metrics/cadvisor")
    assert not reached("/metrics", "post")


@pytest.mark.parametrize(
    ("wrong", "code", "message"),
    [
        ([], 400, "the object provided is unrecognized"),
        ({**body(), "kind": "Pod"}, 400, 'no kind "Pod" is registered'),
        ({**body(), "spec": {"user": 1}}, 400, "the object provided is unrecognized"),
        ({**body(), "spec": {"user": "ann"}}, 422, "spec.resourceAttributes: Invalid value: exactly one of"),
        (body("", **ROLLOUTS), 422, "spec.user: Invalid value: at least one of user or group must be specified"),
    ],
    ids=str,
)
def test_a_review_that_cannot_be_decided_is_refused(post: Post, wrong: object, code: int, message: str) -> None:
    answer = post(wrong)
    assert (answer.status_code, answer.json()["code"]) == (code, code)
    assert message in answer.json()["message"]


def test_reviews_can_be_forbidden_and_are_only_created(post: Post, api: ApiServer, http: requests.Session) -> None:
    assert http.get(api.url + PATH, timeout=5).status_code == 405
    api.forbid("create", "subjectaccessreviews")
    refused = post(body(**ROLLOUTS))
    assert refused.status_code == 403
    assert refused.json()["message"] == (
        'subjectaccessreviews.authorization.k8s.io is forbidden: User "system:serviceaccount:maintainer:maintainer" '
        'cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope'
    )


def test_rights_are_read_like_other_objects(api: ApiServer, http: requests.Session) -> None:
    def kind(path: str) -> tuple[str, int]:
        answer = http.get(api.url + path, timeout=5)
        return answer.json().get("kind", ""), len(answer.json().get("items", ()))

    assert kind(f"{RBAC}/clusterroles") == ("ClusterRoleList", 1)
    assert kind(f"{RBAC}/clusterroles/monitoring-prometheus") == ("ClusterRole", 0)
    assert kind(f"{RBAC}/clusterrolebindings") == ("ClusterRoleBindingList", 1)
    assert kind(f"{RBAC}/namespaces/monitoring/rolebindings") == ("RoleBindingList", 0)
    assert kind("/api/v1/namespaces/monitoring/serviceaccounts") == ("ServiceAccountList", 1)
    assert http.get(f"{api.url}{RBAC}/namespaces/monitoring/clusterroles", timeout=5).status_code == 404


def test_a_resource_without_its_crd_is_no_page(api: ApiServer, http: requests.Session) -> None:
    answer = http.get(f"{api.url}/apis/monitoring.coreos.com/v1/prometheusrules", timeout=5)
    assert (answer.status_code, answer.text) == (404, "404 page not found\n")


def test_a_resource_whose_crd_is_installed_is_an_empty_list(api: ApiServer, http: requests.Session) -> None:
    url = f"{api.url}/apis/monitoring.coreos.com/v1/prometheusrules"
    api.install("monitoring.coreos.com")
    answer = http.get(url, timeout=5)
    api.uninstall("monitoring.coreos.com")

    assert (answer.status_code, answer.json()["kind"], answer.json()["items"]) == (200, "PrometheusRuleList", [])
    assert http.get(url, timeout=5).status_code == 404


def test_the_kubernetes_client_asks_for_a_review(api: ApiServer) -> None:
    configuration = client.Configuration(host=api.url, api_key={"authorization": f"Bearer {api.token}"})
    attributes = client.V1ResourceAttributes(group="argoproj.io", resource="rollouts", verb="watch")
    spec = client.V1SubjectAccessReviewSpec(user=PROMETHEUS, resource_attributes=attributes)
    review = client.V1SubjectAccessReview(api_version="authorization.k8s.io/v1", kind="SubjectAccessReview", spec=spec)
    with client.ApiClient(configuration) as connection:
        made = client.AuthorizationV1Api(connection).create_subject_access_review(review)
    assert made.status
    assert made.status.allowed


@pytest.mark.parametrize("body", [b"k8s\x00", b"k8s\x00\x0a\x7f", b"k8s\x00\xff", b"k8s\x00\x09\x01", b"{"])
def test_a_review_that_is_cut_off_is_a_bad_request(api: ApiServer, http: requests.Session, body: bytes) -> None:
    url = f"{api.url}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    answer = http.post(url, data=body, timeout=5)
    assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")
