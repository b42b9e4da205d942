"""The address and the credentials of an HTTP API, from which a client is made."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from maintainer.clients.limits import Limits
from maintainer.clients.local_file import MIB, read_file, require_end
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
    certificate. ``timeout`` is the longest wait for the next byte in seconds; the whole answer may take twice as long.
    ``parameters`` are added to every query.
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
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """A Service of a cluster: its ``port`` is a number or a name, "" if it is to be looked up; ``path`` begins with /.

    ``scheme`` is http or https, "" for what the port says.
    """

    namespace: str
    name: str
    port: str = ""
    path: str = ""
    scheme: str = ""

    def __str__(self) -> str:
        prefix = f"{self.scheme}:" if self.scheme else ""
        port = f":{self.port}" if self.port else ""
        return f"{prefix}{self.namespace}/{self.name}{port}{self.path}"

    @property
    def secure(self) -> bool:
        """Whether it speaks https, by its scheme, else by the name or number of its port."""
        return self.scheme == "https" or (not self.scheme and ("https" in self.port or self.port in {"443", "8443"}))

    @property
    def dns_url(self) -> str:
        """Its URL for a pod of the cluster; the port must be a number."""
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{self.name}.{self.namespace}.svc:{self.port}{self.path}"


_SERVICE_ADDRESS = re.compile(
    r"(?:(?P<scheme>https?):)?(?P<namespace>[a-z0-9-]+)/(?P<name>[a-z0-9-]+)(?::(?P<port>[a-z0-9-]+))?(?P<path>/[^\s?#]*)?"
)


def service_address(text: str) -> ServiceAddress | None:
    """The address that ``[SCHEME:]NAMESPACE/NAME[:PORT][/PATH]`` names; ``None`` if the text has another form."""
    match = _SERVICE_ADDRESS.fullmatch(text)
    if match is None:
        return None
    named = {name: value or "" for name, value in match.groupdict().items()}
    return ServiceAddress(**{**named, "path": named["path"].rstrip("/")})


def headers_with_token(headers: Mapping[str, str], token_file: str) -> Callable[[], Mapping[str, str]]:
    """A function that returns all headers of a request, and reads the token file again on each call.

    Raises ``ConfigError`` for a header or a token that HTTP cannot carry. The message does not show the value, which
    may be a secret.
    """
    for name, value in headers.items():
        if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
            begin = _HEADER_NAME.match(name)  # what follows may be a value, as in "X-Api-Key: …"
            shown = begin[0] if begin else ""
            raise ConfigError(f"prometheus.headers: HTTP cannot carry {shown!r}, its name or its value")

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

    Raises ``ConfigError`` if the file cannot be read. It shows only what must be a path: where a path is expected,
    people also write the secret itself.
    """
    try:
        return read_file(path, MIB).decode("utf-8-sig").strip()
    except OSError as error:
        if os.path.isdir(os.path.dirname(path)):
            raise ConfigError(f"cannot read the secret file {path}: {error.strerror}") from error
        raise ConfigError(
            f"cannot read a secret file: {error.strerror}. bearerTokenFile, passwordFile and tokenFile take the path "
            "of a file, such as /run/secrets/token, not the secret itself"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"the secret file {path} is not text in UTF-8") from error


def certificate(path: str) -> str:
    """The path of a file with certificates or a key, "" if there is none, which a library reads for each connection.

    Raises ``ConfigError`` if it may never end.
    """
    try:
        require_end(path)
    except OSError as error:
        raise ConfigError(f"cannot read the file {path}: {error.strerror}") from error
    return path
