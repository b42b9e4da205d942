"""A server between Maintainer and one that works: it passes requests on and is at fault when it is told to be."""

import gzip
import json
import ssl
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import urllib3

JSON = {"Content-Type": "application/json"}
_HOP = {"connection", "keep-alive", "transfer-encoding", "host", "content-length", "date", "server"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request; ``params`` are those of the URL and of the form."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    params: Mapping[str, str]

    @property
    def query(self) -> str:
        """The PromQL, "" where there is none."""
        return self.params.get("query", "")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; ``length`` is the Content-Length where it is not the body's, and closes the connection."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    length: int | None = None

    @property
    def json(self) -> Any:
        """The body as JSON, which may be compressed."""
        packed = self.headers.get("Content-Encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if packed else self.body)


Fault = Callable[[Asked, Callable[[], Answer]], Answer]
"""Makes the answer to a request; the function that it is given asks the server behind."""


def none(_asked: Asked, forward: Callable[[], Answer]) -> Answer:
    """Pass everything on."""
    return forward()


def half(_asked: Asked, forward: Callable[[], Answer]) -> Answer:
    """Half of the answer, and then the connection is closed."""
    whole = forward()
    return replace(whole, body=whole.body[: len(whole.body) // 2], length=len(whole.body))


class Front:
    """A reverse proxy on this machine, over TLS where it has a context.

    ``authority`` is the PEM of the authority that it trusts, if the server behind it is reached over TLS.
    ``fault`` may be changed at any time, and ``skew``: the seconds by which the header Date is ahead. ``asked`` are the
    requests so far. A POST with parameters in its URL is refused: Prometheus would read them, and no URL is long enough
    for every query.
    """

    def __init__(
        self, upstream: str, fault: Fault = none, tls: ssl.SSLContext | None = None, *, authority: str = ""
    ) -> None:
        self.fault = fault
        self.skew = 0.0
        self.asked: list[Asked] = []
        self._upstream = upstream
        self._pool = urllib3.PoolManager(retries=False, maxsize=4, ca_cert_data=authority or None)
        self._server = _Server(self._handler())
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._pool.clear()
        if self._server.errors:
            raise ExceptionGroup("a fault could not be carried out", self._server.errors)

    def answer(self, asked: Asked) -> Answer:
        """What the fault makes of a request."""
        self.asked.append(asked)
        if asked.method == "POST" and urlsplit(asked.target).query:
            return Answer(400, b"the parameters of a POST belong in its body")
        return self.fault(asked, lambda: self._forward(asked))

    def _forward(self, asked: Asked) -> Answer:
        response = self._pool.request(
            asked.method,
            self._upstream + asked.target,
            body=asked.body or None,
            headers=asked.headers,
            decode_content=False,
            redirect=False,
            timeout=30,
        )
        headers = {name: value for name, value in response.headers.items() if name.lower() not in _HOP}
        return Answer(response.status, response.data, headers)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet: the body would wait 40 ms for the head's acknowledgement

            def do_GET(self) -> None:
                self._give(front.answer(self._asked()))

            def do_POST(self) -> None:
                self.do_GET()

            def _asked(self) -> Asked:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                params = dict(parse_qsl(urlsplit(self.path).query) + parse_qsl(body.decode()))
                headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
                return Asked(self.command, self.path, headers, body, params)

            def _give(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                whole = len(answer.body) if answer.length is None else answer.length
                self.send_header("Content-Length", str(whole))
                self.end_headers()
                self.wfile.write(answer.body)
                self.close_connection = self.close_connection or whole != len(answer.body)

            def date_time_string(self, timestamp: float | None = None) -> str:
                """The header Date."""
                return super().date_time_string((time.time() if timestamp is None else timestamp) + front.skew)

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.errors: list[Exception] = []

    def handle_error(self, *_: Any) -> None:
        """Note what went wrong, but for clients that went away or do not trust us: these the tests are about."""
        error = sys.exc_info()[1]
        if isinstance(error, Exception) and not isinstance(error, OSError):
            self.errors.append(error)
