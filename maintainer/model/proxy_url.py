"""The URL of a proxy, as the environment and kubeconfigs have it."""

import re

ENVIRONMENT = ("http_proxy", "https_proxy", "all_proxy")
"""The variables, which may also stand in capitals."""

_URL = re.compile(r"(?:([a-z][a-z0-9+.-]*)://)?(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:@\[\]]*)(?::(.*))?", re.IGNORECASE | re.DOTALL)
_MOST = 65535


def user_of(proxy: str) -> str:
    """The name and password in the URL of a proxy, "" if it has none. All before the last ``@`` counts as these."""
    match = _URL.fullmatch(proxy)
    return match[2].rpartition("@")[0] if match else ""


def problem_of(proxy: str) -> str:
    """Why the URL of a proxy cannot be used, without showing it; "" if it can."""
    match = _URL.fullmatch(proxy)
    scheme = (match[1] or "http").lower() if match else ""
    if scheme not in {"http", "https"}:
        kind = "a SOCKS proxy" if scheme.startswith("socks") else "a proxy of another kind"
        return f"it names {kind}, and only http:// and https:// can be used"
    return problem_of_host(proxy)


def problem_of_host(url: str) -> str:
    """Why the host of a URL cannot be told from its name and password, or from anything, without showing it; or ""."""
    match = _URL.fullmatch(url)
    user, _, place = match[2].rpartition("@") if match else ("", "", "")
    host = _HOST.fullmatch(re.split("[/?#]", place)[0])
    if re.search(r"[/?#@\s]", user):
        return "write %40 for @, %2F for /, %3F for ? and %23 for # in its name and password"
    if not host or not host[1]:
        return "it names no host"
    if host[2] is not None and not (host[2].isdecimal() and 0 < int(host[2][:6]) <= _MOST):
        return f"its port is not a number from 1 to {_MOST}"
    return ""
