"""A read-only client of other HTTP APIs, such as those of Alertmanager and Grafana."""

from typing import TypeVar

import msgspec
import requests
from requests.adapters import HTTPAdapter

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.session import (
    excerpt,
    is_final,
    no_response,
    refused,
    request_options,
    retry_policy,
    set_credentials,
)
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Cost
from maintainer.model.secret_text import bare_url

T = TypeVar("T")


class _ErrorBody(msgspec.Struct):
    """The fields in which servers explain a refusal."""

    message: str = ""
    error: str = ""


class Web:
    """A façade over a session of requests for one server; ``who`` is the server's name in reports, such as Grafana.

    Every request has a timeout, and redirects are not followed. All methods raise :class:`SourceUnavailable` with one
    of the reasons ``web-…``, which name ``who`` and the URL.
    """

    def __init__(self, endpoint: Endpoint, who: str) -> None:
        self.url = endpoint.url.rstrip("/")
        self.who = who
        self.cost = Cost()
        self._endpoint = endpoint
        self._session = requests.Session()
        set_credentials(self._session, endpoint)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry_policy()))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, path: str, type_: type[T], **params: str) -> T:
        """The JSON at a path below the URL, decoded as ``type_``; ``params`` are added to the query."""
        body = self._fetch(path, params).content
        try:
            return msgspec.json.decode(body, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._unavailable("broken-answer", detail=f"{error}: {excerpt(body)}") from error

    def text(self, path: str) -> str:
        """The text at a path below the URL, such as ``metrics``."""
        return self._fetch(path, {}).content.decode("utf-8", "replace")

    def _fetch(self, path: str, params: dict[str, str]) -> requests.Response:
        query = {**dict(self._endpoint.parameters), **params}
        try:
            response = self._session.get(f"{self.url}/{path}", params=query, **request_options(self._endpoint))
        except (OSError, ValueError) as error:  # also raised for missing certificate files and for invalid URLs
            raise no_response(self.who, error, endpoint=self._endpoint) from error
        self.cost = Cost(self.cost.requests + 1, 0, self.cost.bytes + len(response.content))
        if location := response.headers.get("Location"):
            raise self._unavailable("broken-answer", permanent=True, detail=f"it redirects to {bare_url(location)}")
        if not response.ok:
            raise self._refused(response)
        return response

    def _refused(self, response: requests.Response) -> SourceUnavailable:
        code, said = response.status_code, _error_message(response.content)
        if refusal := refused(response, self.who, url=self._endpoint.url, said=said):
            return refusal
        return self._unavailable("status", permanent=is_final(code), status=str(code), said=said)

    def _unavailable(self, kind: str, *, permanent: bool = False, **params: str) -> SourceUnavailable:
        return SourceUnavailable(f"web-{kind}", permanent=permanent, who=self.who, url=self._endpoint.url, **params)


def _error_message(body: bytes) -> str:
    """The message in a JSON body, or the beginning of any other body."""
    try:
        decoded = msgspec.json.decode(body, type=_ErrorBody)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return excerpt(body)
    return excerpt((decoded.message or decoded.error).encode() or body)
