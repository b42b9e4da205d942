"""The API server's proxy: ``/api/v1/namespaces/NS/services/[SCHEME:]NAME[:PORT]/proxy/…``, and the same of pods."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from yarl import URL

from maintainer.sandbox.statuses import Refusal, unavailable
from maintainer.sandbox.store import Object

_PATH = re.compile(
    r"/api/v1/namespaces/(?P<namespace>[^/]+)/(?P<plural>services|pods)/"
    r"(?:(?P<scheme>https?|):)?(?P<name>[^/:]+)(?::(?P<port>[^/]*))?/proxy(?P<rest>/.*)?"
)
_NOT_FORWARDED = frozenset({"connection", "keep-alive", "transfer-encoding", "host", "content-length", "authorization"})


@dataclass(frozen=True, slots=True)
class Call:
    """A proxied request: the Service or pod, its port by number or name ("" is the only port), and the path behind it.

    ``plural`` is ``services`` or ``pods``.
    """

    plural: str
    namespace: str
    name: str
    port: str
    rest: str


def proxied(path: str) -> Call | None:
    """The call for a path of the proxy, or ``None`` for any other path."""
    parts = _PATH.fullmatch(path)
    if parts is None:
        return None
    return Call(parts["plural"], parts["namespace"], parts["name"], parts["port"] or "", parts["rest"] or "/")


def check_port(call: Call, service: Object) -> None:
    """Raise ``Refusal`` if the Service does not have the port."""
    ports = service["spec"].get("ports", [])
    known = {str(port["port"]) for port in ports} | {port["name"] for port in ports if "name" in port}
    if call.port not in known and (call.port or len(ports) != 1):
        raise unavailable(f'no service port "{call.port}" found for service "{call.name}"')


async def forward(request: web.Request, call: Call, *, backend: str) -> web.Response:
    """Forward the request with its body, and return the response as it is, without decompressing it."""
    query = request.rel_url.raw_query_string
    url = URL(f"{backend}{call.rest}{'?' if query else ''}{query}", encoded=True)
    body = await request.read()
    timeout = ClientTimeout(total=60)
    try:
        async with (
            ClientSession(auto_decompress=False, timeout=timeout) as session,
            session.request(
                request.method, url, data=body or None, headers=_forwarded(request.headers), allow_redirects=False
            ) as response,
        ):
            content = await response.read()
            return web.Response(status=response.status, body=content, headers=_forwarded(response.headers))
    except ClientError as error:
        raise unavailable(f"error trying to reach service: {error}") from error


def no_endpoints(call: Call) -> Refusal:
    """The Service has no endpoints."""
    return unavailable(f'no endpoints available for service "{call.name}"')


def _forwarded(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _NOT_FORWARDED}
