"""A simulated Kubernetes API over plain HTTP on this machine: get, list, SubjectAccessReviews and the service proxy."""

import gzip
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml
from aiohttp import web

from maintainer.sandbox.listing import Lists
from maintainer.sandbox.proxy import Call, check_port, forward, no_endpoints, proxied
from maintainer.sandbox.resources import RESOURCES, ROLLOUTS, Resource, Target, target
from maintainer.sandbox.reviews import PATH, REVIEWS, review
from maintainer.sandbox.serving import Serving
from maintainer.sandbox.statuses import Refusal, bad_request, forbidden, not_allowed, not_found, unauthorized
from maintainer.sandbox.store import Object, Store

GZIP_FROM = 128 * 1024
"""The size in bytes above which the API server compresses a response."""

TOKEN = "sandbox-token"  # noqa: S105
"""The bearer token in the kubeconfig. It is valid for the simulated cluster only."""

VERSION = {"major": "1", "minor": "34", "gitVersion": "v1.34.4", "gitTreeState": "clean", "platform": "linux/amd64"}

_SERVICES = next(row for row in RESOURCES if row.plural == "services")
_PROXY_VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class _Rule:
    verb: str
    resource: str
    namespace: str | None

    def forbids(self, verb: str, resource: str, *, namespace: str | None) -> bool:
        in_scope = self.namespace is None or self.namespace == (namespace or "")
        return in_scope and self.verb in ("*", verb) and self.resource in ("*", resource)


class ApiServer:
    """The API server of the objects in a store. Other servers of the sandbox can share its thread (``serving``).

    ``requests`` counts the requests by (method, path with query). ``url`` is "" before ``start``.
    """

    def __init__(self, store: Store, *, token: str = TOKEN) -> None:
        self.store = store
        self.token = token
        self.requests: Counter[tuple[str, str]] = Counter()
        self.url = ""
        self.serving = Serving()
        self._lists = Lists(store)
        self._groups = {ROLLOUTS}
        self._rules: list[_Rule] = []
        self._backends: dict[tuple[str, str], str] = {}

    def start(self, *, port: int = 0) -> "ApiServer":
        """Listen on 127.0.0.1; port 0 is any free port. Raises ``OSError`` if the port is in use."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.url = self.serving.listen(app, port=port)
        return self

    def stop(self) -> None:
        """Stop this server and all others that share its thread."""
        self.serving.stop()

    def forbid(self, verb: str, resource: str, namespace: str | None = None) -> None:
        """Answer 403 to a verb (``get``, ``list``, ``create`` or ``*``) on a resource such as ``services/proxy``.

        ``namespace`` ``None`` is everywhere, "" is the cluster scope only, any other value is that namespace only.
        """
        self._rules.append(_Rule(verb, resource, namespace))

    def allow_all(self) -> None:
        """Remove all rules of :meth:`forbid`."""
        self._rules.clear()

    def install(self, group: str) -> None:
        """Serve the custom resources of an API group, as if its CRDs had been installed."""
        self._groups.add(group)

    def uninstall(self, group: str) -> None:
        """Answer as if there were no CRD of this API group."""
        self._groups.discard(group)

    def expire_lists(self) -> None:
        """Make all continue tokens that were sent so far too old (410)."""
        self._lists.expire()

    def backend(self, namespace: str, service: str, url: str) -> None:
        """Set the base URL to which the service proxy forwards requests for a Service; "" is no endpoint."""
        self._backends[namespace, service] = url

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests[request.method, request.path_qs] += 1
        try:
            self._authenticate(request)
            return await self._route(request)
        except Refusal as refusal:
            return _json(refusal.status, request, code=refusal.code)

    def _authenticate(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise unauthorized()

    async def _route(self, request: web.Request) -> web.StreamResponse:
        if call := proxied(request.rel_url.raw_path):
            return await self._proxy(request, call)
        if request.path == "/version":
            return _json(VERSION, request)
        if request.path == PATH:
            return await self._review(request)
        wanted = target(request.path)
        if wanted is None or (wanted.resource.custom and wanted.resource.group not in self._groups):
            return web.Response(status=404, text="404 page not found\n")
        return self._read(request, wanted)

    async def _proxy(self, request: web.Request, call: Call) -> web.Response:
        service = Target(_SERVICES, call.namespace, call.name)
        self._authorize(_PROXY_VERBS[request.method], service, subresource="proxy")
        check_port(call, self._object(service))
        url = self._backends.get((call.namespace, call.name), "")
        if not url:
            raise no_endpoints(call)
        return await forward(request, call, backend=url)

    async def _review(self, request: web.Request) -> web.Response:
        if request.method != "POST":
            raise not_allowed()
        self._authorize("create", Target(REVIEWS, "", None))
        return _json(review(self.store, await request.read()), request, code=201)

    def _read(self, request: web.Request, wanted: Target) -> web.Response:
        if request.method != "GET" or request.query.get("watch", "") in ("1", "true"):
            raise not_allowed()
        if wanted.name is None:
            self._authorize("list", wanted)
            return self._list(request, wanted)
        self._authorize("get", wanted)
        item = self._object(wanted)
        return _json(_metadata_only(item) if _accepts(request, "PartialObjectMetadata") else item, request)

    def _list(self, request: web.Request, wanted: Target) -> web.Response:
        if request.query.get("fieldSelector"):
            raise bad_request("field selectors are not supported here")
        page = self._lists.page(wanted, request.query)
        items: list[Object] | None
        if _accepts(request, "PartialObjectMetadataList"):
            kind, version = "PartialObjectMetadataList", "meta.k8s.io/v1"
            # The real API server writes null for an empty list of this kind, and only of this kind.
            items = [_metadata_only(item) for item in page.objects] or None
        else:
            kind, version = f"{wanted.resource.kind}List", wanted.resource.api_version
            items = [_in_list(item, wanted.resource) for item in page.objects]
        body = {"apiVersion": version, "kind": kind, "metadata": page.metadata, "items": items}
        return _json(body, request)

    def _authorize(self, verb: str, wanted: Target, *, subresource: str = "") -> None:
        plural = f"{wanted.resource.plural}/{subresource}" if subresource else wanted.resource.plural
        if any(rule.forbids(verb, plural, namespace=wanted.namespace) for rule in self._rules):
            raise forbidden(verb, wanted, subresource=subresource)

    def _object(self, wanted: Target) -> Object:
        item = self.store.get(wanted.resource.plural, (wanted.namespace or "", wanted.name or ""))
        if item is None:
            raise not_found(wanted)
        return item


def kubeconfig(url: str, token: str = TOKEN) -> str:
    """A kubeconfig whose only context is ``sandbox``."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "sandbox",
        "clusters": [{"name": "sandbox", "cluster": {"server": url}}],
        "users": [{"name": "sandbox", "user": {"token": token}}],
        "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": "sandbox"}}],
    }
    return yaml.safe_dump(document, sort_keys=False)


def _accepts(request: web.Request, kind: str) -> bool:
    """Whether the first media type in the Accept header is JSON of this kind of metadata."""
    parts = {part.strip() for part in request.headers.get("Accept", "").split(",")[0].split(";")}
    return {"application/json", f"as={kind}", "g=meta.k8s.io", "v=v1"} <= parts


def _metadata_only(item: Object) -> dict[str, Any]:
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}


def _in_list(item: Object, resource: Resource) -> Object:
    """The object as it is inside a list, where built-in objects have no ``apiVersion`` and no ``kind``."""
    if resource.custom:
        return item
    return {name: value for name, value in item.items() if name not in ("apiVersion", "kind")}


def _json(value: Mapping[str, Any], request: web.Request, *, code: int = 200) -> web.Response:
    body = msgspec.json.encode(value)
    headers = {"Content-Type": "application/json", "Cache-Control": "no-cache, private", "Vary": "Accept-Encoding"}
    if len(body) > GZIP_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, compresslevel=1)
        headers["Content-Encoding"] = "gzip"
    return web.Response(status=code, body=body, headers=headers)
