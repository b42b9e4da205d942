"""A read-only client of the Kubernetes API: lists in pages, gzipped, decoded into typed structs."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
import urllib3
import yaml
from kubernetes import client, config
from kubernetes.config.incluster_config import InClusterConfigLoader
from kubernetes.config.kube_config import KubeConfigMerger

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.objects import (
    ConfigMapPage,
    ConfigMapStruct,
    RolloutPage,
    ServicePage,
    ServiceStruct,
    StatusStruct,
    VersionPage,
    rollout,
)
from maintainer.clients.session import RetryPolicy, root_cause
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Cost, Key, Rollout

T = TypeVar("T")

TIMEOUT = (5.0, 30.0)
"""Seconds to connect, and seconds between two bytes of the response."""

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
"""The folder where a pod finds the token and the CA certificate of its ServiceAccount."""

PAGE_SIZE = 500
MAX_LIST_ATTEMPTS = 3
_JSON = "application/json"
_WHO = "The API server"
_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
_ROLLOUTS = "argoproj.io/v1alpha1", "rollouts"
_SERVICES = "v1", "services"
_CONFIG_MAPS = "v1", "configmaps"

_NOT_A_KUBECONFIG = (TypeError, ValueError, KeyError, AttributeError)
"""What the kubernetes client raises for a kubeconfig that is not a mapping or lacks a required key."""


class ListExpired(Exception):
    """The continue token of a list is too old (HTTP 410): the list must be read again from its first page."""


class NoSuchObject(Exception):
    """The API has the resource, but no object with this name (HTTP 404)."""


class Cluster:
    """A façade over the kubernetes client that decodes responses into facts. Every request has a timeout.

    A resource is its API version and its plural name, such as ``("apps/v1", "deployments")``; ``namespace`` "" is the
    whole cluster. ``inside`` says that this process runs in a pod of the cluster. ``timeout`` is the seconds to connect
    and the seconds to wait for data.

    All methods raise :class:`SourceUnavailable`; if a permission is missing, it names the RBAC rule to add.
    """

    def __init__(
        self, api: client.ApiClient, *, name: str, inside: bool, timeout: tuple[float, float] = TIMEOUT
    ) -> None:
        self._api = api
        self._timeout = timeout
        self.name = name
        self.inside = inside
        self.cost = Cost()
        api.configuration.retries = RetryPolicy(
            total=2,
            status_forcelist={429, 502, 503, 504},
            backoff_factor=0.5,
            raise_on_status=False,
            retry_after_max=30,
        )
        api.rest_client = type(api.rest_client)(api.configuration)

    def close(self) -> None:
        """Close the connections."""
        self._api.rest_client.close()

    def rollouts(self, namespace: str) -> Mapping[Key, Rollout]:
        """The current Rollouts. Each page is reduced to facts before the next page is read, which saves memory."""
        return self._complete(lambda: {
            fact.key: fact
            for page in self._pages(_ROLLOUTS, namespace, RolloutPage)
            for fact in map(rollout, page.items)
        })  # fmt: skip

    def rollout_versions(self, namespace: str) -> Mapping[Key, str]:
        """The current resourceVersion of each Rollout."""
        return self._complete(lambda: {
            (item.metadata.namespace, item.metadata.name): item.metadata.resource_version
            for page in self._pages(_ROLLOUTS, namespace, VersionPage, accept=_METADATA_ONLY)
            for item in page.items or ()
        })  # fmt: skip

    def services(self) -> tuple[ServiceStruct, ...]:
        """All Services of the cluster."""
        return self._complete(lambda: tuple(
            item for page in self._pages(_SERVICES, "", ServicePage) for item in page.items
        ))  # fmt: skip

    def config_maps(self, namespace: str, *, selector: str) -> tuple[ConfigMapStruct, ...]:
        """The ConfigMaps that match a label selector such as ``grafana_dashboard``."""
        return self._complete(lambda: tuple(
            item
            for page in self._pages(_CONFIG_MAPS, namespace, ConfigMapPage, selector=selector)
            for item in page.items
        ))  # fmt: skip

    def config_map(self, namespace: str, name: str) -> ConfigMapStruct | None:
        """The ConfigMap, or ``None`` if it does not exist."""
        return self.get(_CONFIG_MAPS, (namespace, name), ConfigMapStruct)

    def get(self, resource: tuple[str, str], key: Key, type_: type[T]) -> T | None:
        """The object with this namespace and name, decoded as ``type_``; ``None`` if it does not exist."""
        namespace, name = key
        path = f"{_path(resource, namespace)}/{name}"
        try:
            return self._decoded(self._send("GET", path, wanted=(*resource, namespace), verb="get"), type_)
        except NoSuchObject:
            return None

    def pages(self, resource: tuple[str, str], namespace: str, type_: type[T], *, selector: str = "") -> tuple[T, ...]:
        """All pages of a list, each decoded as ``type_``, which must have ``metadata.next_page`` and ``items``."""
        return self._complete(lambda: tuple(self._pages(resource, namespace, type_, selector=selector)))

    def create(self, resource: tuple[str, str], body: Mapping[str, Any], type_: type[T]) -> T:
        """Post a review, such as a SubjectAccessReview, and decode the answer. The API server stores nothing."""
        response = self._send("POST", _path(resource, ""), wanted=(*resource, ""), verb="create", body=body)
        return self._decoded(response, type_)

    def proxy(self, namespace: str, service: str, port: str) -> Endpoint:
        """The API server's proxy to a Service, with the credentials of this client."""
        settings = self._api.configuration
        path = f"/api/v1/namespaces/{namespace}/services/{service}:{port}/proxy"
        return Endpoint(
            url=settings.host + path,
            headers=lambda: {
                auth["key"]: auth["value"].strip()
                for auth in settings.auth_settings().values()
                if auth["in"] == "header"
            },
            ca_file=settings.ssl_ca_cert or "",
            cert_file=settings.cert_file or "",
            key_file=settings.key_file or "",
            verify=settings.verify_ssl,
            timeout=TIMEOUT[1],
        )

    def _complete(self, read: Callable[[], T]) -> T:
        """Read a whole list, and start again if it expires between two pages."""
        for _ in range(MAX_LIST_ATTEMPTS):
            try:
                return read()
            except ListExpired:
                continue
        raise SourceUnavailable("cluster-list-expired", times=MAX_LIST_ATTEMPTS)

    def _pages(
        self,
        resource: tuple[str, str],
        namespace: str,
        type_: type[T],
        *,
        accept: str = _JSON,
        selector: str = "",
    ) -> Iterator[T]:
        token = ""
        while True:
            query = [("limit", str(PAGE_SIZE))]
            query += [(name, value) for name, value in (("continue", token), ("labelSelector", selector)) if value]
            path, wanted = _path(resource, namespace), (*resource, namespace)
            body = self._send("GET", path, wanted=wanted, verb="list", query=query, accept=accept)
            page = self._decoded(body, type_)
            yield page
            token = page.metadata.next_page  # type: ignore[attr-defined]  # every page type has it
            if not token:
                return

    def _send(  # noqa: PLR0913 - a request has these parts, and all requests are sent here
        self,
        method: str,
        path: str,
        *,
        wanted: tuple[str, str, str],
        verb: str,
        query: list[tuple[str, str]] | None = None,
        accept: str = _JSON,
        body: Mapping[str, Any] | None = None,
    ) -> bytes:
        host = self._api.configuration.host
        headers = {"Accept": accept, "Accept-Encoding": "gzip", **({"Content-Type": _JSON} if body else {})}
        _, url, all_headers, *_ = self._api.param_serialize(
            method, path, query_params=query or [], header_params=headers, auth_settings=["BearerToken"]
        )
        # A token file may end with a newline, which kubectl removes and http.client refuses.
        stripped = {name: value.strip() for name, value in all_headers.items()}
        try:
            response = self._api.call_api(method, url, stripped, body, _request_timeout=self._timeout)
            content: bytes = response.read()
        except (urllib3.exceptions.HTTPError, client.ApiException, ValueError) as error:
            # http.client quotes a header that it refuses. It may be the token, so the quote is cut off.
            detail = root_cause(error).partition(" b'")[0]
            raise SourceUnavailable("web-connection", who=_WHO, url=host, detail=detail) from error
        self.cost = Cost(self.cost.requests + 1, 0, self.cost.bytes + len(content))
        if response.status not in {200, 201}:
            raise _refusal(response.status, content, host, wanted=wanted, verb=verb)
        return content

    def _decoded(self, body: bytes, type_: type[T]) -> T:
        try:
            return msgspec.json.decode(body, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            host = self._api.configuration.host
            raise SourceUnavailable("web-broken-answer", who=_WHO, url=host, detail=str(error)) from error


def connect(context: str, kubeconfig: str, *, account: str = ACCOUNT) -> Cluster:
    """A client for a context of the kubeconfig; ``context`` "" is the current context.

    ``kubeconfig`` is a path, or several paths as in ``$KUBECONFIG``. "" is the ServiceAccount of the pod that this
    process runs in; its token and its CA certificate are in the folder ``account``.

    Raises :class:`SourceUnavailable` if the kubeconfig or the ServiceAccount cannot be used.
    """
    try:
        return _from_kubeconfig(context, kubeconfig) if kubeconfig else _from_account(account)
    except (config.ConfigException, yaml.YAMLError, OSError, *_NOT_A_KUBECONFIG) as error:
        detail = " ".join(str(error).split()).rstrip(".")
        if isinstance(error, _NOT_A_KUBECONFIG):
            detail = f"{kubeconfig} is not a kubeconfig ({detail})"
        raise SourceUnavailable("cluster-config", permanent=True, detail=detail) from error


def _from_account(folder: str) -> Cluster:
    settings: Any = client.Configuration()
    InClusterConfigLoader(f"{folder}/token", f"{folder}/ca.crt").load_and_set(settings)
    return Cluster(client.ApiClient(settings), name=settings.host, inside=True)


def _from_kubeconfig(context: str, files: str) -> Cluster:
    merged = KubeConfigMerger(files).config
    if merged is None:
        raise config.ConfigException(f"there is no {files}")
    known = sorted(entry["name"] for entry in merged.value["contexts"])
    wanted = context or merged.value.get("current-context") or ""
    if wanted not in known:
        raise SourceUnavailable(
            "cluster-no-context",
            permanent=True,
            context=wanted or '""',
            known=", ".join(known) or "none",
            file=files,
        )
    api = config.new_client_from_config(files, wanted, persist_config=False)
    return Cluster(api, name=wanted, inside=False)


def _path(resource: tuple[str, str], namespace: str) -> str:
    version, plural = resource
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{root}/namespaces/{namespace}/{plural}" if namespace else f"{root}/{plural}"


def _refusal(status: int, body: bytes, host: str, *, wanted: tuple[str, str, str], verb: str) -> Exception:
    version, plural, namespace = wanted
    try:
        answer = msgspec.json.decode(body, type=StatusStruct)
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer = StatusStruct(message=" ".join(body[:200].decode("utf-8", "replace").split()))
    group = version.rpartition("/")[0]
    match status:
        case 410:
            return ListExpired()
        case 401:
            return SourceUnavailable("cluster-unauthorized", permanent=True, url=host, said=answer.message)
        case 403:
            reason = "cluster-forbidden-in-namespace" if namespace else "cluster-forbidden"
            return SourceUnavailable(
                reason,
                permanent=True,
                verb=verb,
                group=group,
                resource=plural,
                namespace=namespace,
                said=answer.message,
            )
        case 404 if verb == "get" and answer.reason == "NotFound":
            return NoSuchObject()
        case 404:
            return SourceUnavailable("cluster-no-resource", permanent=True, group=group, resource=plural, url=host)
        case _:
            return SourceUnavailable("web-status", who=_WHO, url=host, status=str(status), said=answer.message)
