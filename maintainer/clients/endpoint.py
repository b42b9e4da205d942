"""The address and the credentials of an HTTP API, from which a client is made."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from maintainer.errors import ConfigError

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t -~\x80-\xff]*")
_TOKEN = re.compile(r"[!-~]+")


def no_headers() -> Mapping[str, str]:
    """No extra headers."""
    return {}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A base URL with its credentials.

    ``headers`` is called for each request, because a token file can change while this process runs. ``basic`` is user
    and password. ``ca_file`` "" means the CA certificates of the system; ``cert_file`` and ``key_file`` are a client
    certificate. ``timeout`` is in seconds. ``parameters`` are added to every query.
    """

    url: str
    headers: Callable[[], Mapping[str, str]] = no_headers
    basic: tuple[str, str] | None = None
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    verify: bool = True
    timeout: float = 30.0
    parameters: tuple[tuple[str, str], ...] = ()


def headers_with_token(headers: Mapping[str, str], token_file: str) -> Callable[[], Mapping[str, str]]:
    """A function that returns all headers of a request, and reads the token file again on each call.

    Raises ``ConfigError`` for a header or a token that HTTP cannot carry. The message does not show the value, which
    may be a secret.
    """
    for name, value in headers.items():
        if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
            raise ConfigError(f"prometheus.headers: HTTP cannot carry {name!r}, its name or its value")

    def current() -> Mapping[str, str]:
        return {**headers, "Authorization": f"Bearer {_token(token_file)}"} if token_file else headers

    return current


def _token(path: str) -> str:
    token = secret(path)
    if not _TOKEN.fullmatch(token):
        raise ConfigError(f"the file {path} does not hold a token: a token is a single word of ASCII characters")
    return token


def secret(path: str) -> str:
    """The content of a file that holds a secret, without the newline and the byte order mark that editors add.

    Raises ``ConfigError`` if the file cannot be read.
    """
    try:
        return Path(path).read_text("utf-8-sig").strip()
    except OSError as error:
        raise ConfigError(f"cannot read the secret file {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"the secret file {path} is not text in UTF-8") from error
