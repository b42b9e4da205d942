"""The secrets that a run uses, so that nothing which it writes shows them."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from maintainer.model.proxy_url import ENVIRONMENT, user_of
from maintainer.model.secret_text import SHORTEST, bare_urls, hiding

if TYPE_CHECKING:  # these secrets are known before anything else of the clients is needed
    from maintainer.clients.endpoint import Endpoint

_OPEN = re.compile(
    r"accept.*|content-.*|forwarded|host|thanos-tenant|user-agent|x-forwarded-.*|x-scope-orgid|.*-user(name)?",
    re.IGNORECASE,
)
"""Headers that are no secret: a report names tenants, users and hosts, and a tenant may be called as a namespace is."""
_TELLING = re.compile(r"auth|cookie|credential|key|pass|secret|session|signature|token", re.IGNORECASE)
_SHORT = 8
"""A shorter value of any other header is not taken for a secret: it is a word such as ``true``."""
_TOKEN = 16
"""The fewest characters of a token that stands in a URL as its name, without a password."""
_SECRET_KEY = re.compile(r"(token|password|secret|key-data)$", re.IGNORECASE)


class KnownSecrets:
    """Collects the secrets of a run while it comes to know them, and hides them in texts."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: frozenset[str] = frozenset()
        self._hide: Callable[[str], str] = str
        self.learn(values)

    def learn(self, values: Iterable[str]) -> None:
        """Know these secrets from now on."""
        if new := frozenset(values) - self._values:
            self._values |= new
            self._hide = hiding(self._values)

    def hide(self, text: str) -> str:
        """The text with ``<secret>`` in place of each secret that is known by now."""
        return self._hide(text)

    def hide_in_error(self, text: str) -> str:
        """The text of an error, which may also quote URLs from outside, without secrets."""
        return self._hide(bare_urls(text))

    def watched(self, endpoint: "Endpoint") -> "Endpoint":
        """The same endpoint; each secret that it gives to a request is learnt before."""

        def headers() -> Mapping[str, str]:
            current = endpoint.headers()
            self.learn(in_headers(current))
            return current

        if endpoint.basic:
            self.learn(_of_login(*endpoint.basic))
        return replace(endpoint, headers=headers)


def in_headers(headers: Mapping[str, str]) -> Iterator[str]:
    """The secrets in the headers of a request: whole values, and what follows a scheme such as Bearer."""
    for name, value in headers.items():
        if not _OPEN.fullmatch(name) and (len(value) >= _SHORT or _TELLING.search(name)):
            scheme, _, credentials = value.strip().partition(" ")
            yield from (value.strip(), credentials)
            if scheme.lower() == "basic":
                yield from _of_login(*_decoded(credentials).partition(":")[::2])
            if name.lower() == "cookie":
                yield from (part.partition("=")[2] for part in value.split(";"))


def in_kubeconfig(value: Any) -> Iterator[str]:
    """The secrets in a part of a kubeconfig: of its users, of their plug-ins, and in URLs."""
    pending, seen = [value], set[int]()
    while pending:
        part = pending.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, list):
            pending += part
        elif isinstance(part, dict):
            pending += [inner for inner in part.values() if isinstance(inner, dict | list)]
            yield from (str(text) for key, text in part.items() if text and _SECRET_KEY.search(str(key)))
            yield from in_url(str(part.get("proxy-url") or ""))
            yield from in_url(str(part.get("server") or ""))
            if _SECRET_KEY.search(str(part.get("name") or "")):  # a variable of a plug-in
                yield str(part.get("value") or "")
            yield from _decoded_keys(part)
            yield from _in_arguments(part.get("args"))
            if part.get("password"):
                yield from _of_login(str(part.get("username")), str(part["password"]))


def _decoded_keys(user: Mapping[Any, Any]) -> Iterator[str]:
    yield from (_decoded(str(text)) for key, text in user.items() if text and str(key).endswith("key-data"))


def _in_arguments(words: Any) -> Iterator[str]:
    """The values of options such as ``--client-secret``."""
    texts = [str(word) for word in words] if isinstance(words, list) else []
    for word, following in pairwise([*texts, ""]):
        name, equals, value = word.partition("=")
        if name.startswith("-") and _SECRET_KEY.search(name):
            yield value if equals else following


def in_environment(environ: Mapping[str, str]) -> Iterator[str]:
    """The secrets in the URLs of proxies."""
    for name in ENVIRONMENT:
        yield from in_url(environ.get(name, ""))
        yield from in_url(environ.get(name.upper(), ""))


def in_url(url: str) -> Iterator[str]:
    """The secrets in a URL, such as that of a proxy."""
    user, colon, password = user_of(url).partition(":")
    if colon:
        yield password
        yield from _of_login(unquote(user), unquote(password))
    elif len(user) >= _TOKEN:  # a shorter one is the name of somebody
        yield user


def _of_login(user: str, password: str) -> Iterator[str]:
    """A password, and what basic authentication sends of it."""
    yield password
    if len(password) >= SHORTEST:
        yield f"{user}:{password}"


def _decoded(text: str) -> str:
    try:
        return b64decode(text).decode("utf-8", "replace")
    except (Base64Error, ValueError):
        return ""
