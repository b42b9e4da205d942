"""Other servers that answer in JSON, such as Alertmanager and Grafana: read only, and honest about failure."""

from typing import TypeVar

import msgspec
import requests
from requests.adapters import HTTPAdapter

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.session import admit, failure, guarded, patience, shown
from maintainer.errors import SourceUnavailable
from maintainer.model.facts import Cost

T = TypeVar("T")

_PASSING = {408, 425, 429}
"""Refusals that another time may not meet."""


class _Said(msgspec.Struct):
    """The words in which servers explain a refusal."""

    message: str = ""
    error: str = ""


class Web:
    """A façade over a session of requests for one server; ``who`` is what a reader calls it.

    All methods raise :class:`SourceUnavailable` with one of the reasons ``web-…``, which name ``who`` and the URL.
    Every request has a timeout, and redirects are not followed.
    """

    def __init__(self, endpoint: Endpoint, who: str) -> None:
        self.url = endpoint.url.rstrip("/")
        self.who = who
        self.cost = Cost()
        self._endpoint = endpoint
        self._session = requests.Session()
        admit(self._session, endpoint)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=patience()))

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def get(self, path: str, type_: type[T], **params: str) -> T:
        """The JSON at a path below the URL."""
        body = self._fetched(path, params).content
        try:
            return msgspec.json.decode(body, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._unavailable("broken-answer", detail=f"{error}: {shown(body)}") from error

    def text(self, path: str) -> str:
        """The text at a path below the URL, such as a page of metrics."""
        return self._fetched(path, {}).content.decode("utf-8", "replace")

    def _fetched(self, path: str, params: dict[str, str]) -> requests.Response:
        asked = {**dict(self._endpoint.parameters), **params}
        try:
            response = self._session.get(f"{self.url}/{path}", params=asked, **guarded(self._endpoint))
        except (OSError, ValueError) as error:  # what requests raises, and what it lets through: files, URLs
            raised = failure("web", error, self._endpoint)
            raise SourceUnavailable(raised.reason, permanent=raised.permanent, who=self.who, **raised.params) from error
        self.cost = Cost(self.cost.requests + 1, 0, self.cost.bytes + len(response.content))
        if where := response.headers.get("Location"):
            raise self._unavailable("broken-answer", permanent=True, detail=f"it redirects to {where}")
        if not response.ok:
            raise self._refused(response)
        return response

    def _refused(self, response: requests.Response) -> SourceUnavailable:
        code, said = response.status_code, _words(response.content)
        if code == 403 and "/services/" in self.url and self.url.endswith("/proxy"):
            return self._unavailable("proxy", permanent=True, said=said)
        if code in {401, 403}:
            return self._unavailable("auth", permanent=True, status=str(code), said=said)
        final = 400 <= code < 500 and code not in _PASSING
        return self._unavailable("status", permanent=final, status=str(code), said=said)

    def _unavailable(self, kind: str, *, permanent: bool = False, **params: str) -> SourceUnavailable:
        return SourceUnavailable(f"web-{kind}", permanent=permanent, who=self.who, url=self._endpoint.url, **params)


def _words(body: bytes) -> str:
    """The server's own words, taken out of its JSON where there is some."""
    try:
        said = msgspec.json.decode(body, type=_Said)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return shown(body)
    return shown((said.message or said.error).encode()) if said.message or said.error else shown(body)
