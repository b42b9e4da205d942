"""The HTTP requests to Prometheus: retries, timeouts, redirects, and errors."""

import gzip
import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from maintainer.clients.endpoint import Endpoint, headers_with_token
from maintainer.clients.prometheus import Prometheus
from maintainer.errors import ConfigError, SourceUnavailable
from tests.servers.scripted import Says, Scripted, says, scalar, success

OVERLOADED = {"status": "error", "errorType": "timeout", "error": "query timed out in query execution"}


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(scalar()) as server:
        yield server


def ask(server: Scripted, **endpoint: Any) -> float:
    with closing(Prometheus(Endpoint(server.url, **endpoint))) as prometheus:
        return prometheus.time()


def refused(server: Scripted, **endpoint: Any) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        ask(server, **endpoint)
    return caught.value


def test_a_query_goes_into_the_body_and_the_url_stays_short(server: Scripted) -> None:
    server.script = [success({"resultType": "vector", "result": []})]
    names = "|".join(f"rollout-{n:05}" for n in range(5000))
    query = f'rollout_info{{name=~"{names}"}}'
    with closing(Prometheus(Endpoint(f"{server.url}/prometheus/"))) as prometheus:
        assert prometheus.vector(query) == ()
    [asked] = server.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/prometheus/api/v1/query", {})
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.form == {"query": query, "stats": "all", "nocache": "1", "timeout": "30s"}


def test_a_compressed_answer_is_read(server: Scripted) -> None:
    body = gzip.compress(scalar("7").body)
    server.script = [Says(200, body, {"Content-Type": "application/json", "Content-Encoding": "gzip"})]
    assert ask(server) == 7
    assert "gzip" in server.asked[0].headers["accept-encoding"]


def test_headers_are_sent_with_each_request_such_as_the_tenant(server: Scripted) -> None:
    ask(server, headers=headers_with_token({"X-Scope-OrgID": "team-a", "X-Name": "café"}, ""))
    assert server.asked[0].headers["x-scope-orgid"] == "team-a"
    assert "authorization" not in server.asked[0].headers


def test_a_token_is_read_again_for_each_request(server: Scripted, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n", "utf-8")
    with closing(Prometheus(Endpoint(server.url, headers=headers_with_token({}, str(file))))) as prometheus:
        prometheus.time()
        file.write_bytes(b"\xef\xbb\xbfsecond\r\n")
        prometheus.time()
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize("content", [b"hush\nhush", b"", "비밀".encode(), b"\xff\xfe"], ids=ascii)
def test_a_file_that_holds_no_token_is_refused_without_being_shown(
    server: Scripted, content: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=str(file)) as caught:
        ask(server, headers=headers_with_token({}, str(file)))
    assert "hush" not in str(caught.value)
    assert server.asked == []


@pytest.mark.parametrize("token", ["hush", "hush/hush+hush=="])
def test_a_token_in_the_place_of_its_file_is_not_shown(token: str) -> None:
    with pytest.raises(ConfigError, match="take the path of a file") as caught:
        headers_with_token({}, token)()
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(("name", "value"), [("X-Team", "팀"), ("X Team", "a"), ("X-Team", "a\nX-Other: b")])
def test_a_header_that_http_cannot_carry_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=r"prometheus\.headers"):
        headers_with_token({name: value}, "")


def test_a_header_that_stands_in_the_place_of_its_name_is_refused_without_its_value() -> None:
    with pytest.raises(ConfigError, match="'X-Api-Key'") as caught:
        headers_with_token({"X-Api-Key: hush": ""}, "")
    assert "hush" not in str(caught.value)


def test_the_text_of_an_error_shows_no_password_of_a_url_that_is_cut(server: Scripted) -> None:
    server.script = [Says(500, b"no route to http://user:hush" + b"x" * 300 + b"@store")]
    assert "no route to http://<secret>@store" in str(refused(server))


def test_a_redirect_is_named_without_what_may_be_a_secret(server: Scripted) -> None:
    server.script = [Says(302, headers={"Location": "https://u:hush@login/?token=hush"})]
    assert refused(server).params["detail"] == "it redirects to https://<secret>@login/?token=<secret>"


def test_basic_authentication_may_use_any_characters(server: Scripted) -> None:
    ask(server, basic=("maintainer", "비밀:번호"))
    assert server.asked[0].headers["authorization"] == f"Basic {b64encode('maintainer:비밀:번호'.encode()).decode()}"


def test_a_netrc_is_not_used(server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else", "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    server.script = [Says(302, headers={"Location": "/elsewhere"}), scalar()]
    refused(server)
    ask(server)
    assert ["authorization" in asked.headers for asked in server.asked] == [False, False]


def test_a_redirect_is_not_followed(server: Scripted) -> None:
    """A redirected POST would lose its body, and another host would get the credentials."""
    with Scripted(scalar()) as elsewhere:
        server.script = [Says(301, headers={"Location": f"{elsewhere.url}/api/v1/query"})]
        error = refused(server, headers=headers_with_token({"X-Api-Key": "hush"}, ""))
        assert elsewhere.asked == []
    assert error.params["detail"] == f"it redirects to {elsewhere.url}/api/v1/query"
    assert error.permanent


@pytest.mark.parametrize("trouble", [Says(502), Says(reset=True)], ids=["502", "reset"])
def test_what_passes_is_tried_again(server: Scripted, trouble: Says) -> None:
    server.script = [trouble, scalar("2")]
    assert ask(server) == 2
    assert [asked.form["query"] for asked in server.asked] == ["time()", "time()"]


def test_retry_after_is_respected(server: Scripted) -> None:
    server.script = [says({}, 429, Retry_After="1"), scalar()]
    begun = monotonic()
    ask(server)
    assert monotonic() - begun >= 1


def test_after_two_more_tries_the_servers_own_words_are_kept(server: Scripted) -> None:
    server.script = [Says(502, b"first"), Says(429, b"second"), Says(502, b"the pods of Prometheus are gone")]
    error = refused(server)
    assert (error.reason, error.permanent) == ("web-status", False)
    assert (error.params["status"], error.params["said"]) == ("502", "the pods of Prometheus are gone")
    assert len(server.asked) == 3


def test_a_connection_that_breaks_again_and_again_is_given_up(server: Scripted) -> None:
    server.script = [Says(reset=True)]
    error = refused(server)
    assert error.reason == "web-connection"
    assert "reset" in str(error.params["detail"]).lower()
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 500, 503, 504])
def test_what_would_only_fail_again_is_not_tried_again(server: Scripted, status: int) -> None:
    server.script = [says(OVERLOADED, status)]
    error = refused(server)
    assert (error.reason, error.params["kind"], error.params["said"]) == (
        "prometheus-refused",
        "timeout",
        OVERLOADED["error"],
    )
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Says(403, b"no access"),
        says({"status": "error", "errorType": "unauthorized", "error": "no access"}, 403),
        says({"kind": "Status", "status": "Failure", "message": "no access", "reason": "Forbidden"}, 403),
    ],
    ids=["text", "prometheus", "kubernetes"],
)
def test_the_error_of_a_refused_login_is_quoted(server: Scripted, answer: Says) -> None:
    server.script = [answer]
    error = refused(server)
    assert (error.reason, error.permanent, error.params["said"]) == ("web-auth", True, "no access")


def test_a_query_that_runs_into_the_timeout_is_not_sent_again(server: Scripted) -> None:
    done = threading.Event()
    server.script = [Says(after=lambda: done.wait(5))]
    begun = monotonic()
    error = refused(server, timeout=0.3)
    waited = monotonic() - begun
    done.set()
    assert (error.reason, error.params["seconds"]) == ("web-timeout", 0.3)
    assert waited < 2
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "endpoint",
    [Endpoint("https://127.0.0.1:1", ca_file="/none"), Endpoint("https://127.0.0.1:1", cert_file="/none")],
    ids=["authority", "certificate"],
)
def test_a_file_of_tls_that_is_missing_is_named(endpoint: Endpoint) -> None:
    with closing(Prometheus(endpoint)) as prometheus, pytest.raises(SourceUnavailable) as caught:
        prometheus.time()
    assert caught.value.reason == "web-tls"
    assert "/none" in str(caught.value.params["detail"])


@pytest.mark.parametrize("url", ["http://a..b", "http://exa mple", "http://127.0.0.1:99999"])
def test_a_url_that_cannot_be_reached_is_a_gap(url: str) -> None:
    with closing(Prometheus(Endpoint(url))) as prometheus, pytest.raises(SourceUnavailable) as caught:
        prometheus.time()
    assert caught.value.reason == "web-connection"


def test_warnings_are_kept_once_each(server: Scripted) -> None:
    vector = {"resultType": "vector", "result": []}
    server.script = [
        success(vector, warnings=["store a is away"]),
        success(vector, warnings=["store b is away", "store a is away"]),
    ]
    with closing(Prometheus(Endpoint(server.url))) as prometheus:
        for _ in range(3):
            prometheus.vector("up")
        assert prometheus.warnings == ("store a is away", "store b is away")


BROKEN = {
    "no-envelope": b"[]",
    "no-result": json.dumps({"status": "success", "data": {"resultType": "scalar"}}).encode(),
    "other-type": success({"resultType": "vector", "result": []}).body,
    "no-number": scalar("many").body,
    "no-utf-8": scalar().body.replace(b'"1"', b'"\xff"'),
    "no-gzip": b"",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_a_response_that_cannot_be_decoded_is_reported_as_broken(server: Scripted, body: bytes) -> None:
    compressed = {} if body else {"Content-Encoding": "gzip"}
    server.script = [Says(200, body or b"plain", {"Content-Type": "application/json", **compressed})]
    assert refused(server).reason == "web-broken-answer"


@pytest.mark.parametrize(
    "wrong", [{"lastScrape": "never"}, {"scrapeInterval": "often"}, {"scrapeTimeout": ""}, {"health": None}], ids=str
)
def test_targets_that_cannot_be_decoded_are_reported_as_broken(server: Scripted, wrong: dict[str, str]) -> None:
    target = {"labels": {"job": "a"}, "lastScrape": "2026-10-01T00:00:00.123456789Z", "health": "up"}
    with closing(Prometheus(Endpoint(server.url))) as prometheus:
        server.script = [success({"activeTargets": [target]})]
        [found] = prometheus.targets()
        assert (found.healthy, found.interval, found.timeout) == (True, 60, 10)
        server.script = [success({"activeTargets": [{**target, **wrong}]})]
        with pytest.raises(SourceUnavailable, match="broken-answer"):
            prometheus.targets()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Says(404, b"404 page not found"), "web-not-found"),
        (Says(404, b"default backend - 404"), "web-not-found"),
        (Says(400, b"Client sent an HTTP request to an HTTPS server.\n"), "web-https"),
        (Says(400, b"<h1>400 Bad Request</h1> The plain HTTP request was sent to HTTPS port"), "web-https"),
        (Says(400, b"bad host"), "web-status"),
        (says({"message": "Missing Authentication Token"}, 403), "web-sigv4"),
        (Says(403, b'{"message":"no"}', {"x-amzn-RequestId": "1"}), "web-sigv4"),
        (Says(403, b"<MissingAuthenticationToken>"), "web-sigv4"),
        (says({"kind": "Status", "status": "Failure", "message": 'services "prom" not found'}, 404), "web-status"),
    ],
)
def test_an_answer_that_will_stay_so_is_permanent_and_says_what_it_means(
    server: Scripted, answer: Says, reason: str
) -> None:
    server.script = [answer]
    error = refused(server)

    assert (error.reason, error.permanent) == (reason, True)
    assert len(server.asked) == 1


def test_the_path_that_is_not_there_is_named(server: Scripted) -> None:
    server.script = [Says(404, b"404 page not found")]

    assert refused(server).params["path"] == "/api/v1/query"
