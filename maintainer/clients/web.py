"""A client of other HTTP APIs, such as those of Alertmanager and Grafana."""

from functools import partial
from typing import TypeVar

import msgspec
import requests

from maintainer.clients.decoding import BrokenAnswer, decoded, excerpt, excerpt_unless_json, shortened
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.limits import Deadline, TimedAdapter
from maintainer.clients.retries import retry_policy
from maintainer.clients.session import Received, is_final, receive, refused, request_options, set_credentials
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
        self._deadline = Deadline(endpoint.limits)
        self._session = requests.Session()
        set_credentials(self._session, endpoint)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, TimedAdapter(self._deadline, retry_policy(429, 502)))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, path: str, type_: type[T], **params: str) -> T:
        """The JSON at a path below the URL, decoded as ``type_``; ``params`` are added to the query."""
        body = self._fetch(path, params)
        try:
            return decoded(body, type_)
        except BrokenAnswer as error:
            raise self._unavailable("broken-answer", detail=excerpt_unless_json(body, error)) from error

    def text(self, path: str) -> str:
        """The text at a path below the URL, such as ``metrics``."""
        return self._fetch(path, {}).decode("utf-8", "replace")

    def post(self, path: str) -> None:
        """Ask for what stands behind a path, such as ``-/reload``."""
        self._fetch(path, {}, method="POST")

    def _fetch(self, path: str, params: dict[str, str], *, method: str = "GET") -> bytes:
        query, options = {**dict(self._endpoint.parameters), **params}, request_options(self._endpoint)
        send = partial(self._session.request, method, f"{self.url}/{path}", params=query, **options)
        received = receive(self.who, send, endpoint=self._endpoint, deadline=self._deadline)
        self.cost = Cost(self.cost.requests + 1, 0, self.cost.bytes + len(received.body))
        if location := received.response.headers.get("Location"):
            raise self._unavailable(
                "broken-answer", permanent=True, detail=f"it redirects to {shortened(bare_url(location))}"
            )
        if not received.ok:
            raise self._refused(received)
        return received.body

    def _refused(self, received: Received) -> SourceUnavailable:
        code, said = received.response.status_code, _error_message(received.body)
        if refusal := refused(received.response, self.who, url=self._endpoint.url, said=said):
            return refusal
        return self._unavailable("status", permanent=is_final(code), status=str(code), said=said)

    def _unavailable(self, kind: str, *, permanent: bool = False, **params: str) -> SourceUnavailable:
        return SourceUnavailable(f"web-{kind}", permanent=permanent, who=self.who, url=self._endpoint.url, **params)


def _error_message(body: bytes) -> str:
    """The message in a JSON body, or the beginning of any other body."""
    try:
        explained = decoded(body, _ErrorBody)
    except BrokenAnswer:
        return excerpt(body)
    return shortened(explained.message or explained.error) or excerpt(body)
