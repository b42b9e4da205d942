"""Whole runs of the real command with a secret in every place where one can stand: nothing that it writes has one."""

import json
import ssl
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import sleep
from urllib.parse import quote

import pytest
import trustme
import yaml

from maintainer.sandbox.api import TOKEN
from maintainer.sandbox.world import World
from tests.scenarios.front import Answer, Asked, Fault, Front
from tests.scenarios.runs import Ended, monthly

pytestmark = pytest.mark.extended

SECRETS = {
    "bearer": "hush-bearer-token",
    "password": "hush-p#ss/w?rd@basic",
    "header in the file": "hush-header-file",
    "header in the environment": "hush-header-environment",
    "grafana": "hush-grafana-token",
    "plug-in": TOKEN,
    "other user": "hush-other-user",
    "key": b64encode(b"-----BEGIN KEY-----\nhush-key\n").decode(),
    "auth-provider": "hush-id-token",
    "proxy": "hush-proxy#password",
    "target": "hush-target-password",
    "query": "hush-target-token",
    "store": "hush/store#password",
    "parameter": "hush-parameter",
    "alertmanager": "hush-alertmanager",
    "receiver": "hush-receiver",
}
PLUG_IN = """#!{python}
import json, os, sys
with open({record!r}, "a") as file:
    file.write(" ".join(sys.argv))
status = {{"token": {token!r}}}
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}}))
"""


@dataclass(frozen=True, slots=True)
class Planted:
    """Everything that a run is given, with secrets in it."""

    world: World
    folder: Path
    proxy: Front

    def environment(self, fronts: Mapping[str, str], *, proxied: bool = False, late: bool = False) -> dict[str, str]:
        """The environment of a run that reaches ``fronts``: URLs of prometheus, api and grafana."""
        files = {"token": SECRETS["bearer"], "password": SECRETS["password"], "grafana": SECRETS["grafana"]}
        for name, secret in files.items():
            (self.folder / name).write_text(f"{secret}\n", "utf-8")
        (self.folder / "kubeconfig").write_text(yaml.safe_dump(self._kubeconfig(fronts["api"])), "utf-8")
        settings = {
            "prometheus": {"headers": {"X-Api-Key": SECRETS["header in the file"]}},
            "grafana": {"tokenFile": str(self.folder / "grafana")},
        }
        (self.folder / "maintainer.yaml").write_text(yaml.safe_dump(settings), "utf-8")
        (self.folder / "tmp").mkdir(exist_ok=True)
        return {
            **self.world.environment(),
            "KUBECONFIG": str(self.folder / "kubeconfig"),
            "MAINTAINER_PROMETHEUS_URL": fronts["prometheus"],
            "MAINTAINER_GRAFANA_URL": fronts["grafana"],
            "MAINTAINER_PROMETHEUS_TIMEOUT": "200ms" if late else "30s",
            "HTTP_PROXY": f"http://user:{quote(SECRETS['proxy'])}@{self.proxy.url.removeprefix('http://')}",
            "NO_PROXY": "" if proxied else "127.0.0.1",
            "TMPDIR": str(self.folder / "tmp"),
        }

    def _kubeconfig(self, url: str) -> dict[str, object]:
        plug_in = self.folder / "plug-in"
        record = str(self.folder / "argv")
        plug_in.write_text(PLUG_IN.format(python=sys.executable, record=record, token=TOKEN), "utf-8")
        plug_in.chmod(0o755)
        user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plug_in), "args": ["login"]}}
        others = {
            "token": SECRETS["other user"],
            "client-key-data": SECRETS["key"],
            "auth-provider": {"name": "oidc", "config": {"id-token": SECRETS["auth-provider"]}},
        }
        return {
            "current-context": "sandbox",
            "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": "plug-in"}}],
            "clusters": [{"name": "sandbox", "cluster": {"server": url}}],
            "users": [{"name": "plug-in", "user": user}, {"name": "others", "user": others}],
        }


@pytest.fixture
def planted(healthy: World, tmp_path: Path) -> Iterator[Planted]:
    with Front("") as proxy:  # it is asked for whole URLs
        yield Planted(healthy, tmp_path, proxy)


PROMETHEUS_CONFIG = f"""
remote_write:
  - url: https://user:{SECRETS["store"]}@store/push?token={SECRETS["query"]}
scrape_configs:
  - job_name: argo-rollouts
    params: {{token: [{SECRETS["parameter"]}]}}
"""
ALERTMANAGER_CONFIG = f"""
global: {{slack_api_url: https://hooks.slack.com/{SECRETS["receiver"]}}}
route: {{receiver: slack}}
receivers: [{{name: slack, slack_configs: [{{api_url: https://hooks.slack.com/{SECRETS["receiver"]}}}]}}]
"""
TARGET = f"http://user:{SECRETS['target']}@controller:8090/metrics?token={SECRETS['query']}"


def quoted(asked: Asked) -> str:
    """What a server can quote of a request, with a URL that only it knows."""
    return f"{json.dumps(dict(asked.headers))} for {TARGET}"


def unauthorized(asked: Asked, _forward: object) -> Answer:
    return Answer(401, json.dumps({"status": "error", "message": f"no entry with {quoted(asked)}"}).encode())


def broken(asked: Asked, _forward: object) -> Answer:
    return Answer(500, quoted(asked).encode(), {"Content-Type": "text/plain"})


def broken_json(asked: Asked, _forward: object) -> Answer:
    return Answer(200, json.dumps({"config": PROMETHEUS_CONFIG, "asked": quoted(asked)})[:-2].encode())


def login_page(asked: Asked, _forward: object) -> Answer:
    return Answer(200, f"<html>{quoted(asked)}".encode(), {"Content-Type": "text/html"})


def assert_no_secret(ended: Ended, folder: Path) -> None:
    """No secret, in no encoding, is in a report, on the terminal, or in a file that the run has left."""
    left = [file for file in (folder / "tmp").rglob("*") if file.is_file()]
    texts = {"stdout": ended.out, "stderr": ended.err, **ended.texts}
    texts |= {str(file): file.read_text("utf-8", "replace") for file in [*left, folder / "argv"]}
    for place, secret in SECRETS.items():
        data = secret.encode()
        forms = {secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]}
        forms |= {b64encode(data).decode(), urlsafe_b64encode(data).decode(), b64encode(b"user:" + data).decode()}
        for name, text in texts.items():
            shown = [form for form in forms if form in text]
            assert not shown, (place, name, shown, [line for line in text.splitlines() if shown[0] in line][:3])
    for name, text in texts.items():
        assert "hush" not in text, (name, [line for line in text.splitlines() if "hush" in line][:3])


def late(asked: Asked, forward: Callable[[], Answer]) -> Answer:
    sleep(0.5)  # the timeout of Prometheus is shorter
    return unauthorized(asked, forward)


@pytest.mark.parametrize(
    ("fault", "basic", "said"),
    [
        (unauthorized, False, "refuses access (HTTP 401"),
        (broken, True, "answered HTTP 500"),
        (broken_json, False, "did not answer with what its API gives"),
        (login_page, True, "<html>"),
        (late, False, "did not answer within 0.2 s"),
    ],
    ids=["401", "500", "broken JSON", "a page to log in", "a timeout"],
)
def test_a_server_that_quotes_all_that_it_knows_is_quoted_without_secrets(
    planted: Planted, fault: Fault, *, basic: bool, said: str
) -> None:
    with Front("", fault) as front:
        urls = dict.fromkeys(("prometheus", "api", "grafana"), front.url)
        environ = planted.environment(urls, late=fault is late) | credentials(planted, basic=basic)
        ended = monthly(environ, planted.folder, "-v")

        sent = {value for asked in front.asked for value in asked.headers.values()}
    assert {f"Bearer {TOKEN}", f"Bearer {SECRETS['grafana']}"} <= sent
    assert ended.code == 3, ended.err
    assert any(said in reason for reason in ended.gaps()), ended.gaps()
    assert_no_secret(ended, planted.folder)


def credentials(planted: Planted, *, basic: bool) -> dict[str, str]:
    """Prometheus' credentials."""
    if basic:
        return {
            "MAINTAINER_PROMETHEUS_BASIC_AUTH_USERNAME": "user",
            "MAINTAINER_PROMETHEUS_BASIC_AUTH_PASSWORD_FILE": str(planted.folder / "password"),
            "MAINTAINER_PROMETHEUS_HEADERS": json.dumps({"X-Api-Key": SECRETS["header in the environment"]}),
        }
    return {"MAINTAINER_PROMETHEUS_BEARER_TOKEN_FILE": str(planted.folder / "token")}


def test_a_redirect_is_not_followed_and_is_named_without_secrets(planted: Planted) -> None:
    with Front("", broken) as elsewhere:

        def redirect(asked: Asked, _forward: object) -> Answer:
            location = (
                f"http://user:{SECRETS['target']}@{elsewhere.url.removeprefix('http://')}/?sent={quote(quoted(asked))}"
            )
            return Answer(307, b"", {"Location": location})

        with Front("", redirect) as front:
            environ = planted.environment(dict.fromkeys(("prometheus", "api", "grafana"), front.url))
            ended = monthly(environ | credentials(planted, basic=False), planted.folder, "-v")
        assert elsewhere.asked == []

    assert ended.code == 3, ended.err
    assert (
        f"it redirects to http://<secret>@{elsewhere.url.removeprefix('http://')}/?sent=<secret>" in ended.texts["json"]
    )
    assert_no_secret(ended, planted.folder)


def test_a_server_that_is_not_reached_is_named_without_secrets(planted: Planted) -> None:
    """Nothing listens there, the certificate is of an unknown authority, and the proxy closes the connection."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Front("", broken, context) as front:
        urls = {"prometheus": front.url, "api": "http://127.0.0.1:9", "grafana": "http://localhost:9"}
        environ = planted.environment(urls) | credentials(planted, basic=True)
        ended = monthly(environ | {"HTTP_PROXY": environ["HTTP_PROXY"].rpartition(":")[0] + ":9"}, planted.folder)

    assert ended.code == 3, ended.err
    assert "CERTIFICATE_VERIFY_FAILED" in ended.texts["json"] or "self-signed" in ended.texts["json"]
    assert_no_secret(ended, planted.folder)


def test_an_audit_that_succeeds_shows_no_secret(planted: Planted) -> None:
    """All requests pass a proxy, and Prometheus and Alertmanager tell what they know."""
    with ExitStack() as stack:
        alertmanager = stack.enter_context(Front("", told_by_alertmanager))
        of_prometheus = partial(told_by_prometheus, alertmanager.url.removeprefix("http://"))
        fronts = {
            "prometheus": stack.enter_context(Front(planted.world.prometheus, of_prometheus)).url,
            "api": stack.enter_context(Front(planted.world.api.url, authority=planted.world.api.authority)).url,
            "grafana": stack.enter_context(Front("", no_dashboards)).url,
        }
        environ = planted.environment(fronts, proxied=True)
        ended = monthly(environ | credentials(planted, basic=False), planted.folder, "-v")

    basic = b64encode(f"user:{SECRETS['proxy']}".encode()).decode()
    headers = [{name.lower(): value for name, value in asked.headers.items()} for asked in planted.proxy.asked]
    assert {sent.get("proxy-authorization") for sent in headers} == {f"Basic {basic}"}
    assert len(alertmanager.asked) == 1
    assert ended.found == {"pipeline/target"}, (ended.found, ended.gaps())
    assert "http://<secret>@controller:8090/metrics?token=<secret>" in ended.texts["json"]
    assert_no_secret(ended, planted.folder)


def told_by_prometheus(alertmanager: str, asked: Asked, forward: Callable[[], Answer]) -> Answer:
    """Prometheus' answers, with passwords in its configuration, and in the URLs of its target and its Alertmanager."""
    match asked.target.partition("?")[0]:
        case "/api/v1/status/config":
            return success({"yaml": PROMETHEUS_CONFIG})
        case "/api/v1/alertmanagers":
            url = f"http://user:{SECRETS['alertmanager']}@{alertmanager}/api/v2/alerts"
            return success({"activeAlertmanagers": [{"url": url}]})
        case "/api/v1/targets":
            data = forward().json["data"]
            for target in data["activeTargets"]:
                error = f'Get "{TARGET}": server returned HTTP status 500'
                target |= {"scrapeUrl": TARGET, "health": "down", "lastError": error}
            return success(data)
        case _:
            return forward()


def told_by_alertmanager(_asked: Asked, _forward: object) -> Answer:
    return Answer(200, json.dumps({"config": {"original": ALERTMANAGER_CONFIG}}).encode())


def no_dashboards(_asked: Asked, _forward: object) -> Answer:
    return Answer(200, b"[]")


def success(data: object) -> Answer:
    return Answer(200, json.dumps({"status": "success", "data": data}).encode())


@pytest.mark.parametrize(
    "text",
    [
        "prometheus: {headers: {X-Api-Key: hush: 1}}",
        "prometheus: {url: 'http://user:hu/sh@a', publicUrl: 'http://a/?token=hush', service: 'http://user:hush@a'}",
    ],
    ids=["no YAML", "URLs"],
)
def test_settings_are_refused_without_secrets(text: str, tmp_path: Path) -> None:
    (tmp_path / "maintainer.yaml").write_text(text, "utf-8")

    ended = monthly({}, tmp_path)

    assert ended.code == 2, ended.err
    assert ended.err.count("maintainer: ") == 1
    assert "hush" not in ended.err + ended.out


def test_a_proxy_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path) -> None:
    environ = {"HTTP_PROXY": "http://user:hu#sh@proxy", "MAINTAINER_PROMETHEUS_URL": "http://prometheus:9090"}

    ended = monthly(environ, tmp_path)

    assert (ended.code, ended.out) == (2, "")
    assert "maintainer: HTTP_PROXY cannot be used: " in ended.err
    assert "hu#sh" not in ended.err
