"""A simulated Kubernetes API on this machine: discovery, reads, writes, reviews of rights, the proxy to pods."""

import base64
from collections import Counter
from dataclasses import dataclass

import yaml
from aiohttp import web

from maintainer.sandbox.answers import accepts, answer
from maintainer.sandbox.certificates import Certificate
from maintainer.sandbox.discovery import discovery
from maintainer.sandbox.listing import Lists
from maintainer.sandbox.patches import patched
from maintainer.sandbox.proxy import Call, check_port, forward, no_endpoints, proxied
from maintainer.sandbox.representations import in_list, metadata_only, table, whole
from maintainer.sandbox.resources import RESOURCES, ROLLOUTS, Resource, Target, target
from maintainer.sandbox.reviews import PATHS, review
from maintainer.sandbox.rights import Question, decide
from maintainer.sandbox.serving import Serving
from maintainer.sandbox.statuses import USER, Refusal, forbidden, not_allowed, not_found, unauthorized
from maintainer.sandbox.store import Object, Store
from maintainer.sandbox.writes import APPLY, Write, applied, changed, check_deletion, created

TOKEN = "sandbox-token"  # noqa: S105
"""The bearer token in the kubeconfig. It is valid for the simulated cluster only."""

VERSION = {"major": "1", "minor": "34", "gitVersion": "v1.34.4", "gitTreeState": "clean", "platform": "linux/amd64"}

_PROXIED = {row.plural: row for row in RESOURCES if row.plural in {"services", "pods"}}
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

    It serves TLS if it has a certificate. kubectl needs that: it sends no token over plain HTTP.
    ``requests`` counts the requests by (method, path with query). ``url`` is "" before ``start``.
    """

    def __init__(self, store: Store, *, token: str = TOKEN, certificate: Certificate | None = None) -> None:
        self.store = store
        self.token = token
        self._certificate = certificate
        self.requests: Counter[tuple[str, str]] = Counter()
        self.url = ""
        self.serving = Serving()
        self._lists = Lists(store)
        self._groups = {ROLLOUTS}
        self._rules: list[_Rule] = []
        self._backends: dict[tuple[str, str, str], str] = {}

    def start(self, *, port: int = 0) -> "ApiServer":
        """Listen on 127.0.0.1; port 0 is any free port. Raises ``OSError`` if the port is in use."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.url = self.serving.listen(app, port=port, tls=self._certificate.server if self._certificate else None)
        return self

    @property
    def authority(self) -> str:
        """The PEM of the authority that signed the server's certificate; "" for plain HTTP."""
        return self._certificate.authority if self._certificate else ""

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

    def backend(self, namespace: str, name: str, url: str, *, plural: str = "services") -> None:
        """Set the base URL to which the proxy forwards requests for a Service or, with ``pods``, a pod; "" is none."""
        self._backends[plural, namespace, name] = url

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.requests[request.method, request.path_qs] += 1
        try:
            self._authenticate(request)
            return await self._route(request)
        except Refusal as refusal:
            return answer(refusal.status, request, code=refusal.code)

    def _authenticate(self, request: web.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if (scheme.lower(), token) != ("bearer", self.token):  # in a pod, the kubernetes client writes "bearer"
            raise unauthorized()

    async def _route(self, request: web.Request) -> web.StreamResponse:
        if call := proxied(request.rel_url.raw_path):
            return await self._proxy(request, call)
        if request.path == "/version":
            return answer(VERSION, request)
        if resource := PATHS.get(request.path):
            return await self._review(request, resource)
        served = [row for row in RESOURCES if not row.custom or row.group in self._groups]
        if document := discovery(request.path, [*served, *PATHS.values()]):
            return answer(document, request)
        wanted = target(request.path)
        if wanted is None or wanted.resource not in served:
            return web.Response(status=404, text="404 page not found\n")
        write = {"PATCH": self._patch, "DELETE": self._delete, "POST": self._create}.get(request.method)
        return await write(request, wanted) if write else self._read(request, wanted)

    async def _proxy(self, request: web.Request, call: Call) -> web.Response:
        wanted = Target(_PROXIED[call.plural], call.namespace, call.name)
        self._authorize(_PROXY_VERBS[request.method], wanted, subresource="proxy")
        found = self._object(wanted)
        if call.plural == "services":
            check_port(call, found)
        url = self._backends.get((call.plural, call.namespace, call.name), "")
        if not url:
            raise no_endpoints(call)
        return await forward(request, call, backend=url)

    async def _review(self, request: web.Request, resource: Resource) -> web.Response:
        if request.method != "POST":
            raise not_allowed()
        self._authorize("create", Target(resource, "", None))
        asker = request.headers.get("Impersonate-User", USER)
        made = review(await request.read(), resource, asker=asker, decide=self._decide)
        return answer(made, request, code=201)

    def _decide(self, question: Question) -> tuple[bool, str]:
        """Whether a user may do it, and why. The user of the kubeconfig may do everything that is not forbidden."""
        if question.user != USER or question.resource is None:
            return decide(self.store, question)
        names = (question.resource.get(name, "") for name in ("resource", "subresource"))
        plural = "/".join(filter(None, names))
        return not self._forbids(question.resource.get("verb", ""), plural, namespace=question.namespace), ""

    async def _patch(self, request: web.Request, wanted: Target) -> web.Response:
        if wanted.name is None:
            raise not_allowed()
        self._authorize("patch", wanted)
        write = await _write(request)
        if write.media_type == APPLY:
            return self._apply(request, wanted, write)
        before = self._object(wanted)
        made = patched(whole(before, wanted.resource), media_type=write.media_type, body=write.body)
        made = changed(wanted, before, made, write)
        return answer(whole(self._stored(wanted, before, made, write), wanted.resource), request)

    def _apply(self, request: web.Request, wanted: Target, write: Write) -> web.Response:
        before = self.store.get(wanted.resource.plural, (wanted.namespace or "", wanted.name or ""))
        if before is None:
            self._authorize("create", wanted)
        made = self._stored(wanted, before, applied(self.store, wanted, write), write)
        return answer(made, request, code=200 if before else 201)

    async def _create(self, request: web.Request, wanted: Target) -> web.Response:
        if wanted.name is not None or (wanted.resource.namespaced and wanted.namespace is None):
            raise not_allowed()
        self._authorize("create", wanted)
        write = await _write(request)
        return answer(self._stored(wanted, None, created(self.store, wanted, write), write), request, code=201)

    def _stored(self, wanted: Target, before: Object | None, made: Object, write: Write) -> Object:
        """Store what was made. A write that changes nothing leaves the version, and a dry run leaves all."""
        if write.dry_run or made == (before and whole(before, wanted.resource)):
            return made
        return self.store.put(wanted.resource.plural, made)

    async def _delete(self, request: web.Request, wanted: Target) -> web.Response:
        if wanted.name is None:
            raise not_allowed()
        self._authorize("delete", wanted)
        body = await request.read()
        check_deletion(wanted, self._object(wanted), body)
        self.store.delete(wanted.resource.plural, (wanted.namespace or "", wanted.name))
        return answer({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}, request)

    def _read(self, request: web.Request, wanted: Target) -> web.Response:
        if request.method != "GET" or request.query.get("watch", "") in ("1", "true"):
            raise not_allowed()
        if wanted.name is None:
            self._authorize("list", wanted)
            return self._list(request, wanted)
        self._authorize("get", wanted)
        item = whole(self._object(wanted), wanted.resource)
        if accepts(request, "Table"):
            return answer(table([item], {"resourceVersion": item["metadata"]["resourceVersion"]}), request)
        return answer(metadata_only(item) if accepts(request, "PartialObjectMetadata") else item, request)

    def _list(self, request: web.Request, wanted: Target) -> web.Response:
        page = self._lists.page(wanted, request.query)
        if accepts(request, "Table"):
            return answer(table(page.objects, page.metadata), request)
        items: list[Object] | None
        if accepts(request, "PartialObjectMetadataList"):
            kind, version = "PartialObjectMetadataList", "meta.k8s.io/v1"
            # The real API server writes null for an empty list of this kind, and only of this kind.
            items = [metadata_only(item) for item in page.objects] or None
        else:
            kind, version = f"{wanted.resource.kind}List", wanted.resource.api_version
            items = [in_list(item, wanted.resource) for item in page.objects]
        body = {"apiVersion": version, "kind": kind, "metadata": page.metadata, "items": items}
        return answer(body, request)

    def _authorize(self, verb: str, wanted: Target, *, subresource: str = "") -> None:
        plural = f"{wanted.resource.plural}/{subresource}" if subresource else wanted.resource.plural
        if self._forbids(verb, plural, namespace=wanted.namespace):
            raise forbidden(verb, wanted, subresource=subresource)

    def _forbids(self, verb: str, plural: str, *, namespace: str | None) -> bool:
        return any(rule.forbids(verb, plural, namespace=namespace) for rule in self._rules)

    def _object(self, wanted: Target) -> Object:
        item = self.store.get(wanted.resource.plural, (wanted.namespace or "", wanted.name or ""))
        if item is None:
            raise not_found(wanted)
        return item


async def _write(request: web.Request) -> Write:
    agent = request.headers.get("User-Agent", "")
    return Write(request.query, await request.read(), request.content_type, agent)


def kubeconfig(url: str, token: str = TOKEN, *, authority: str = "") -> str:
    """A kubeconfig whose only context is ``sandbox``; ``authority`` is a PEM that is trusted, "" is the system's."""
    trusted = {"certificate-authority-data": base64.b64encode(authority.encode()).decode()} if authority else {}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "sandbox",
        "clusters": [{"name": "sandbox", "cluster": {"server": url, **trusted}}],
        "users": [{"name": "sandbox", "user": {"token": token}}],
        "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": "sandbox"}}],
    }
    return yaml.safe_dump(document, sort_keys=False)
