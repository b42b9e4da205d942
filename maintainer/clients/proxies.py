"""The proxies that the environment names."""

from urllib.parse import urlsplit

from requests.utils import get_environ_proxies

from maintainer.errors import ConfigError
from maintainer.model.proxy_url import problem_of


def proxy_problem(url: str) -> str:
    """Why the proxy of the environment that requests to this URL take cannot be used, "" if it can."""
    try:
        parts, proxies = urlsplit(url), get_environ_proxies(url)  # none if $NO_PROXY names the host
    except ValueError:  # no request can be made to such a URL
        return ""
    kind = parts.scheme if parts.scheme in proxies else "all"
    if problem := problem_of(proxies.get(kind, "http://none")):
        return f"{kind.upper()}_PROXY cannot be used: {problem}. Correct it, or add {parts.hostname} to NO_PROXY"
    return ""


def require_usable_proxy(url: str) -> None:
    """Raise ``ConfigError`` if requests to this URL would take a proxy of the environment that cannot be used."""
    if problem := proxy_problem(url):
        raise ConfigError(problem)
