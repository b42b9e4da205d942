"""A proxy that cannot be used is said in a sentence, without its password."""

from contextlib import closing
from pathlib import Path

import pytest

from maintainer.clients.cluster import connect
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.proxies import require_usable_proxy
from maintainer.clients.web import Web
from maintainer.errors import ConfigError, SourceUnavailable
from maintainer.sandbox.api import kubeconfig

WRONG = {
    "socks5://user:hush@proxy:1080": "it names a SOCKS proxy, and only http:// and https:// can be used",
    "ftp://user:hush@proxy": "it names a proxy of another kind, and only http:// and https:// can be used",
    "http://user:hu#sh@proxy:3128": "write %40 for @, %2F for /, %3F for ? and %23 for # in its name and password",
    "http://user:hu/sh@proxy:3128": "write %40 for @, %2F for /, %3F for ? and %23 for # in its name and password",
    "http://user:hush@": "it names no host",
    "http://": "it names no host",
    "http://:3128": "it names no host",
    "http://user:hush@proxy:hush": "its port is not a number from 1 to 65535",
    "http://user:hush@proxy:": "its port is not a number from 1 to 65535",
    "http://user:hush@proxy:99999999": "its port is not a number from 1 to 65535",
    "http://user:hu?sh": "its port is not a number from 1 to 65535",
    "http://[::1:3128": "it names no host",
}


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(("proxy", "problem"), WRONG.items())
def test_a_proxy_that_cannot_be_used_is_an_error(proxy: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    with pytest.raises(ConfigError) as caught:
        require_usable_proxy("https://prometheus/")

    assert str(caught.value) == f"HTTPS_PROXY cannot be used: {problem}. Correct it, or add prometheus to NO_PROXY"


@pytest.mark.parametrize(
    "proxy", ["http://proxy", "proxy:3128", "https://user:hu%23sh@proxy:3128/", "http://[::1]:3128", "user:hush@proxy"]
)
def test_other_proxies_are_taken(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", proxy)

    require_usable_proxy("https://prometheus/")


def test_a_proxy_that_no_request_takes_may_be_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5h://localhost:1080")
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "prometheus")

    require_usable_proxy("https://prometheus/")
    require_usable_proxy("http://grafana/")
    with pytest.raises(ConfigError, match="ALL_PROXY cannot be used: it names a SOCKS proxy"):
        require_usable_proxy("https://grafana/")


def test_a_proxy_that_only_an_address_from_outside_takes_is_named_where_it_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What comes before the # would be looked up as a host, and be in the error of that."""
    monkeypatch.setenv("http_proxy", "http://hush#hush@proxy")

    with (
        closing(Web(Endpoint("http://127.0.0.1:9"), "Alertmanager")) as web,
        pytest.raises(SourceUnavailable) as caught,
    ):
        web.text("metrics")

    assert "HTTP_PROXY cannot be used: write %40 for @" in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("password", ["hush#hush", "hush/hush", "user:12/hush", "hush?hush", "hush@hush"])
def test_a_password_that_is_taken_for_a_host_is_not_in_the_error(password: str, tmp_path: Path) -> None:
    """Prometheus may name an Alertmanager so, and a kubeconfig its server."""
    url = f"http://{password}@127.0.0.1:9"
    (tmp_path / "kubeconfig").write_text(kubeconfig(url), "utf-8")

    with closing(Web(Endpoint(url), "Alertmanager")) as web, pytest.raises(SourceUnavailable) as of_web:
        web.text("metrics")
    with pytest.raises(SourceUnavailable) as of_cluster:
        connect("", str(tmp_path / "kubeconfig"))

    for error in (of_web.value, of_cluster.value):
        detail = str(error.params["detail"])
        assert "write %40 for @" in detail
        assert "hush" not in detail


@pytest.mark.parametrize(
    "url", ["http://[1]", "http://[::1", "http://a:b", "http://", "a", "http://a b", "http://\x00", "//a"]
)
def test_a_url_that_is_none_is_a_reason(url: str) -> None:
    with closing(Web(Endpoint(url), "Alertmanager")) as web, pytest.raises(SourceUnavailable, match="web-"):
        web.text("metrics")
