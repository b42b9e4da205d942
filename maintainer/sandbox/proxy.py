"""The API server's service proxy: ``/api/v1/namespaces/NS/services/[SCHEME:]NAME[:PORT]/proxy/…``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from yarl import URL

from maintainer.sandbox.statuses import Refusal, unavailable
from maintainer.sandbox.store import Object

_PATH = re.compile(
    r"/api/v1/namespaces/(?P<namespace>[^/]+)/services/"
    r"(?:(?P<scheme>https?|):)?(?P<name>[^/:]+)(?::(?P<port>[^/]*))?/proxy(?P<rest>/.*)?"
)
_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "host", "content-length", "authorization"})


@dataclass(frozen=True, slots=True)
class Call:
    """A proxied request: which Service's port, and the path (with its query) behind it."""

    namespace: str
    name: str
    port: str
    rest: str


def proxied(path: str) -> Call | None:
    """The call that a path means, or ``None`` where it is no service proxy."""
    found = _PATH.fullmatch(path)
    return Call(found["namespace"], found["name"], found["port"] or "", found["rest"] or "/") if found else None


def check_port(call: Call, service: Object) -> None:
    """Raise ``Refusal`` unless the Service has the port, by number or name."""
    ports = service["spec"].get("ports", [])
    known = {str(port["port"]) for port in ports} | {port["name"] for port in ports if "name" in port}
    if call.port not in known and (call.port or len(ports) != 1):
        raise unavailable(f'no service port "{call.port}" found for service "{call.name}"')


async def forward(request: web.Request, call: Call, *, backend: str) -> web.Response:
    """Send the request on with its body and give back the answer as it came, compressed or not."""
    query = request.rel_url.raw_query_string
    url = URL(f"{backend}{call.rest}{'?' if query else ''}{query}", encoded=True)
    body = await request.read()
    timeout = ClientTimeout(total=60)
    try:
        async with (
            ClientSession(auto_decompress=False, timeout=timeout) as session,
            session.request(
                request.method, url, data=body or None, headers=_kept(request.headers), allow_redirects=False
            ) as answer,
        ):
            content = await answer.read()
            return web.Response(status=answer.status, body=content, headers=_kept(answer.headers))
    except ClientError as error:
        raise unavailable(f"error trying to reach service: {error}") from error


def no_endpoints(call: Call) -> Refusal:
    """Nothing stands behind the Service."""
    return unavailable(f'no endpoints available for service "{call.name}"')


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _HOP}
