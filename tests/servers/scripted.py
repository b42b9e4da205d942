"""An HTTP server that sends scripted responses, repeats the last one, and records the requests."""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """A request; ``headers`` by name in lower case, ``form`` the parameters of its ``body``."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]
    body: str = ""


@dataclass(frozen=True, slots=True)
class Says:
    """An answer; ``reset`` breaks the connection instead, ``after`` is called before.

    ``wire`` writes the whole answer itself, head and body, to the socket that it is given.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False
    after: Callable[[], object] = bool
    wire: Callable[[socket.socket], object] | None = None


def says(value: Any, status: int = 200, **headers: str) -> Says:
    """An answer in JSON; ``Retry_After`` is the header Retry-After."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Says(status, json.dumps(value).encode(), {"Content-Type": "application/json", **named})


def success(data: Any, **more: Any) -> Says:
    """Prometheus' envelope around its data."""
    return says({"status": "success", "data": data, **more})


def scalar(value: str = "1") -> Says:
    """The answer to ``time()``."""
    return success({"resultType": "scalar", "result": [1.0, value]})


class Scripted:
    """The server, a context manager: ``script`` are the responses to come, ``asked`` the requests so far."""

    def __init__(self, *script: Says, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.script = list(script)
        self.asked: list[Asked] = []
        self._server = _Server(("127.0.0.1", port), self._handler())
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_port
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = (
                -1
            )  # Head and body in the same packet: else the body waits 40 ms for the acknowledgement of the head.

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, url.path, dict(parse_qsl(url.query)), headers, dict(parse_qsl(body)), body)
                server.asked.append(asked)
                answer = server.script.pop(0) if len(server.script) > 1 else server.script[0]
                answer.after()
                if answer.reset:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.close_connection = True
                    return
                if answer.wire:
                    answer.wire(self.connection)
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def do_POST(self) -> None:
                self.do_GET()

            def do_PUT(self) -> None:
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def shutdown_request(self, request: Any) -> None:
        """Close without shutdown(), which would end a reset connection normally."""
        self.close_request(request)

    def handle_error(self, *_: Any) -> None:
        """Ignore clients that close the connection: some tests do that."""
