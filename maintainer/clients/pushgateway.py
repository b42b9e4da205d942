"""Pushes metrics to a Pushgateway."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import partial

import requests

from maintainer.clients.decoding import excerpt
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.limits import Deadline, TimedAdapter
from maintainer.clients.retries import retry_policy
from maintainer.clients.session import receive, request_options, set_credentials
from maintainer.errors import DeliveryFailed, SourceUnavailable

WHO = "the Pushgateway"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_PLAIN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_ADVICE: Mapping[int, str] = {
    401: "; set metrics.basicAuth",
    403: "; set metrics.basicAuth",
    404: "; is metrics.pushgateway the URL of a Pushgateway, with its path if it has one?",
    405: "; is metrics.pushgateway the URL of a Pushgateway, with its path if it has one?",
}


class Pushgateway:
    """A façade over a session of requests for one Pushgateway."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.url = endpoint.url
        self._endpoint = endpoint
        self._deadline = Deadline(endpoint.limits)
        self._session = requests.Session()
        set_credentials(self._session, endpoint)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, TimedAdapter(self._deadline, retry_policy()))

    def put(self, group: Mapping[str, str], text: bytes) -> None:
        """Put these metrics, in the text format, in the place of all that the group has. The first label is ``job``.

        POST would leave the findings there that are resolved. In the metrics, a label of the group has its value there.
        Raises :class:`DeliveryFailed`.
        """
        url = "/".join((self.url, "metrics", *(part for label in group.items() for part in _segments(*label))))
        options = {**request_options(self._endpoint), "headers": {"Content-Type": CONTENT_TYPE}}
        send = partial(self._session.put, url, data=text, **options)
        try:
            received = receive(WHO, send, endpoint=self._endpoint, deadline=self._deadline)
        except SourceUnavailable as error:
            why = error.params.get("detail", f"no answer within {self._endpoint.timeout:.0f} s")
            raise DeliveryFailed(f"{WHO} at {self.url} cannot be reached ({why}); check metrics.pushgateway") from error
        if not received.ok:
            status = received.response.status_code
            said, advice = excerpt(received.body), _ADVICE.get(status, "")
            raise DeliveryFailed(f"{WHO} at {self.url} refuses them (HTTP {status}: {said}){advice}")

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


def _segments(name: str, value: str) -> tuple[str, str]:
    """The two parts of a path for a label. What a path cannot carry as it is, such as / and .., is in Base64."""
    if _PLAIN.fullmatch(value):
        return name, value
    return f"{name}@base64", urlsafe_b64encode(value.encode()).decode().rstrip("=") or "="
