"""The secrets of a run are known from the moment they are used."""

from base64 import b64encode
from pathlib import Path

import pytest

from maintainer.clients.endpoint import Endpoint, headers_with_token
from maintainer.clients.known_secrets import KnownSecrets, in_environment, in_headers, in_kubeconfig

BASIC = b64encode(b"user:hush-password").decode()


def test_a_token_that_changes_is_known_when_it_is_sent(tmp_path: Path) -> None:
    file, secrets = tmp_path / "token", KnownSecrets()
    file.write_text("first-token", "utf-8")
    watched = secrets.watched(Endpoint("http://a", headers=headers_with_token({"X-Api-Key": "hush"}, str(file))))

    assert watched.headers() == {"X-Api-Key": "hush", "Authorization": "Bearer first-token"}
    file.write_text("second-token", "utf-8")
    watched.headers()

    assert secrets.hide("first-token, second-token, hush") == "<secret>, <secret>, <secret>"


def test_a_password_is_known_also_as_basic_authentication_sends_it() -> None:
    secrets = KnownSecrets()
    secrets.watched(Endpoint("http://a", basic=("user", "hush-password")))

    assert secrets.hide(f"hush-password, {BASIC}") == "<secret>, <secret>"


def test_the_urls_of_an_error_are_shown_without_secrets_that_nobody_knows() -> None:
    assert KnownSecrets(["hush"]).hide_in_error("hush at http://u:else@a") == "<secret> at http://<secret>@a"


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (("Authorization", "Bearer hush-token"), "<secret>"),
        (("authorization", f"Basic {BASIC}"), "<secret>"),
        (("Cookie", "id=1; session=hush-token"), "<secret>"),
        (("X-Anything", "hush-token"), "<secret>"),
        (("X-Api-Key", "hush"), "<secret>-token"),
        (("X-Scope-OrgID", "hush-token"), "hush-token"),
        (("X-Forwarded-Host", "hush-token"), "hush-token"),
        (("X-WEBAUTH-USER", "hush-token"), "hush-token"),
        (("X-Debug", "hush"), "hush-token"),
    ],
)
def test_headers_are_secrets_but_those_that_name_a_tenant_or_hold_a_word(header: tuple[str, str], shown: str) -> None:
    hide = KnownSecrets(in_headers(dict([header]))).hide

    assert hide("hush-token" if "Basic" not in header[1] else "hush-password") == shown


def test_the_secrets_of_a_kubeconfig_are_known() -> None:
    user = {
        "token": "hush-1",
        "tokenFile": "/run/token",
        "client-key-data": b64encode(b"-----BEGIN KEY-----\nhush-2\n").decode(),
        "username": "user",
        "password": "hush-password",
        "auth-provider": {"name": "oidc", "config": {"id-token": "hush-3", "client-secret": "hush-4"}},
        "exec": {
            "command": "login",
            "args": ["get", "--token=hush-7", "--client-secret", "hush-8", "-v"],
            "env": [{"name": "AWS_SECRET", "value": "hush-5"}, {"name": "A", "value": "open"}],
        },
    }
    cluster = {"server": "https://api", "proxy-url": "http://u:hush-6@proxy"}
    kubeconfig = {"users": [{"name": "a", "user": user}], "clusters": [{"name": "b", "cluster": cluster}], "none": None}
    hide = KnownSecrets(in_kubeconfig(kubeconfig)).hide

    assert hide(f"hush-1 hush-2 hush-3 hush-4 hush-5 hush-6 hush-7 hush-8 {BASIC}") == " ".join(["<secret>"] * 9)
    assert hide("/run/token user oidc login get open https://api") == "/run/token user oidc login get open https://api"


def test_a_kubeconfig_that_contains_itself_ends() -> None:
    endless: dict[str, object] = {"token": "hush", "password": None}
    endless["users"] = [endless]

    assert KnownSecrets(in_kubeconfig(endless)).hide("hush") == "<secret>"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "http_proxy", "ALL_PROXY"])
def test_the_password_of_a_proxy_is_known(name: str) -> None:
    hide = KnownSecrets(in_environment({name: "http://user:hush-password@proxy"})).hide

    assert hide(f"hush-password, {BASIC}, user, proxy") == "<secret>, <secret>, user, proxy"


def test_the_name_of_a_proxy_without_a_password_is_a_secret_if_it_may_be_a_token() -> None:
    assert KnownSecrets(in_environment({"HTTP_PROXY": "http://maintainer@proxy"})).hide("maintainer") == "maintainer"
    token = "hush-0123456789-token"  # noqa: S105 - of nobody
    assert KnownSecrets(in_environment({"HTTP_PROXY": f"http://{token}@proxy"})).hide(token) == "<secret>"
