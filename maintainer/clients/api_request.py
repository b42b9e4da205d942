"""A request to the Kubernetes API, and the errors for its response."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from maintainer.clients.decoding import BrokenAnswer, decoded, excerpt, shortened
from maintainer.clients.objects import StatusStruct
from maintainer.errors import SourceUnavailable

SERVER = "The API server"
"""The name of the server for a reader."""


class ListExpired(Exception):
    """The continue token of a list is too old (HTTP 410): the list must be read again from its first page."""


class NoSuchObject(Exception):
    """The API has the resource, but no object with this name (HTTP 404)."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request for a resource, which is its API version and its plural name.

    ``verb`` is the verb of RBAC. ``namespace`` "" is the whole cluster, ``name`` "" is the whole list. ``body`` is sent
    as JSON, with the method POST.
    """

    verb: str
    resource: tuple[str, str]
    namespace: str = ""
    name: str = ""
    query: tuple[tuple[str, str], ...] = ()
    accept: str = "application/json"
    body: Mapping[str, Any] | None = None

    @property
    def method(self) -> str:
        """``GET`` or ``POST``."""
        return "POST" if self.body else "GET"

    @property
    def path(self) -> str:
        """The path of the URL."""
        version, plural = self.resource
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        scope = f"/namespaces/{self.namespace}" if self.namespace else ""
        return f"{root}{scope}/{plural}/{self.name}".rstrip("/")

    @property
    def headers(self) -> dict[str, str]:
        """The headers, without credentials."""
        content_type = {"Content-Type": "application/json"} if self.body else {}
        return {"Accept": self.accept, "Accept-Encoding": "gzip", **content_type}

    def refusal(self, status: int, body: bytes, *, host: str, user: str = "") -> Exception:
        """The error for a response that is not a success; ``host`` is the URL of the API server.

        ``user`` is the one as whom the request was made, "" for the account of this run.

        It is :class:`ListExpired`, :class:`NoSuchObject` or :class:`SourceUnavailable`.
        """
        version, plural = self.resource
        group, answer = version.rpartition("/")[0], _status(body)
        said = answer.message
        match status:
            case 410:
                return ListExpired()
            case 401:
                return SourceUnavailable("cluster-unauthorized", permanent=True, url=host, said=said)
            case 403:
                return self._forbidden(said, user)
            case 404 if self.verb == "get" and answer.reason == "NotFound":
                return NoSuchObject()
            case 404:
                return SourceUnavailable("cluster-no-resource", permanent=True, group=group, resource=plural, url=host)
            case _:
                return SourceUnavailable("web-status", who=SERVER, url=host, status=str(status), said=said)

    def _forbidden(self, said: str, user: str) -> SourceUnavailable:
        if user and "cannot impersonate" in said:
            return SourceUnavailable("cluster-no-impersonation", permanent=True, user=user, said=said)
        version, plural = self.resource
        reason = "cluster-forbidden-in-namespace" if self.namespace else "cluster-forbidden"
        if user:
            reason = "cluster-forbidden-as-in-namespace" if self.namespace else "cluster-forbidden-as"
        return SourceUnavailable(
            reason,
            permanent=True,
            verb=self.verb,
            group=version.rpartition("/")[0],
            resource=plural,
            namespace=self.namespace,
            user=user,
            said=said,
        )


def _status(body: bytes) -> StatusStruct:
    try:
        status = decoded(body, StatusStruct)
    except BrokenAnswer:
        return StatusStruct(message=excerpt(body))
    return StatusStruct(shortened(status.message), status.reason)
