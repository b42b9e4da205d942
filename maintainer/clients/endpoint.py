"""Where an HTTP API is and how to be let in: plain data that a client is made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from maintainer.errors import ConfigError


def no_headers() -> Mapping[str, str]:
    """No headers beyond the usual ones."""
    return {}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A base URL with its credentials.

    ``headers`` is called for each request, because tokens on disk are rotated while we run. ``ca_file`` ""
    is the system's trust; ``cert_file`` and ``key_file`` are a client certificate. ``timeout`` is in seconds.
    """

    url: str
    headers: Callable[[], Mapping[str, str]] = no_headers
    basic: tuple[str, str] | None = None
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    verify: bool = True
    timeout: float = 30.0


def headers_with_token(headers: Mapping[str, str], token_file: str) -> Callable[[], Mapping[str, str]]:
    """A function that reads the token file anew each time and gives all headers of a request."""

    def current() -> Mapping[str, str]:
        return {**headers, "Authorization": f"Bearer {secret(token_file)}"} if token_file else headers

    return current


def secret(path: str) -> str:
    """The content of a secret's file without the newline that editors add."""
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise ConfigError(f"cannot read the secret file {path}: {error.strerror}") from error
