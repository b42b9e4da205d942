"""The HTTP server of `maintainer serve`: a few pages for a kubelet and a Prometheus, whatever other clients do."""

import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

LONGEST_REQUEST = 5.0
"""Seconds after which a connection is closed, however slowly it still sends or reads."""

MOST_CONNECTIONS = 50
"""How many are open at the same time. One more closes the oldest: a probe is answered at once, and never refused."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: int
    body: bytes
    content_type: str = "text/plain; charset=utf-8"


_LOG = logging.getLogger("maintainer")

Pages = Mapping[str, Callable[[], Page]]
"""By path, the function that makes the page. Another thread than that of the jobs calls it."""


@contextmanager
def listening(host: str, port: int, pages: Pages) -> Iterator[str]:
    """Answer GET requests until the end; yields the URL. The port 0 is any that is free. Raises ``OSError``."""
    with _Server(host, port, pages) as server:
        thread = threading.Thread(target=server.serve_forever, name="http", daemon=True)
        thread.start()
        try:
            shown = f"[{host}]" if ":" in host else host
            yield f"http://{shown}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers one request. The connection is closed after it, as HTTP/1.0 has it."""

    server: "_Server"
    server_version = "maintainer"
    sys_version = ""

    def do_GET(self) -> None:
        make = self.server.pages.get(self.path.partition("?")[0])
        page = make() if make else Page(404, b"try /healthz, /readyz or /metrics\n")
        self.send_response(page.status)
        self.send_header("Content-Type", page.content_type)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        self.wfile.write(page.body)

    def log_message(self, *_: Any) -> None:
        """Log nothing: a probe comes every few seconds."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        self.pages = pages
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._lock = threading.Lock()
        self._since: dict[socket.socket, float] = {}
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind without the name of the host, for which a DNS server might be asked."""
        TCPServer.server_bind(self)
        self.server_port = self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread. Too many connections cost the oldest."""
        with self._lock:
            self._since[request] = time.monotonic()
            oldest = list(self._since)[:-MOST_CONNECTIONS]
        self._cut(oldest)
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """Cut what lasts too long; the library calls this twice a second."""
        now = time.monotonic()
        with self._lock:
            late = [request for request, since in self._since.items() if now - since > LONGEST_REQUEST]
        self._cut(late)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection whose thread has ended."""
        with self._lock:
            self._since.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, *_: Any) -> None:
        """Log a fault of ours. A client that has gone away, or was cut off, is none."""
        if not isinstance(error := sys.exception(), OSError):
            _LOG.error("a page could not be made: %r", error)

    @staticmethod
    def _cut(requests: list[socket.socket]) -> None:
        """Wake the threads of these connections, which then end: the socket itself is closed by its thread."""
        for request in requests:
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
