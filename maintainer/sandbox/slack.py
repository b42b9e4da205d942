"""A Slack on this machine, and how it fails.

Over HTTP it has the methods of the Web API that post a message and share a file, an upload URL of its own for each
file, and an incoming webhook. What arrives is kept, so that it can be counted and shown.
"""

import json
import re
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message as Headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from maintainer.sandbox.slack_workspace import Arguments, Workspace

WEBHOOK = "/services/T000/B000/secret"

How = Literal["500", "503", "429", "timeout", "reset", "no JSON"]


@dataclass(frozen=True, slots=True)
class Fault:
    """How the ``nth`` call of a method fails, or ``every`` one from there on, and whether that is ``after`` its effect.

    ``then`` is called at that moment, to kill a client.
    """

    method: str
    how: How = "reset"
    after: bool = False
    nth: int = 1
    every: bool = False
    then: Callable[[], object] = bool


@dataclass
class Slack(Workspace):
    """The server of a workspace, a context manager.

    ``faults`` are those to come. ``calls`` are the methods in their order.
    """

    faults: list[Fault] = field(default_factory=list)
    retry_after: str = "0"
    calls: list[str] = field(default_factory=list)
    headers: list[Headers] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._lock = threading.RLock()
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def fault(self, method: str, *, after: bool) -> Fault | None:
        """The fault of the present call of a method."""
        made = self.calls.count(method)
        for fault in self.faults:
            hit = made == fault.nth or (fault.every and made >= fault.nth)
            if (fault.method, fault.after) == (method, after) and hit:
                return fault
        return None

    def served(self, path: str, headers: Headers, body: bytes) -> tuple[int, bytes, str]:
        """The status, the body and its type for a request."""
        if path == WEBHOOK:
            return *self.hook(body), "text/html"
        if path.startswith("/upload/"):
            return self.upload(path.rpartition("/")[2], body), b"OK", "text/plain"
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        said = self.answer(path.rpartition("/")[2], _arguments(headers, body), token)
        return 200, json.dumps(said).encode(), "application/json"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                path = urlsplit(self.path).path
                method = _method(path)
                with server._lock:
                    server.calls.append(method)
                    server.headers.append(self.headers)
                    before, after = server.fault(method, after=False), server.fault(method, after=True)
                if before:
                    _fail(self, before, server)
                    return
                with server._lock:
                    status, said, kind = server.served(path, self.headers, body)
                if after:
                    _fail(self, after, server)
                    return
                _say(self, status, said, kind, X_OAuth_Scopes=",".join(sorted(server.scopes)))

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        return Handler


def _say(handler: BaseHTTPRequestHandler, status: int, said: bytes, kind: str, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(said)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(said)


def _fail(handler: BaseHTTPRequestHandler, fault: Fault, slack: Slack) -> None:
    fault.then()
    if fault.how in {"reset", "timeout"}:
        if fault.how == "timeout":
            slack.released.wait(20)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True
    elif fault.how == "429":
        limited = b'{"ok":false,"error":"ratelimited"}'
        _say(handler, 429, limited, "application/json", Retry_After=slack.retry_after)
    elif fault.how == "no JSON":
        _say(handler, 200, b"<html>a proxy</html>", "text/html")
    else:
        _say(handler, int(fault.how), b"<html>down</html>", "text/html")


def _method(path: str) -> str:
    if path.startswith("/upload/"):
        return "upload"
    return "webhook" if path.startswith("/services/") else path.rpartition("/")[2]


def _arguments(headers: Headers, body: bytes) -> Arguments:
    """The arguments of a method: JSON or a form, as its type says."""
    if "json" in headers.get("Content-Type", ""):
        return dict(json.loads(body or b"{}"))
    if boundary := re.search(r"boundary=(\S+)", headers.get("Content-Type", "")):
        parts = body.decode().split(f"--{boundary[1]}")
        found = (re.search(r'name="(\w+)"\r\n\r\n(.*)\r\n', part, re.DOTALL) for part in parts)
        return {match[1]: match[2] for match in found if match}
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def shutdown_request(self, request: Any) -> None:
        """Close without shutdown(), which would end a reset connection normally."""
        self.close_request(request)

    def handle_error(self, *_: Any) -> None:
        """Ignore clients that close the connection: some tests do that."""
