"""Secrets are taken out of texts, however odd they are, and nothing else is."""

import html
import json
from base64 import b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maintainer.model.secret_text import bare_url, bare_urls, hiding

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
PASSWORDS = st.text(VISIBLE, min_size=1)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://prometheus:9090/prom", "http://prometheus:9090/prom"),
        ("http://user:hush@proxy:3128", "http://<secret>@proxy:3128"),
        ("http://user:hu/sh@proxy:3128", "http://<secret>@proxy:3128"),
        ("http://user:hu@sh@proxy:3128", "http://<secret>@proxy:3128"),
        ("http://user:hu?sh@proxy:3128", "http://<secret>"),
        ("http://user:hu#sh@proxy:3128", "http://<secret>"),
        ("user:hu//sh@proxy:3128", "<secret>@proxy:3128"),
        ("hush@proxy", "<secret>@proxy"),
        ("//user:hush@proxy/", "//<secret>@proxy/"),
        ("https://grafana/?token=hush&org=&hush#hush", "https://grafana/?token=<secret>&org=&<secret>#<secret>"),
        ("https://grafana/?token=hu=sh@proxy", "https://<secret>"),
        ("/login?token=hush", "/login?token=<secret>"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_what_may_be_a_secret(url: str, shown: str) -> None:
    assert bare_url(url) == shown


@given(PASSWORDS, PASSWORDS)
def test_no_password_is_shown_whatever_it_holds(user: str, password: str) -> None:
    shown = bare_url(f"http://{user}:{password}@proxy:3128/")

    assert shown in {"http://<secret>@proxy:3128/", "http://<secret>"}


@given(PASSWORDS.filter(lambda token: not set("?#&") & set(token)))
def test_no_value_of_a_query_is_shown_whatever_it_holds(token: str) -> None:
    assert bare_url(f"http://prometheus/?token={token}") in {"http://prometheus/?token=<secret>", "http://<secret>"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            'Get "http://user:hu"sh@pod:80/metrics?token=hush": dial tcp: refused',
            'Get "http://<secret>@pod:80/metrics?token=<secret>": dial tcp: refused',
        ),
        ("see http://a/b, and (https://u:hush@c).", "see http://a/b, and (https://<secret>@c)."),
        ("user@example.com did not answer in 5 s", "user@example.com did not answer in 5 s"),
        ("Failed to parse: http://user:hu/sh@h", "Failed to parse: http://<secret>@h"),
    ],
)
def test_urls_in_a_text_are_shown_without_what_may_be_a_secret(text: str, shown: str) -> None:
    assert bare_urls(text) == shown


def test_a_long_text_takes_no_time() -> None:
    """In proportion: it would be minutes if each place of it was looked at for the whole rest."""
    bare_urls("a." * 200_000)
    bare_urls("http://" * 50_000 + "@")


@given(st.text(VISIBLE, min_size=8).filter(lambda text: text != "<secret>"))
def test_a_known_secret_is_hidden_in_each_encoding(secret: str) -> None:
    hide = hiding([secret, f"user:{secret}"])
    basic = b64encode(f"user:{secret}".encode()).decode()
    for encoded in (secret, quote(secret, safe=""), html.escape(secret), json.dumps(secret), repr(secret), basic):
        shown = hide(f"said {encoded} there")

        assert secret not in shown
        assert "<secret>" in shown
        assert encoded not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bearer hush.", "Bearer <secret>."),
        ("Bearer%20hush", "Bearer%20<secret>"),
        ("a hushed voice", "a hushed voice"),
        ("token: very-long-…", "token: <secret>…"),
        ("token: very-long- …", "token: <secret> …"),
        ("token: very-long-secret and more…", "token: <secret> and more…"),
        ("an abc remains", "an abc remains"),
    ],
)
def test_only_the_secret_is_hidden(text: str, shown: str) -> None:
    assert hiding(["hush", "very-long-secret", "abc", ""])(text) == shown


def test_what_is_hidden_stays_hidden_where_a_secret_is_a_part_of_it() -> None:
    assert hiding(["secret"])("http://<secret>@proxy, secret") == "http://<secret>@proxy, <secret>"


def test_each_line_of_a_key_is_a_secret() -> None:
    hide = hiding(["-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----\n"])

    assert hide("it holds MIIEvQIBADAN") == "it holds <secret>"


def test_without_secrets_a_text_stays() -> None:
    assert hiding([])("…") == "…"
