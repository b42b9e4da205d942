"""The HTTP session under the Prometheus client: form-encoded POST, timeouts, patient, and honest about failure."""

from collections.abc import Mapping
from typing import Any, Self

import msgspec
import requests
from urllib3.exceptions import ReadTimeoutError
from urllib3.util.retry import Retry

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.wire import Envelope
from maintainer.errors import SourceUnavailable

CONNECT_TIMEOUT = 5.0
_SHOWN = 200
_CONNECTING = "Failed to establish a new connection: "


class Patience(Retry):
    """Tries again, but never what ran into our own timeout: the server may still be at work on it."""

    def increment(self, *args: Any, **kwargs: Any) -> Self:
        """The tries that are left after a failure."""
        if isinstance(error := kwargs.get("error"), ReadTimeoutError):
            raise error
        return super().increment(*args, **kwargs)


def patience() -> Retry:
    """Two more tries where the server was never reached or asks for it, and then its own last answer.

    503 is left alone unless it names a Retry-After: it is Prometheus' own word for a query that ran too long, and
    asking again would double the load.
    """
    return Patience(
        total=2,
        status_forcelist={429, 502, 504},
        allowed_methods={"GET", "POST"},
        backoff_factor=0.5,
        raise_on_status=False,
        retry_after_max=30,
    )


class Answer:
    """A decoded envelope in the shape that prometheus-api-client expects of a response."""

    def __init__(self, envelope: Envelope, size: int) -> None:
        self.status_code = 200
        self.envelope = envelope
        self.size = size

    def json(self) -> Mapping[str, Mapping[str, "Answer"]]:
        """The answer itself, where the SDK looks for the result; it is decoded by who knows its type."""
        return {"data": {"result": self}}


def admit(session: requests.Session, endpoint: Endpoint) -> None:
    """Give a session the credentials of an endpoint, and no others."""
    if endpoint.cert_file:
        session.cert = (endpoint.cert_file, endpoint.key_file) if endpoint.key_file else endpoint.cert_file

    def authorized(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(endpoint.headers())
        if endpoint.basic:
            user, password = endpoint.basic
            request = requests.auth.HTTPBasicAuth(user.encode(), password.encode())(request)
        return request

    # A callable, even an empty one, also keeps requests from taking other credentials out of ~/.netrc.
    session.auth = authorized


def guarded(endpoint: Endpoint) -> Mapping[str, Any]:
    """What every request needs: a timeout, whom to trust, and to stay where it was sent."""
    return {
        "timeout": (CONNECT_TIMEOUT, endpoint.timeout),
        # Where it is not said for the request, requests prefers $REQUESTS_CA_BUNDLE to the session's authority.
        "verify": endpoint.ca_file or endpoint.verify,
        "allow_redirects": False,
    }


def failure(source: str, error: OSError | ValueError, endpoint: Endpoint) -> SourceUnavailable:
    """Why a request got no answer; ``source`` is the beginning of the reason, such as ``prometheus``."""
    url, detail = endpoint.url, innermost(error)
    if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
        return SourceUnavailable(f"{source}-tls", permanent=True, url=url, detail=detail)
    if any(isinstance(arg, ReadTimeoutError) for arg in error.args):
        return SourceUnavailable(f"{source}-timeout", url=url, seconds=endpoint.timeout)
    match error:
        case requests.exceptions.SSLError():
            kind = "tls" if "CERTIFICATE_VERIFY_FAILED" in detail else "handshake"
            return SourceUnavailable(f"{source}-{kind}", permanent=True, url=url, detail=detail)
        case requests.exceptions.ChunkedEncodingError() | requests.exceptions.ContentDecodingError():
            return SourceUnavailable(f"{source}-broken-answer", url=url, detail=detail)
        case _:
            return SourceUnavailable(f"{source}-connection", url=url, detail=detail)


class PrometheusSession(requests.Session):
    """A session for one Prometheus.

    A POST carries its parameters in the body, not in the URL; every request has a timeout; redirects are not
    followed, because a POST would lose its body and credentials would go elsewhere; what is not a success of
    Prometheus' API raises :class:`SourceUnavailable` with the server's own words.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self._endpoint = endpoint
        admit(self, endpoint)

    def request(self, method: str, url: str, **options: Any) -> Answer:  # type: ignore[override]  # an envelope, checked
        """Send one request and decode the envelope of its answer."""
        if method == "POST":
            options["data"] = options.pop("params", None)
        try:
            response = super().request(method, url, **{**options, **guarded(self._endpoint)})
        except (OSError, ValueError) as error:  # what requests raises, and what it lets through: files, URLs
            raise failure("prometheus", error, self._endpoint) from error
        return Answer(self._opened(response), len(response.content))

    def _opened(self, response: requests.Response) -> Envelope:
        if where := response.headers.get("Location"):
            detail = f"it redirects to {where}"
            raise SourceUnavailable("prometheus-html", permanent=True, url=self._endpoint.url, detail=detail)
        try:
            envelope = msgspec.json.decode(response.content, type=Envelope)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._refused(response, Envelope("")) from error
        if envelope.status != "success":
            raise self._refused(response, envelope)
        return envelope

    def _refused(self, response: requests.Response, envelope: Envelope) -> SourceUnavailable:
        """Why an answer is no success; the envelope's status is empty where the body was none."""
        url, status = self._endpoint.url, str(response.status_code)
        said = envelope.error or envelope.message or shown(response.content)
        if response.status_code == 403 and "/services/" in url and url.endswith("/proxy"):
            return SourceUnavailable("prometheus-proxy", permanent=True, url=url, said=said)
        if response.status_code in {401, 403}:
            return SourceUnavailable("prometheus-auth", permanent=True, url=url, status=status, said=said)
        if envelope.status:
            final = envelope.error_type in {"bad_data", "not_found"}
            kind = envelope.error_type or status
            return SourceUnavailable("prometheus-refused", permanent=final, url=url, kind=kind, said=said)
        if not response.ok:
            return SourceUnavailable("prometheus-status", url=url, status=status, said=said)
        html = "html" in response.headers.get("Content-Type", "")
        reason = "prometheus-html" if html else "prometheus-broken-answer"
        return SourceUnavailable(reason, permanent=html, url=url, detail=said)


def shown(body: bytes) -> str:
    """The beginning of a body as one line, or what is there instead."""
    text = " ".join(body[:4096].decode("utf-8", "replace").split())
    return (text[:_SHOWN] + "…" if len(text) > _SHOWN else text) or "nothing"


def innermost(error: BaseException) -> str:
    """The operating system's or OpenSSL's own words, without the layers of retries around them."""
    seen = error
    while True:
        inner = next((arg for arg in seen.args if isinstance(arg, BaseException)), None)
        inner = inner or getattr(seen, "reason", None)
        if not isinstance(inner, BaseException):
            return " ".join(str(seen).split()).partition(_CONNECTING)[2] or " ".join(str(seen).split())
        seen = inner
