"""Takes secrets out of texts: those in URLs, and those whose values are known."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from html import escape
from urllib.parse import quote, quote_plus

HIDDEN = "<secret>"

SHORTEST = 4
"""Shorter values are not looked for: they are part of many words."""

_LONG = 8
"""Shorter values are looked for as whole words only."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_URL = re.compile(r"(?:\b[a-z][a-z0-9+.-]{0,30}:)?//\S+", re.IGNORECASE)
_PARAMETER = re.compile(r"([?#&])([^?#&=]*)(=?)([^?#&]*)")
_WORD = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt])){}(?![A-Za-z0-9])"


def bare_url(url: str) -> str:
    """A URL with ``<secret>`` for its name and password, and for each value of its query and its fragment.

    It may lack its scheme, as the URL of a proxy does. A password may hold ``/``, ``?``, ``#`` and ``@`` as they are,
    and a query may hold ``@``. So all before the last ``@`` counts as name and password; if there is a ``?`` or ``#``
    before it, what follows can be the end of a password or of a query, and nothing is shown but the scheme.
    """
    scheme, slashes, rest = url.partition("//")
    if not slashes or (scheme and not _SCHEME.fullmatch(scheme)):
        scheme, slashes, rest = "", "", url
    credentials, at, place = rest.rpartition("@")
    if re.search("[?#]", credentials):
        return scheme + slashes + HIDDEN
    return scheme + slashes + (HIDDEN + at if at else "") + _PARAMETER.sub(_bare_parameter, place)


def _bare_parameter(parameter: re.Match[str]) -> str:
    mark, name, equals, value = parameter.groups()
    if equals:
        return mark + name + equals + (HIDDEN if value else "")
    return mark + (HIDDEN if name else "")


def bare_urls(text: str) -> str:
    """A text with each URL in it as :func:`bare_url` shows it; a URL ends at a space, or at a quote after its host."""
    return _URL.sub(_bare_word, text)


def _bare_word(found: re.Match[str]) -> str:
    word = found[0]
    host = word.rfind("@") + 1
    quoted = re.search("[\"'<>`]", word[host:])
    url = word[: host + quoted.start()] if quoted else word.rstrip(",.:)")
    return bare_url(url) + word[len(url) :]


def hiding(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that puts ``<secret>`` in place of the secrets of a text, also of encoded ones.

    Where a text is cut (``…``), the beginning of a secret counts as well. A secret of less than ``SHORTEST`` characters
    stays: it would be found in words that have nothing to do with it.
    """
    spellings = sorted({spelling for secret in secrets for spelling in _spellings(secret)}, key=len, reverse=True)
    if not spellings:
        return str
    # What is hidden already is met first, so that it stays as it is where a secret is a part of it.
    pattern = re.compile("|".join([HIDDEN, *map(_pattern, spellings)]))

    def hide(text: str) -> str:
        *cut, last = pattern.sub(HIDDEN, text).split("…")
        return "…".join([*(_without_beginning(part, spellings) for part in cut), last])

    return hide


def _spellings(secret: str) -> Iterator[str]:
    """How a secret may stand in a text: as it is, in URLs, in base64, quoted, in HTML; each line also by itself."""
    for value in {secret, *secret.splitlines()}:
        if len(value) >= SHORTEST:
            data = value.encode("utf-8", "surrogatepass")
            in_urls = {quote(data, safe=""), quote(data), quote_plus(data)}
            yield from (value, escape(value), *in_urls)
            yield from (re.sub("%..", lambda code: code[0].lower(), text) for text in in_urls)
            yield from (encode(data).decode().rstrip("=") for encode in (b64encode, urlsafe_b64encode))
            yield from (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1])


def _pattern(spelling: str) -> str:
    exact = re.escape(spelling)
    return exact if len(spelling) >= _LONG else _WORD.replace("{}", exact)


def _without_beginning(text: str, secrets: Iterable[str]) -> str:
    """The text without the beginning of a secret at its end, before spaces."""
    cut = text.rstrip()
    for secret in secrets:
        for size in range(min(len(secret), len(cut)), SHORTEST - 1, -1):
            if cut.endswith(secret[:size]):
                return cut[:-size] + HIDDEN + text[len(cut) :]
    return text
