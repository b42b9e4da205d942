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


class ObjectChanged(Exception):
    """The object has another resourceVersion than the request expects (HTTP 409)."""


_WRITES: Mapping[str, tuple[str, str]] = {
    "create": ("POST", "application/json"),
    "apply": ("PATCH", "application/apply-patch+yaml"),
    "patch": ("PATCH", "application/merge-patch+json"),
    "delete": ("DELETE", "application/json"),
}
"""The method and the media type of each verb that has a body."""

_RIGHTS: Mapping[str, str] = {"apply": "create, patch"}
"""The verbs of RBAC, where they are not the verb of the request."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request for a resource, which is its API version and its plural name.

    ``verb`` is the verb of RBAC, or ``apply`` for a server-side apply. ``namespace`` "" is the whole cluster, ``name``
    "" is the whole list. ``body`` is sent as JSON. A path of the API server that is no resource, such as ``/version``,
    stands in the place of the plural name, and its API version is "".
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
        """The method of HTTP."""
        return _WRITES[self.verb][0] if self.verb in _WRITES else "GET"

    @property
    def path(self) -> str:
        """The path of the URL."""
        version, plural = self.resource
        if plural.startswith("/"):
            return plural
        root = f"/apis/{version}" if "/" in version else f"/api/{version}"
        scope = f"/namespaces/{self.namespace}" if self.namespace else ""
        return f"{root}{scope}/{plural}/{self.name}".rstrip("/")

    @property
    def headers(self) -> dict[str, str]:
        """The headers, without credentials."""
        content_type = {"Content-Type": _WRITES[self.verb][1]} if self.verb in _WRITES else {}
        return {"Accept": self.accept, "Accept-Encoding": "gzip", **content_type}

    def refusal(self, status: int, body: bytes, *, host: str, user: str = "") -> Exception:
        """The error for a response that is not a success; ``host`` is the URL of the API server.

        ``user`` is the one as whom the request was made, "" for the account of this run. The
        error is :class:`ListExpired`, :class:`NoSuchObject`, :class:`ObjectChanged` or :class:`SourceUnavailable`.
        """
        answer = _status(body)
        said = answer.message
        match status:
            case 410:
                return ListExpired()
            case 401:
                return SourceUnavailable("cluster-unauthorized", permanent=True, url=host, said=said)
            case 403:
                return self._forbidden(said, user)
            case 404:
                return self._not_found(answer, host)
            case 409:
                return ObjectChanged()
            case _:
                return SourceUnavailable("web-status", who=SERVER, url=host, status=str(status), said=said)

    def _forbidden(self, said: str, user: str) -> SourceUnavailable:
        if user and "cannot impersonate" in said:
            return SourceUnavailable("cluster-no-impersonation", permanent=True, user=user, said=said)
        if "attempting to grant RBAC permissions" in said:
            return SourceUnavailable("cluster-escalation", permanent=True, said=said)
        version, plural = self.resource
        reason = "cluster-forbidden-in-namespace" if self.namespace else "cluster-forbidden"
        if user:
            reason = "cluster-forbidden-as-in-namespace" if self.namespace else "cluster-forbidden-as"
        return SourceUnavailable(
            reason,
            permanent=True,
            verb=_RIGHTS.get(self.verb, self.verb),
            group=version.rpartition("/")[0],
            resource=plural,
            namespace=self.namespace,
            user=user,
            said=said,
        )

    def _not_found(self, answer: StatusStruct, host: str) -> Exception:
        version, plural = self.resource
        if answer.message.startswith(f'namespaces "{self.namespace}" not found'):
            return SourceUnavailable("cluster-no-namespace", permanent=True, namespace=self.namespace)
        if answer.reason != "NotFound" or self.verb in {"list", "create"}:
            reason = "cluster-no-rollouts" if plural == "rollouts" else "cluster-no-resource"
            resource = ".".join(filter(None, (plural, version.rpartition("/")[0])))
            return SourceUnavailable(reason, permanent=True, resource=resource, url=host)
        if (
            self.verb == "apply" and self.namespace
        ):  # it makes what does not exist, so it is the namespace that does not
            return SourceUnavailable("cluster-no-namespace", permanent=True, namespace=self.namespace)
        if self.verb == "apply":  # such as a binding, without the role that it gives
            return SourceUnavailable("web-status", who=SERVER, url=host, status="404", said=answer.message)
        return NoSuchObject()


def _status(body: bytes) -> StatusStruct:
    try:
        status = decoded(body, StatusStruct)
    except BrokenAnswer:
        return StatusStruct(message=excerpt(body))
    return StatusStruct(shortened(status.message), status.reason)
