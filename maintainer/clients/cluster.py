"""A client of the Kubernetes API: lists in pages, gzipped, decoded into typed structs, and the few writes."""

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

import urllib3
from kubernetes import client

from maintainer.clients.api_request import SERVER, ApiRequest, ListExpired, NoSuchObject, ObjectChanged
from maintainer.clients.decoding import BrokenAnswer, shortened
from maintainer.clients.endpoint import Endpoint, ServiceAddress
from maintainer.clients.known_secrets import KnownSecrets
from maintainer.clients.kube_settings import complete_proxy, learn_tokens, of_account, of_kubeconfig, usable
from maintainer.clients.limits import Deadline, Limits, TooLarge, body_of, timed_pools
from maintainer.clients.objects import (
    ConfigMapPage,
    ConfigMapStruct,
    RolloutPage,
    ServicePage,
    ServiceStruct,
    VersionPage,
    rollout,
)
from maintainer.clients.odd_objects import OddObjects
from maintainer.clients.paging import read_pages
from maintainer.clients.retries import retry_policy
from maintainer.clients.session import root_cause
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Cost, Key, Rollout
from maintainer.model.secret_text import bare_url

T = TypeVar("T")

TIMEOUT = (5.0, 30.0)
"""Seconds to connect, and seconds between two bytes of the response."""

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
"""The folder where a pod finds the token and the CA certificate of its ServiceAccount."""

IMPERSONATE = "Impersonate-User"
"""The header that names the user as whom the API server is to judge a request."""

_LOG = logging.getLogger("maintainer.requests")

MAX_LIST_ATTEMPTS = 3
_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
_ROLLOUTS = "argoproj.io/v1alpha1", "rollouts"
_SERVICES = "v1", "services"
_CONFIG_MAPS = "v1", "configmaps"


class Cluster:
    """A façade over the kubernetes client that decodes responses into facts. Every request has a timeout.

    A resource is its API version and its plural name, such as ``("apps/v1", "deployments")``; ``namespace`` "" is the
    whole cluster. ``inside`` says that this process runs in a pod of the cluster. ``timeout`` is the seconds to connect
    and the seconds to wait for data.

    ``odd`` are the objects that cannot be read and were left out of a list. ``date`` is the header of the newest answer
    with the time of the API server, "" before the first.

    All methods raise :class:`SourceUnavailable`; if a permission is missing, it names the RBAC rule to add.
    """

    def __init__(
        self,
        api: client.ApiClient,
        *,
        name: str,
        inside: bool,
        timeout: tuple[float, float] = TIMEOUT,
        limits: Limits,
    ) -> None:
        self._api = api
        self._timeout = timeout
        self._limits = limits
        self._deadline = Deadline(limits)
        self.odd = OddObjects()
        self.name = name
        self.inside = inside
        self.cost = Cost()
        self.date = ""
        self._user = ""
        api.configuration.retries = retry_policy(429, 502, 503, total=limits.retries)
        api.rest_client = type(api.rest_client)(api.configuration)
        api.rest_client.pool_manager.pool_classes_by_scheme = timed_pools(self._deadline)

    def impersonate(self, user: str) -> None:
        """Make every request as this user, also those through the proxy, as ``kubectl --as`` does."""
        self._user = user
        self._api.set_default_header(IMPERSONATE, user)

    def close(self) -> None:
        """Close the connections."""
        self._api.rest_client.close()

    def rollouts(self, namespace: str) -> Mapping[Key, Rollout]:
        """The current Rollouts. Each page is reduced to facts before the next page is read, which saves memory."""
        return self._complete(lambda: {
            fact.key: fact
            for page in self._pages(ApiRequest("list", _ROLLOUTS, namespace), RolloutPage)
            for fact in self.odd.facts(rollout, page.items)
        })  # fmt: skip

    def rollout_versions(self, namespace: str) -> Mapping[Key, str]:
        """The current resourceVersion of each Rollout."""
        request = ApiRequest("list", _ROLLOUTS, namespace, accept=_METADATA_ONLY)
        return self._complete(lambda: {
            (item.metadata.namespace, item.metadata.name): item.metadata.resource_version
            for page in self._pages(request, VersionPage)
            for item in page.items or ()
        })  # fmt: skip

    def service(self, namespace: str, name: str) -> ServiceStruct | None:
        """The Service, or ``None`` if it does not exist."""
        return self.get(_SERVICES, (namespace, name), type_=ServiceStruct)

    def services(self) -> tuple[ServiceStruct, ...]:
        """All Services of the cluster."""
        return tuple(item for page in self.pages(_SERVICES, "", type_=ServicePage) for item in page.items)

    def config_maps(self, namespace: str, *, selector: str) -> tuple[ConfigMapStruct, ...]:
        """The ConfigMaps that match a label selector such as ``grafana_dashboard``."""
        pages = self.pages(_CONFIG_MAPS, namespace, type_=ConfigMapPage, selector=selector)
        return tuple(item for page in pages for item in page.items)

    def config_map(self, namespace: str, name: str) -> ConfigMapStruct | None:
        """The ConfigMap, or ``None`` if it does not exist."""
        return self.get(_CONFIG_MAPS, (namespace, name), type_=ConfigMapStruct)

    @property
    def url(self) -> str:
        """The URL of the API server."""
        return str(self._api.configuration.host)

    def get(self, resource: tuple[str, str], key: Key, *, type_: type[T]) -> T | None:
        """The object with this namespace and name, decoded as ``type_``; ``None`` if it does not exist."""
        try:
            return self._decoded(self._send(ApiRequest("get", resource, *key)), type_)
        except NoSuchObject:
            return None

    def pages(
        self,
        resource: tuple[str, str],
        namespace: str,
        *,
        type_: type[T],
        selector: str = "",
        metadata_only: bool = False,
    ) -> tuple[T, ...]:
        """All pages of a list, each decoded as ``type_``, which must have ``metadata.next_page`` and ``items``.

        ``metadata_only`` asks for the metadata of the objects alone; an empty list has ``null`` as its items then.
        """
        query = (("labelSelector", selector),) if selector else ()
        accept = _METADATA_ONLY if metadata_only else "application/json"
        request = ApiRequest("list", resource, namespace, query=query, accept=accept)
        return self._complete(lambda: tuple(self._pages(request, type_)))

    def create(self, resource: tuple[str, str], body: Mapping[str, Any], *, type_: type[T]) -> T:
        """Post a review, such as a SubjectAccessReview, and decode the answer. The API server stores nothing."""
        return self._decoded(self._send(ApiRequest("create", resource, body=body)), type_)

    def apply(self, resource: tuple[str, str], body: Mapping[str, Any], *, type_: type[T], manager: str) -> T:
        """Server-side apply of an object: it is made, or gets the fields of ``body``. Returns all of it.

        RBAC can allow this by the name of the object, where it cannot for ``create``.
        """
        metadata, query = body["metadata"], (("fieldManager", manager),)
        request = ApiRequest("apply", resource, metadata["namespace"], metadata["name"], query=query, body=body)
        return self._decoded(self._send(request), type_)

    def patch(self, resource: tuple[str, str], key: Key, *, body: Mapping[str, Any], type_: type[T], manager: str) -> T:
        """Merge ``body`` into an object, and return all of it.

        Raises :class:`ObjectChanged` if the object has not the ``metadata.resourceVersion`` in the body, or is gone.
        """
        try:
            query = (("fieldManager", manager),)
            return self._decoded(self._send(ApiRequest("patch", resource, *key, query=query, body=body)), type_)
        except NoSuchObject:
            raise ObjectChanged from None

    def delete(self, resource: tuple[str, str], key: Key, version: str) -> None:
        """Delete the object. Raises :class:`ObjectChanged` if it has another resourceVersion, or is gone."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"resourceVersion": version}}
        try:
            self._send(ApiRequest("delete", resource, *key, body=body))
        except NoSuchObject:
            raise ObjectChanged from None

    def send(self, request: ApiRequest, *, type_: type[T]) -> T:
        """Send a request, and decode the answer. Raises also what :meth:`ApiRequest.refusal` returns."""
        return self._decoded(self._send(request), type_)

    def proxy(self, service: ServiceAddress) -> Endpoint:
        """The API server's proxy to a Service, with the credentials of this client."""
        settings = self._api.configuration
        name = f"{'https:' if service.secure else ''}{service.name}:{service.port}"
        path = f"/api/v1/namespaces/{service.namespace}/services/{name}/proxy{service.path}"
        return Endpoint(
            url=settings.host + path,
            headers=lambda: (
                {
                    auth["key"]: auth["value"].strip()
                    for auth in settings.auth_settings().values()
                    if auth["in"] == "header"
                }
                | ({IMPERSONATE: self._user} if self._user else {})
            ),
            ca_file=settings.ssl_ca_cert or "",
            cert_file=settings.cert_file or "",
            key_file=settings.key_file or "",
            verify=settings.verify_ssl,
            timeout=TIMEOUT[1],
            limits=self._limits,
        )

    def _complete(self, read: Callable[[], T]) -> T:
        """Read a whole list, and start again if it expires between two pages."""
        for _ in range(MAX_LIST_ATTEMPTS):
            try:
                return read()
            except ListExpired:
                continue
        raise SourceUnavailable("cluster-list-expired", times=MAX_LIST_ATTEMPTS)

    def _pages(self, first: ApiRequest, type_: type[T]) -> Iterator[T]:
        decode = partial(self._decoded, type_=type_, resource=first.resource[1])
        return read_pages(self._send, decode, first, url=self._api.configuration.host)

    def _send(self, request: ApiRequest) -> bytes:
        host = self._api.configuration.host
        _, url, headers, *_ = self._api.param_serialize(
            request.method,
            request.path,
            query_params=list(request.query),
            header_params=request.headers,
            auth_settings=["BearerToken"],
        )
        # A token file may end with a newline, which kubectl removes and http.client refuses.
        stripped = {name: value.strip() for name, value in headers.items()}
        self._deadline.begin(2 * self._timeout[1])
        try:
            answer = self._api.call_api(request.method, url, stripped, request.body, _request_timeout=self._timeout)
            content = body_of(answer.response, self._limits.page)
        except (urllib3.exceptions.HTTPError, client.ApiException, ValueError, TooLarge) as error:
            raise self._no_response(error) from error
        self.cost = Cost(self.cost.requests + 1, 0, self.cost.bytes + len(content))
        self.date = answer.headers.get("Date") or ""
        _LOG.debug("%s %s: %s, %d bytes", request.method, request.path, answer.status, len(content))
        if location := answer.headers.get("Location"):
            detail = f"it redirects to {shortened(bare_url(location))}"
            raise SourceUnavailable("web-broken-answer", permanent=True, who=SERVER, url=host, detail=detail)
        if answer.status not in {200, 201}:
            raise request.refusal(answer.status, content, host=host, user=self._user)
        return content

    def _no_response(self, error: Exception) -> SourceUnavailable:
        host = self._api.configuration.host
        if isinstance(error, TooLarge):
            return SourceUnavailable("web-too-large", who=SERVER, url=host, size=error.limit >> 20)
        if isinstance(error, urllib3.exceptions.ReadTimeoutError):
            self._limits.require_time()
            return SourceUnavailable("web-timeout", who=SERVER, url=host, seconds=self._timeout[1])
        # http.client quotes a header that it refuses. It may be the token, so the quote is cut off.
        detail = root_cause(error).partition(" b'")[0]
        return SourceUnavailable("web-connection", who=SERVER, url=host, detail=detail)

    def _decoded(self, body: bytes, type_: type[T], resource: str = "") -> T:
        try:
            return self.odd.sound(body, type_, resource)
        except BrokenAnswer as error:
            host = self._api.configuration.host
            raise SourceUnavailable("web-broken-answer", who=SERVER, url=host, detail=str(error)) from error


def connect(
    context: str,
    kubeconfig: str,
    *,
    user: str = "",
    account: str = ACCOUNT,
    secrets: KnownSecrets | None = None,
    limits: Limits | None = None,
) -> Cluster:
    """A client for a context of the kubeconfig; ``context`` "" is the current context.

    ``kubeconfig`` is a path, or several paths as in ``$KUBECONFIG``. "" is the ServiceAccount of the pod that this
    process runs in; its token and its CA certificate are in the folder ``account``. ``secrets`` learns all that it
    finds there. ``user`` is the one as whom every request is made (impersonation), "" for nobody else. ``limits``
    ``None`` are the usual ones, of a run without an end.

    Raises :class:`SourceUnavailable` if the kubeconfig or the ServiceAccount cannot be used, and ``ConfigError`` if
    a proxy of the environment cannot.
    """
    known = secrets or KnownSecrets()
    with usable(kubeconfig):
        if kubeconfig:
            settings, name = of_kubeconfig(context, kubeconfig, secrets=known, limits=limits or Limits())
        else:
            settings, name = of_account(account)
        learn_tokens(settings, known)
        complete_proxy(settings)
        cluster = Cluster(client.ApiClient(settings), name=name, inside=not kubeconfig, limits=limits or Limits())
    if user:
        cluster.impersonate(user)
    return cluster
