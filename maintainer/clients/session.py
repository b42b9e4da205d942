"""The HTTP session of the Prometheus client, and what all HTTP clients share: credentials, timeouts, errors."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import DecodeError, HTTPError, ProtocolError, ReadTimeoutError

from maintainer.clients.decoding import BrokenAnswer, decoded, excerpt, excerpt_unless_json, shortened
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.engine import without_request
from maintainer.clients.limits import Deadline, TooLarge, body_of
from maintainer.clients.proxies import proxy_problem
from maintainer.clients.wire import Envelope
from maintainer.errors import SourceUnavailable
from maintainer.model.proxy_url import problem_of_host
from maintainer.model.secret_text import bare_url

CONNECT_TIMEOUT = 5.0
"""Seconds."""

_LOG = logging.getLogger("maintainer.requests")
_AGENT = "unavailable with Prometheus Agent"
_PROXIED = re.compile(r"/(services|pods)/[^/]+/proxy(/|$)")
_AWS = re.compile("Missing ?Authentication ?Token|SigV4|AWS4-HMAC")
_TEMPORARY = {408, 425, 429}
"""The 4xx codes after which a later request may succeed."""
_CONNECTING = "Failed to establish a new connection: "


class Answer:
    """A decoded envelope with the attributes that prometheus-api-client reads from a response."""

    def __init__(self, envelope: Envelope, size: int) -> None:
        self.status_code = 200
        self.envelope = envelope
        self.size = size

    def json(self) -> Mapping[str, Mapping[str, "Answer"]]:
        """This object at the place where the SDK reads the result. The caller decodes it, because it knows the type."""
        return {"data": {"result": self}}


def set_credentials(session: requests.Session, endpoint: Endpoint) -> None:
    """Give a session the credentials of an endpoint, and no others."""
    if endpoint.cert_file:
        session.cert = (endpoint.cert_file, endpoint.key_file) if endpoint.key_file else endpoint.cert_file

    def authorized(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(endpoint.headers())
        if endpoint.basic:
            user, password = endpoint.basic
            request = requests.auth.HTTPBasicAuth(user.encode(), password.encode())(request)
        return request

    # Without a callable here, requests would read credentials from ~/.netrc.
    session.auth = authorized


def request_options(endpoint: Endpoint) -> Mapping[str, Any]:
    """The options of every request: timeouts, CA certificates, and no redirects."""
    return {
        "timeout": (CONNECT_TIMEOUT, endpoint.timeout),
        # Set for each request, because $REQUESTS_CA_BUNDLE wins over the ``verify`` of a session.
        "verify": endpoint.ca_file or endpoint.verify,
        "allow_redirects": False,
        "stream": True,
    }


def no_response(who: str, error: Exception, *, endpoint: Endpoint) -> SourceUnavailable:
    """The reason why a request got no whole response; ``who`` is the name of the server for a reader."""
    url = endpoint.url
    # Where a URL cannot be parsed, the error quotes the part of a password that was taken for the host.
    detail = problem_of_host(url) or proxy_problem(url) or root_cause(error)
    if isinstance(error, TooLarge):
        return SourceUnavailable("web-too-large", who=who, url=url, size=error.limit >> 20)
    if isinstance(error, ReadTimeoutError) or any(isinstance(arg, ReadTimeoutError) for arg in error.args):
        endpoint.limits.require_time()
        return SourceUnavailable("web-timeout", who=who, url=url, seconds=endpoint.timeout)
    match error:
        case requests.exceptions.SSLError():
            kind = "tls" if "CERTIFICATE_VERIFY_FAILED" in detail else "handshake"
            return SourceUnavailable(f"web-{kind}", permanent=True, who=who, url=url, detail=detail)
        case ProtocolError() | DecodeError():
            return SourceUnavailable("web-broken-answer", who=who, url=url, detail=detail)
        case requests.RequestException() | HTTPError() | ValueError():
            return SourceUnavailable("web-connection", who=who, url=url, detail=detail)
        case _:
            return SourceUnavailable("web-tls", permanent=True, who=who, url=url, detail=detail)


@dataclass(frozen=True, slots=True)
class Received:
    """A response whose body was read within the limits."""

    response: requests.Response
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it is a success. To requests, a status that HTTP does not have is one too."""
        return 200 <= self.response.status_code < 300


def receive(who: str, send: Callable[[], requests.Response], *, endpoint: Endpoint, deadline: Deadline) -> Received:
    """Send a request and read the whole answer. Raises :class:`SourceUnavailable`; ``who`` is the server's name."""
    deadline.begin(2 * endpoint.timeout)
    try:
        response = send()
        received = Received(response, body_of(response.raw, endpoint.limits.of(response.request.method)))
    except (OSError, ValueError, HTTPError, TooLarge) as error:  # also for missing certificates and for invalid URLs
        raise no_response(who, error, endpoint=endpoint) from error
    asked = f"{response.request.method} {urlsplit(response.url).path}"
    _LOG.debug("%s: %s: %s, %d bytes", who, asked, response.status_code, len(received.body))
    return received


class PrometheusSession(requests.Session):
    """A session for the API of Prometheus.

    The parameters of a POST are sent in the body, not in the URL, and every request has a timeout. Redirects are not
    followed: a POST would lose its body, and the credentials would go to another server. A response that is not a
    success of Prometheus' API raises :class:`SourceUnavailable` with the server's message. ``who`` is the server's
    name in reports.
    """

    def __init__(self, endpoint: Endpoint, who: str) -> None:
        super().__init__()
        self.who = who
        self._endpoint = endpoint
        self.deadline = Deadline(endpoint.limits)
        set_credentials(self, endpoint)

    def request(self, method: str, url: str, **options: Any) -> Answer:  # type: ignore[override]  # an envelope, checked
        """Send a request and decode the envelope of the response."""
        if method == "POST":
            options["data"] = options.pop("params", None)
        send = partial(super().request, method, url, **{**options, **request_options(self._endpoint)})
        received = receive(self.who, send, endpoint=self._endpoint, deadline=self.deadline)
        return Answer(self._envelope(received), len(received.body))

    def _envelope(self, received: Received) -> Envelope:
        if location := received.response.headers.get("Location"):
            detail = f"it redirects to {shortened(bare_url(location))}"
            raise SourceUnavailable(
                "web-broken-answer", permanent=True, who=self.who, url=self._endpoint.url, detail=detail
            )
        try:
            envelope = decoded(received.body, Envelope)
        except BrokenAnswer as error:
            why = excerpt_unless_json(received.body, error) if received.ok else ""
            raise self._refused(received, Envelope("", error=why)) from error
        if envelope.status != "success":
            raise self._refused(received, envelope)
        return envelope

    def _refused(self, received: Received, envelope: Envelope) -> SourceUnavailable:
        """The error for a response that is not a success; ``envelope.status`` is "" if the body is not an envelope."""
        response, url = received.response, self._endpoint.url
        status = str(response.status_code)
        said = shortened(without_request(envelope.error or envelope.message)) or excerpt(received.body)
        if refusal := refused(response, self.who, url=url, said=said, verbs="get, create"):
            return refusal
        if envelope.status and not _is_kubernetes(envelope):
            final = envelope.error_type in {"bad_data", "not_found"}
            kind = envelope.error_type or status
            if _AGENT in said:
                return SourceUnavailable("prometheus-agent", permanent=True, url=url)
            return SourceUnavailable("prometheus-refused", permanent=final, who=self.who, url=url, kind=kind, said=said)
        if not received.ok:
            final = is_final(response.status_code)
            return SourceUnavailable("web-status", permanent=final, who=self.who, url=url, status=status, said=said)
        html = "html" in response.headers.get("Content-Type", "")
        return SourceUnavailable("web-broken-answer", permanent=html, who=self.who, url=url, detail=said)


def is_final(status: int) -> bool:
    """Whether a later request would get the same HTTP status again."""
    return 400 <= status < 500 and status not in _TEMPORARY


def _is_kubernetes(envelope: Envelope) -> bool:
    """Whether it is a status of the API server, whose proxy did not reach the server."""
    return envelope.status == "Failure"


def refused(
    response: requests.Response, who: str, *, url: str, said: str, verbs: str = "get"
) -> SourceUnavailable | None:
    """The error for a response whose status tells what is wrong with the request; ``None`` for any other.

    ``verbs`` are the verbs that the API server's proxy needs.
    """
    proxied = _PROXIED.search(url)
    for reason, test in _REFUSALS.items():
        if test(response, url, said):
            return SourceUnavailable(
                reason,
                permanent=True,
                who=who,
                url=url,
                status=str(response.status_code),
                said=said,
                # Only where the sentence names it: else the same refusal of two paths would be two gaps.
                path=urlsplit(response.url).path if reason == "web-not-found" else "",
                verbs=verbs,
                resource=f"{proxied[1]}/proxy" if proxied else "",
            )
    return None


def _is_signed(response: requests.Response, _url: str, said: str) -> bool:
    """Whether an API of AWS answers, which takes signed requests only."""
    amazon = _AWS.search(said) is not None or any(name.lower().startswith("x-amzn-") for name in response.headers)
    return response.status_code == 403 and amazon


def _is_foreign(response: requests.Response) -> bool:
    """Whether the body is not JSON: then it is not the API that refuses, but what stands before it."""
    return "json" not in response.headers.get("Content-Type", "")


_REFUSALS: Mapping[str, Callable[[requests.Response, str, str], bool]] = {
    "web-proxy": lambda response, url, _: response.status_code == 403 and _PROXIED.search(url) is not None,
    "web-sigv4": _is_signed,
    "web-auth": lambda response, *_: response.status_code in {401, 403},
    "web-https": lambda response, _, said: response.status_code == 400 and "HTTPS" in said,
    "web-not-found": lambda response, *_: response.status_code == 404 and _is_foreign(response),
    "web-status": lambda response, *_: response.status_code == 400 and _is_foreign(response),
}
"""The reasons that will hold until something is changed, each with what tells it of a response, a URL and its text."""


def root_cause(error: BaseException) -> str:
    """The message of the innermost error, which comes from the operating system or from OpenSSL."""
    while True:
        inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        inner = inner or getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            text = " ".join(str(error).split())
            return text.partition(_CONNECTING)[2] or text
        error = inner
