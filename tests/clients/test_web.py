"""The requests to a server with a JSON API, and the errors."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from maintainer.clients.endpoint import Endpoint, headers_with_token
from maintainer.clients.web import Web
from maintainer.errors import SourceUnavailable
from maintainer.model.message import message
from maintainer.render.words import load, say
from tests.servers.scripted import Says, Scripted, says


class Version(msgspec.Struct):
    """A response body."""

    version: str


FINE = says({"version": "0.28", "more": []})
WEB_PAGE = {"Content-Type": "text/html"}


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted(FINE) as server:
        yield server


def ask(url: str, **endpoint: Any) -> Version:
    with closing(Web(Endpoint(url, **endpoint), "Alertmanager")) as web:
        return web.get("api/v2/status", Version, active="true")


def refused(url: str, **endpoint: Any) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as caught:
        ask(url, **endpoint)
    error = caught.value
    assert error.params["who"] == "Alertmanager"
    assert say(load("en"), message(f"gap/{error.reason}", **error.params))
    return error


def test_json_below_a_path_is_decoded_and_unused_fields_are_ignored(server: Scripted) -> None:
    assert ask(f"{server.url}/alertmanager/") == Version("0.28")
    [asked] = server.asked
    assert (asked.method, asked.path, asked.query) == ("GET", "/alertmanager/api/v2/status", {"active": "true"})


def test_a_page_of_metrics_is_text(server: Scripted) -> None:
    server.script = [Says(200, b"up 1\n", {"Content-Type": "text/plain"})]
    with closing(Web(Endpoint(server.url), "Prometheus")) as web:
        assert web.text("metrics") == "up 1\n"
        assert (web.cost.requests, web.cost.bytes) == (1, 5)


def test_credentials_go_with_each_request_and_none_of_a_netrc(
    server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    (tmp_path / "token").write_text("hush\n", "utf-8")
    ask(server.url)
    ask(server.url, headers=headers_with_token({}, str(tmp_path / "token")))
    assert [asked.headers.get("authorization") for asked in server.asked] == [None, "Bearer hush"]


def test_a_redirect_is_not_followed(server: Scripted) -> None:
    with Scripted(FINE) as elsewhere:
        server.script = [Says(302, headers={"Location": f"{elsewhere.url}/login"})]
        error = refused(server.url)
        assert elsewhere.asked == []
    assert (error.reason, error.permanent) == ("web-broken-answer", True)
    assert error.params["detail"] == f"it redirects to {elsewhere.url}/login"


@pytest.mark.parametrize(
    ("answer", "reason", "said", "permanent"),
    [
        (Says(401, b"Unauthorized\n"), "web-auth", "Unauthorized", True),
        (says({"message": "Permission denied"}, 403), "web-auth", "Permission denied", True),
        (says({"message": "Dashboard not found"}, 404), "web-status", "Dashboard not found", True),
        (says({"error": "too busy"}, 500), "web-status", "too busy", False),
        (
            Says(503, b"<html>no healthy upstream</html>", WEB_PAGE),
            "web-status",
            "<html>no healthy upstream</html>",
            False,
        ),
        (says([1, 2], 418), "web-status", "[1, 2]", True),
    ],
)
def test_an_error_has_the_servers_message(
    server: Scripted, answer: Says, reason: str, *, said: str, permanent: bool
) -> None:
    server.script = [answer]
    error = refused(server.url)
    assert (error.reason, error.permanent) == (reason, permanent)
    assert (error.params["status"], error.params["said"]) == (str(answer.status), said)


def test_the_api_servers_refusal_of_its_proxy_is_not_the_servers_own(server: Scripted) -> None:
    server.script = [says({"kind": "Status", "message": "cannot get resource services/proxy"}, 403)]
    error = refused(f"{server.url}/api/v1/namespaces/monitoring/services/alertmanager:9093/proxy")
    assert (error.reason, error.permanent) == ("web-proxy", True)
    assert error.params["said"] == "cannot get resource services/proxy"


@pytest.mark.parametrize("body", [b"<html>Log in</html>", b'{"vers', b"[]", b'{"version": 7}', b"\xff"], ids=ascii)
def test_an_answer_that_is_not_the_apis_is_no_answer(server: Scripted, body: bytes) -> None:
    server.script = [Says(200, body, WEB_PAGE)]
    assert refused(server.url).reason == "web-broken-answer"


def test_a_server_that_is_not_there_is_named_with_the_systems_words() -> None:
    with Scripted(FINE) as gone:
        pass
    error = refused(gone.url)
    assert (error.reason, error.permanent) == ("web-connection", False)
    assert (error.params["url"], error.params["detail"]) == (gone.url, "[Errno 111] Connection refused")


def test_a_server_that_never_answers_is_given_up_without_a_retry(server: Scripted) -> None:
    done = threading.Event()
    server.script = [Says(after=lambda: done.wait(10))]
    error = refused(server.url, timeout=0.2)
    done.set()
    assert (error.reason, error.params["seconds"]) == ("web-timeout", 0.2)
    assert len(server.asked) == 1


def test_a_file_of_an_authority_that_is_not_there_is_a_matter_of_tls(server: Scripted, tmp_path: Path) -> None:
    error = refused(server.url.replace("http:", "https:"), ca_file=str(tmp_path / "none.pem"))
    assert (error.reason, error.permanent) == ("web-tls", True)


def test_what_speaks_plain_http_is_no_handshake(server: Scripted) -> None:
    error = refused(server.url.replace("http:", "https:"))
    assert (error.reason, error.permanent) == ("web-handshake", True)


def test_what_passes_is_tried_again(server: Scripted) -> None:
    server.script = [Says(502), FINE]
    assert ask(server.url).version == "0.28"
    assert len(server.asked) == 2
