"""Doctor in worlds in which one thing is broken: it names that thing, the one command to type, and nothing else."""

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
import trustme
import yaml

from maintainer.sandbox.api import kubeconfig
from maintainer.sandbox.resources import OPERATOR
from maintainer.sandbox.slack import Slack
from maintainer.sandbox.slack_workspace import TOKEN
from maintainer.sandbox.world import World
from tests.scenarios.examined import assert_only, assert_well, examined, printed, told, typed
from tests.scenarios.front import Answer, Asked, Front
from tests.scenarios.small_worlds import Api
from tests.scenarios.stacks import having
from tests.scenarios.test_bad_access import OTHER, without_url
from tests.servers.scripted import Says, Scripted, says
from tests.servers.victoria import Victoria

SOMEBODY = "system:serviceaccount:maintainer:somebody"


@contextmanager
def forbidden(world: World, verb: str, *resources: str) -> Iterator[None]:
    """The account may not do this anywhere."""
    for resource in resources:
        world.api.forbid(verb, resource)
    try:
        yield
    finally:
        world.api.allow_all()


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def changed(path: str, change: Callable[[Any], object]) -> Callable[[Asked, Callable[[], Answer]], Answer]:
    """A fault that changes the data of Prometheus' answers at a path of its API."""

    def fault(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        answer = forward()
        if asked.target.partition("?")[0] != f"/api/v1/{path}" or answer.status != 200:
            return answer
        return Answer(body=json.dumps({"status": "success", "data": change(answer.json["data"])}).encode())

    return fault


def unknown_authority() -> tuple[trustme.CA, ssl.SSLContext]:
    """An authority that nobody trusts, and the server's side of TLS with a certificate of it."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return authority, context


def own_kubeconfig(folder: Path, text: str) -> dict[str, str]:
    """The variable of a kubeconfig with this text."""
    (folder / "own-kubeconfig").write_text(text, "utf-8")
    return {"KUBECONFIG": str(folder / "own-kubeconfig")}


def test_in_a_healthy_world_every_row_is_ok(healthy: World, tmp_path: Path) -> None:
    rows = examined(healthy.environment(), tmp_path)

    assert_well(rows)
    assert {
        "kubernetes",
        "permissions",
        "controller",
        "prometheus",
        "retention",
        "clocks",
        "store",
        "calendar",
    } <= rows.keys()


def test_so_it_is_where_prometheus_is_found_in_the_cluster_and_reached_through_the_api_server(
    healthy: World, tmp_path: Path
) -> None:
    assert_well(examined(without_url(healthy), tmp_path))


def test_a_look_changes_nothing(healthy: World, tmp_path: Path) -> None:
    before = healthy.api.requests.copy()
    examined(healthy.environment(), tmp_path, {"store.kind": "configmaps", "store.namespace": "monitoring"})

    made = healthy.api.requests - before
    assert {method for method, _ in made} <= {"GET", "POST"}
    assert {path for method, path in made if method == "POST"} == {
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    }
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("expr", "state", "said"),
    [
        ("up == 0", "ok", "users of 0 subjects"),
        ("nobody_has_this > 0", "warning", "nobody can know"),
        ("up * on () group_left () up > 0", "broken", "cannot be asked"),
    ],
)
def test_a_query_about_users_is_asked_once(healthy: World, tmp_path: Path, expr: str, state: str, said: str) -> None:
    rows = examined(healthy.environment(), tmp_path, {"alerts.impact": expr})

    assert (rows["impact"].state, said in told(rows)) == (state, True)
    assert rows["impact"].next == "" or "api/v1/query" in rows["impact"].next


# The way to the API server.


def test_without_a_kubeconfig(tmp_path: Path) -> None:
    rows = examined({}, tmp_path)

    assert_only(rows, "kubernetes", "no usable kubeconfig", next_="maintainer doctor --kubeconfig FILE")
    assert rows["prometheus"].because == "kubernetes"


def test_a_context_that_does_not_exist(healthy: World, tmp_path: Path) -> None:
    code, rows = printed(healthy.environment(), tmp_path, "--context sandbax")

    assert code == 3
    assert [id_ for id_, row in rows.items() if row["state"] == "broken"] == ["kubernetes"]
    assert "It has: sandbox." in rows["kubernetes"]["seen"]
    assert rows["kubernetes"]["next"] == "maintainer doctor --context sandbox"
    assert typed(healthy.environment(), tmp_path, rows["kubernetes"]["next"])[0] == 0


def test_an_api_server_that_is_not_there(healthy: World, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    environ = {**healthy.environment(), **own_kubeconfig(tmp_path, kubeconfig(url))}

    assert_only(examined(environ, tmp_path), "kubernetes", url, "Connection refused", next_=f"curl -sS {url}")


def test_an_api_server_whose_name_nobody_knows(healthy: World, tmp_path: Path) -> None:
    environ = {**healthy.environment(), **own_kubeconfig(tmp_path, kubeconfig("http://api.invalid:6443"))}

    assert_only(examined(environ, tmp_path), "kubernetes", "api.invalid", next_="getent hosts api.invalid")


def test_an_api_server_with_a_certificate_of_an_unknown_authority(healthy: World, tmp_path: Path) -> None:
    _, context = unknown_authority()
    with Front(healthy.api.url, tls=context, authority=healthy.api.authority) as front:
        environ = {**healthy.environment(), **own_kubeconfig(tmp_path, kubeconfig(front.url))}
        rows = examined(environ, tmp_path)

    assert_only(rows, "kubernetes", "certificate", "not trusted", next_="kubectl config view --minify")


def test_a_token_that_has_expired(api: Api, tmp_path: Path) -> None:
    environ = {**api.environment(), **own_kubeconfig(tmp_path, kubeconfig(api.front.url, "expired-token"))}

    assert_only(examined(environ, tmp_path), "kubernetes", "does not accept", next_="kubectl auth whoami")


def test_a_proxy_that_lets_nothing_through(healthy: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Scripted(Says(403)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "nowhere.invalid")
        rows = examined(healthy.environment(), tmp_path)
        assert_only(rows, "kubernetes", "A proxy does not let requests through")
        environ = {**healthy.environment(), "HTTPS_PROXY": proxy.url}
        assert typed(environ, tmp_path, rows["kubernetes"].next)[0] == 0


def test_a_user_as_whom_the_account_may_not_ask(api: Api, tmp_path: Path) -> None:
    said = 'users "jane" is forbidden: User "me" cannot impersonate resource "users" in API group ""'
    api.front.fault = lambda _asked, _forward: Answer(403, json.dumps({"kind": "Status", "message": said}).encode())
    rows = examined(api.environment(), tmp_path, {"cluster.as": "jane"})

    assert_only(rows, "kubernetes", "may not ask as jane", next_="kubectl auth can-i impersonate users")


def test_an_api_server_that_is_slow(api: Api, tmp_path: Path) -> None:
    def late(asked: Asked, forward: Callable[[], Answer]) -> Answer:
        if asked.target == "/version":
            time.sleep(2.2)
        return forward()

    api.front.fault = late
    rows = examined(api.environment(), tmp_path)

    assert_only(rows, "kubernetes", "took 2.", state="warning", next_="kubectl get --raw '/readyz?verbose'")


# Rights, and what is in the cluster.


def test_without_any_right_the_manifest_that_is_printed_gives_all_of_them(healthy: World, tmp_path: Path) -> None:
    flags = {"cluster.as": SOMEBODY, "store.kind": "configmaps", "store.namespace": "monitoring"}
    rows = examined(healthy.environment(), tmp_path, flags)

    assert {row.id for row in rows.values() if row.state == "broken"} == {"permissions", "store"}
    try:
        for id_ in ("permissions", "store"):
            # This API server has no OpenAPI to validate by, and is asked by kubectl without.
            command = rows[id_].next.replace("apply ", "apply --validate=false ", 1)
            assert typed(healthy.environment(), tmp_path, command) == (0, ANY)
            assert rows[id_].rbac in rows[id_].next
        assert_well(examined(healthy.environment(), tmp_path, flags))
    finally:
        for made in yaml.safe_load_all(rows["permissions"].rbac + rows["store"].rbac):
            key = made["metadata"].get("namespace", ""), made["metadata"]["name"]
            healthy.store.delete(f"{made['kind'].lower()}s", key)


@pytest.mark.parametrize(
    ("verb", "resource", "said"),
    [
        ("list", "rollouts", ("list rollouts", "accuracy/meaning")),
        ("list", "pods", ("list pods in argo-rollouts", "pipeline/")),
        ("get", "leases", ("get leases in argo-rollouts", "pipeline/emitter")),
        ("create", "subjectaccessreviews", ("create subjectaccessreviews", "pipeline/rbac")),
        ("list", "configmaps", ("list configmaps", "panel/value")),
    ],
)
def test_one_right_that_is_missing(
    healthy: World, tmp_path: Path, verb: str, resource: str, said: tuple[str, ...]
) -> None:
    with forbidden(healthy, verb, resource):
        rows = examined(healthy.environment(), tmp_path)

    assert_only(rows, "permissions", *said)
    assert rows["permissions"].rbac.count("verbs: ") == rows["permissions"].rbac.count(f"verbs: [{verb}]")
    assert f"resources: [{resource}]" in rows["permissions"].rbac


def test_without_the_right_to_the_proxy_prometheus_is_not_called_broken(healthy: World, tmp_path: Path) -> None:
    with forbidden(healthy, "*", "services/proxy"):
        rows = examined(without_url(healthy), tmp_path)

    assert_only(rows, "permissions", "get/create services/proxy in monitoring")
    assert rows["retention"].because == "permissions"


@pytest.mark.parametrize(
    ("selector", "lacks"), [({"matchLabels": {"watched": "yes"}}, {"permissions"}), ({}, set()), (None, set())]
)
def test_the_labels_of_namespaces_are_needed_where_the_operator_selects_by_them(
    healthy: World, tmp_path: Path, selector: object, lacks: set[str]
) -> None:
    chosen = {"metadata": {"namespace": "monitoring", "name": "k8s"}, "spec": {"ruleNamespaceSelector": selector}}
    healthy.api.install(OPERATOR)
    try:
        with having(healthy, "prometheuses", chosen), forbidden(healthy, "list", "namespaces"):
            rows = examined(healthy.environment(), tmp_path)
    finally:
        healthy.api.uninstall(OPERATOR)

    assert {row.id for row in rows.values() if row.state != "ok"} == lacks, told(rows)
    assert ("namespaces" in rows["permissions"].rbac) is bool(lacks)


def test_the_pods_of_the_ruler_are_needed_too(healthy: World, tmp_path: Path) -> None:
    url = "http://vmalert.rulers.svc:8880"
    rows = examined(healthy.environment(), tmp_path, {"cluster.as": SOMEBODY, "ruler.url": url})

    roles = [role for role in yaml.safe_load_all(rows["permissions"].rbac) if role["kind"] == "Role"]
    (rules,) = [role["rules"] for role in roles if role["metadata"]["namespace"] == "rulers"]
    assert {"apiGroups": [""], "resources": ["services"], "resourceNames": ["vmalert"], "verbs": ["get"]} in rules
    assert {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]} in rules


def test_a_cluster_without_argo_rollouts(healthy: World, tmp_path: Path) -> None:
    healthy.api.uninstall("argoproj.io")
    try:
        rows = examined(healthy.environment(), tmp_path)
    finally:
        healthy.api.install("argoproj.io")

    assert_only(rows, "rollouts", "not installed")
    assert rows["controller"].because == "rollouts"


def test_a_controller_in_another_namespace(healthy: World, tmp_path: Path) -> None:
    rows = examined(healthy.environment(), tmp_path, {"controller.namespace": "team-0"})

    next_ = "MAINTAINER_CONTROLLER_NAMESPACE=argo-rollouts maintainer doctor"
    assert_only(rows, "controller", "team-0 has no pod", next_=next_)
    assert typed(healthy.environment(), tmp_path, next_)[0] == 0


def test_no_controller_at_all(healthy: World, tmp_path: Path) -> None:
    pods = list(healthy.store.snapshot("pods", "argo-rollouts").objects)
    for pod in pods:
        healthy.store.delete("pods", ("argo-rollouts", pod["metadata"]["name"]))
    try:
        rows = examined(healthy.environment(), tmp_path)
    finally:
        for pod in pods:
            healthy.store.put("pods", pod)

    assert_only(rows, "controller", "no pod of the controller", next_="kubectl get deployments -n argo-rollouts")


# Prometheus and the servers around it.


def test_a_url_where_nothing_listens(healthy: World, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    rows = examined(healthy.environment(), tmp_path, {"prometheus.url": url})

    assert_only(rows, "prometheus", url, "Connection refused", next_=f"curl -sS {url}")


def test_a_url_with_a_wrong_path(healthy: World, tmp_path: Path) -> None:
    url = f"{healthy.prometheus}/grafana"
    rows = examined(healthy.environment(), tmp_path, {"prometheus.url": url})

    assert_only(rows, "prometheus", "is not Prometheus", next_=f"curl -sS {url}")
    assert typed({}, tmp_path, rows["prometheus"].next)[0] == 0


def test_a_url_whose_name_nobody_knows(healthy: World, tmp_path: Path) -> None:
    rows = examined(healthy.environment(), tmp_path, {"prometheus.url": "http://prometheus.invalid:9090"})

    assert_only(rows, "prometheus", "prometheus.invalid", next_="getent hosts prometheus.invalid")


def test_a_page_of_a_web_server_in_place_of_prometheus(healthy: World, tmp_path: Path) -> None:
    page = Says(200, b"<html><title>Welcome to nginx!</title></html>", {"Content-Type": "text/html"})
    with Scripted(page) as nginx:
        rows = examined(healthy.environment(), tmp_path, {"prometheus.url": nginx.url})

    assert_only(rows, "prometheus", "is not Prometheus", "Welcome to nginx!", next_=f"curl -sS {nginx.url}")


def test_a_login_in_place_of_prometheus(healthy: World, tmp_path: Path) -> None:
    with Scripted(says({"message": "log in"}, 401)) as login:
        rows = examined(healthy.environment(), tmp_path, {"prometheus.url": login.url})

    next_ = "MAINTAINER_PROMETHEUS_BEARER_TOKEN_FILE=FILE maintainer doctor"
    assert_only(rows, "prometheus", "HTTP 401", "log in", next_=next_)


def test_a_url_with_http_for_a_server_that_speaks_https(healthy: World, tmp_path: Path) -> None:
    refused = Says(400, b"Client sent an HTTP request to an HTTPS server.\n", {"Content-Type": "text/plain"})
    with Scripted(refused) as server:
        rows = examined(healthy.environment(), tmp_path, {"prometheus.url": server.url})

    secure = server.url.replace("http:", "https:")
    assert_only(rows, "prometheus", "speaks https", next_=f"maintainer doctor --prometheus-url {secure}")


def test_prometheus_with_a_certificate_of_an_unknown_authority(healthy: World, tmp_path: Path) -> None:
    authority, context = unknown_authority()
    (tmp_path / "FILE").write_bytes(authority.cert_pem.bytes())
    with Front(healthy.prometheus, tls=context) as front:
        rows = examined(healthy.environment(), tmp_path, {"prometheus.url": front.url})
        assert_only(rows, "prometheus", "not trusted", next_="MAINTAINER_PROMETHEUS_TLS_CA_FILE=FILE maintainer doctor")
        environ = {**healthy.environment(), "MAINTAINER_PROMETHEUS_URL": front.url}
        assert typed(environ, tmp_path, rows["prometheus"].next)[0] == 0


def test_two_prometheus(healthy: World, tmp_path: Path) -> None:
    with having(healthy, "services", {**OTHER, "metadata": {**OTHER["metadata"], "namespace": "z-central"}}):
        rows = examined(without_url(healthy), tmp_path)
        assert_only(rows, "prometheus", "monitoring/prometheus:9090, z-central/prometheus-k8s:9090")
        assert rows["prometheus"].next == "maintainer doctor --prometheus-service monitoring/prometheus:9090"
        assert typed(without_url(healthy), tmp_path, rows["prometheus"].next)[0] == 0


def test_no_prometheus_in_the_cluster(healthy: World, tmp_path: Path) -> None:
    service = healthy.store.get("services", ("monitoring", "prometheus"))
    assert service
    other = {**service, "metadata": {**service["metadata"], "labels": {}}}
    with having(healthy, "services", other):
        rows = examined(without_url(healthy), tmp_path)

    assert_only(rows, "prometheus", "looks like Prometheus", next_="kubectl get services --all-namespaces")


def test_an_engine_that_leaves_the_rules_to_another_server(healthy: World, prometheus: Front, tmp_path: Path) -> None:
    prometheus.fault = Victoria(healthy.prometheus)
    rows = examined(healthy.environment(), tmp_path, {"prometheus.url": prometheus.url})
    ruled = examined(
        healthy.environment(), tmp_path, {"prometheus.url": prometheus.url, "ruler.url": healthy.prometheus}
    )

    assert rows["engine"].state == "warning"
    assert rows["engine"].next.startswith("MAINTAINER_RULER_URL=")
    assert ruled["engine"].state == ruled["ruler"].state == "ok"
    for looked in (rows, ruled):
        assert (looked["retention"].state, looked["retention"].seen.id) == ("warning", "doctor/retention.unknown")
        assert looked["retention"].next == f"curl -sS {prometheus.url}/flags"
        assert not [row for row in looked.values() if row.state in {"broken", "not-checked"}]


def test_a_retention_that_is_too_short(healthy: World, prometheus: Front, tmp_path: Path) -> None:
    prometheus.fault = changed("status/runtimeinfo", lambda data: {**data, "storageRetention": "6h or 1GiB"})
    rows = examined(healthy.environment(), tmp_path, {"prometheus.url": prometheus.url})

    assert_only(rows, "retention", "6h or 1GiB", "monthly", next_=f"curl -sS {prometheus.url}/api/v1/status/flags")
    assert typed({}, tmp_path, rows["retention"].next)[0] == 0


@pytest.mark.parametrize("setting", ["ruler.url", "alertmanager.url", "grafana.url"])
def test_another_server_of_the_settings_that_is_not_there(healthy: World, tmp_path: Path, setting: str) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    rows = examined(healthy.environment(), tmp_path, {setting: url})

    assert_only(rows, setting.partition(".")[0], url, "Connection refused", next_=f"curl -sS {url}")


def test_other_servers_of_the_settings_that_are_there(healthy: World, tmp_path: Path) -> None:
    with Scripted(says([])) as grafana:
        urls = {"grafana.url": grafana.url, "alertmanager.url": healthy.alertmanager, "ruler.url": healthy.prometheus}
        rows = examined(healthy.environment(), tmp_path, urls)

    assert_well(rows)
    assert {"grafana", "alertmanager", "ruler"} <= rows.keys()


# The clocks.


@pytest.mark.parametrize(("seconds", "way"), [(300.0, "ahead"), (-300.0, "behind")])
def test_the_clock_of_this_machine_is_wrong(healthy: World, tmp_path: Path, seconds: float, way: str) -> None:
    rows = examined(healthy.environment(), tmp_path, ahead=seconds)

    assert_only(rows, "clocks", "The clock of this machine", way, next_="sudo timedatectl set-ntp true")


@pytest.mark.parametrize(("seconds", "way"), [(300.0, "ahead"), (-300.0, "behind")])
def test_the_clock_of_the_api_server_is_wrong(api: Api, tmp_path: Path, seconds: float, way: str) -> None:
    api.front.skew = seconds

    assert_only(examined(api.environment(), tmp_path), "clocks", "The clock of the API server", way)


@pytest.mark.parametrize(("seconds", "way"), [(300.0, "ahead"), (-300.0, "behind")])
def test_the_clock_of_prometheus_is_wrong(
    healthy: World, prometheus: Front, tmp_path: Path, seconds: float, way: str
) -> None:
    def shown(data: object) -> Mapping[str, object]:
        return {"resultType": "scalar", "result": [0, f"{time.time() + seconds:.3f}"]}

    prometheus.fault = changed("query", shown)
    rows = examined(healthy.environment(), tmp_path, {"prometheus.url": prometheus.url})

    assert_only(rows, "clocks", "The clock of Prometheus", way)


def test_with_two_clocks_it_is_not_said_which_is_wrong(healthy: World, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    rows = examined(healthy.environment(), tmp_path, {"prometheus.url": url}, ahead=300.0)

    assert rows["clocks"].seen.id == "doctor/clocks.apart"
    assert rows["clocks"].next == "timedatectl status"


# The store.


def test_a_store_in_a_namespace_that_does_not_exist(healthy: World, tmp_path: Path) -> None:
    rows = examined(healthy.environment(), tmp_path, {"store.kind": "configmaps"})

    assert_only(rows, "store", "no namespace maintainer", next_="kubectl create namespace maintainer")


@pytest.mark.parametrize("verb", ["get", "create", "patch", "delete"])
def test_a_store_of_which_one_right_is_missing(healthy: World, tmp_path: Path, verb: str) -> None:
    flags = {"store.kind": "configmaps", "store.namespace": "monitoring", "grafana.dashboards": ["other/x"]}
    with having(healthy, "namespaces", {"metadata": {"name": "monitoring"}}):
        healthy.api.forbid(verb, "configmaps", "monitoring")
        try:
            rows = examined(healthy.environment(), tmp_path, {**flags, "checks": ["coverage/*"]})
        finally:
            healthy.api.allow_all()

    assert_only(rows, "store", f"{verb} configmaps in monitoring")
    assert f"verbs: [{verb}]" in rows["store"].rbac
    assert ("maintainer-ledger-9" in rows["store"].rbac) is (verb != "delete")


def test_a_folder_that_is_none(healthy: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    path = str(tmp_path / "file" / "store")
    rows = examined(healthy.environment(), tmp_path, {"store.kind": "directory", "store.path": path})

    assert_only(rows, "store", f"{tmp_path}/file is no folder", next_=f"ls -ld {tmp_path}/file")
    assert typed({}, tmp_path, rows["store"].next)[0] == 0


# What is printed.


def test_the_rows_stand_on_a_line_each_and_the_commands_can_be_copied(healthy: World, tmp_path: Path) -> None:
    code, out = typed(healthy.environment(), tmp_path, "maintainer doctor --as nobody")

    assert code == 3
    lines = out.splitlines()
    assert lines[0].startswith("ok           kubernetes   Kubernetes v1.34.4 at https://")
    assert [line for line in lines if line.startswith("broken       permissions  The account lacks rights")]
    command = out.partition("permissions: type\n")[2].partition("\n\n")[0]
    assert command.startswith("kubectl apply --server-side -f - <<'EOF'\n---\napiVersion: ")
    assert command.rstrip().endswith("\nEOF")


def test_what_a_server_quotes_of_a_secret_is_not_printed(healthy: World, prometheus: Front, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hush-hush-hush", "utf-8")
    prometheus.fault = lambda asked, _forward: Answer(500, asked.headers.get("Authorization", "none").encode(), {})
    environ = {
        **healthy.environment(),
        "MAINTAINER_PROMETHEUS_URL": prometheus.url,
        "MAINTAINER_PROMETHEUS_BEARER_TOKEN_FILE": str(tmp_path / "token"),
    }
    for words in ("", " --format json"):
        code, out = typed(environ, tmp_path, f"maintainer doctor{words}")
        assert code == 3
        assert "<secret>" in out
        assert "hush" not in out


def test_wrong_usage_is_exit_code_2(tmp_path: Path) -> None:
    assert typed({}, tmp_path, "maintainer doctor --format yaml")[0] == 2


# Slack.


def posting(slack: Slack, folder: Path, token: str = TOKEN) -> dict[str, str]:
    """The variables with which a run posts to this Slack."""
    (folder / "slack-token").write_text(token, "utf-8")
    base = {"MAINTAINER_SLACK_POST": "true", "MAINTAINER_SLACK_BASE_URL": f"{slack.url}/api/"}
    return {**base, "MAINTAINER_SLACK_TOKEN_FILE": str(folder / "slack-token")}


def test_slack_that_takes_reports(healthy: World, tmp_path: Path) -> None:
    with Slack() as slack:
        rows = examined({**healthy.environment(), **posting(slack, tmp_path)}, tmp_path)

        assert_well(rows)
        assert "may post to #deployments" in told(rows)
        assert slack.messages == []


def test_a_token_that_slack_does_not_know(healthy: World, tmp_path: Path) -> None:
    with Slack() as slack:
        rows = examined({**healthy.environment(), **posting(slack, tmp_path, "xoxb-other")}, tmp_path)

    assert_only(rows, "slack", "invalid_auth", next_="MAINTAINER_SLACK_TOKEN_FILE=FILE maintainer doctor")
    assert "xoxb-other" not in told(rows)


def test_a_file_of_a_token_that_is_not_there(healthy: World, tmp_path: Path) -> None:
    file = {"MAINTAINER_SLACK_TOKEN_FILE": str(tmp_path / "nowhere")}
    rows = examined({**healthy.environment(), **file}, tmp_path)

    assert_only(rows, "slack", f"cannot read the secret file {tmp_path / 'nowhere'}")


def test_a_slack_that_is_not_there(healthy: World, tmp_path: Path) -> None:
    with Slack() as slack:
        variables = {**healthy.environment(), **posting(slack, tmp_path)}
    rows = examined(variables, tmp_path)

    assert_only(rows, "slack", "it was not reached")
