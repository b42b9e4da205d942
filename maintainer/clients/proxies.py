"""The proxies that the environment names."""

from urllib.parse import urlsplit

from requests.utils import get_environ_proxies

from maintainer.errors import ConfigError
from maintainer.model.proxy_url import problem_of


def require_usable_proxy(url: str) -> None:
    """Raise ``ConfigError`` if requests to this URL would take a proxy of the environment that cannot be used."""
    parts = urlsplit(url)
    proxies = get_environ_proxies(url)  # none if $NO_PROXY names the host
    kind = parts.scheme if parts.scheme in proxies else "all"
    if problem := problem_of(proxies.get(kind, "http://none")):
        raise ConfigError(
            f"{kind.upper()}_PROXY cannot be used: {problem}. Correct it, or add {parts.hostname} to NO_PROXY"
        )
