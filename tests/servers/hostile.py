"""Answers of a server that is broken, or that wants to do harm. Each is a kind that any server can send."""

import gzip
import json
import socket
from collections.abc import Callable, Mapping
from time import sleep

from tests.servers.scripted import Says, says

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PAUSE = 0.02
"""Seconds between two bytes of a slow answer."""


def _slowly(connection: socket.socket, text: bytes) -> None:
    """Send a byte at a time, for 20 seconds at most, which is longer than any test waits."""
    for byte in (text * 1000)[:1000]:
        connection.sendall(bytes([byte]))
        sleep(PAUSE)


def _slow_body(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    _slowly(connection, b" ")


def _slow_head(connection: socket.socket) -> None:
    connection.sendall(HEAD)
    _slowly(connection, b"X-Long: header\r\n")


def _endless_body(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"100000\r\n" + b" " * (1 << 20) + b"\r\n")


def _cut_off(connection: socket.socket) -> None:
    connection.sendall(HEAD + b'Content-Length: 100000\r\n\r\n{"status"')


def _bomb() -> Says:
    body = gzip.compress(b" " * (64 << 20))
    return Says(200, body, {"Content-Type": "application/json", "Content-Encoding": "gzip"})


def _json(body: bytes, status: int = 200) -> Says:
    return Says(status, body, {"Content-Type": "application/json"})


_WORDS = "no " * 200_000

BROKEN_TRANSFERS: Mapping[str, Callable[[], Says]] = {
    "a slow body": lambda: Says(wire=_slow_body),
    "a slow head": lambda: Says(wire=_slow_head),
    "a body without end": lambda: Says(wire=_endless_body),
    "a body that is cut off": lambda: Says(wire=_cut_off),
    "a small body that unpacks to 64 MiB": _bomb,
    "a body that is not compressed as it says": lambda: Says(200, b"{}", {"Content-Encoding": "gzip"}),
    "a redirect": lambda: Says(302, b"", {"Location": "/" + "x" * 20_000}),
    "a connection that is reset": lambda: Says(reset=True),
}
"""By name, a function that makes an answer which is not even read to its end."""

BROKEN_CONTENTS: Mapping[str, Callable[[], Says]] = {
    "JSON that is nested 100,000 deep": lambda: _json(b'{"status":"success","data":' + b"[" * 100_000),
    "closed JSON that is nested 100,000 deep": lambda: _json(b"[" * 100_000 + b"]" * 100_000),
    "JSON that breaks off": lambda: _json(b'{"status":"success","data":{"result":['),
    "another type than an object": lambda: _json(b'["success"]'),
    "null": lambda: _json(b"null"),
    "null in every field": lambda: _json(
        b'{"status":null,"data":null,"metadata":null,"items":null,"config":null,"spec":null}'
    ),
    "wrong types in every field": lambda: says(
        {
            "status": "success",
            "data": 7,
            "metadata": "x",
            "items": {"a": 1},
            "config": [],
            "warnings": "no",
        }
    ),
    "text that is not UTF-8": lambda: _json(b'{"status":"success","data":"\xff\xfe","metadata":{},"items":["\xff"]}'),
    "half a surrogate": lambda: _json(b'{"status":"\\ud800","data":"\\ud800","metadata":{"continue":"\\ud800"}}'),
    "an empty body": lambda: _json(b""),
    "an error text of 600 kB": lambda: says({"status": "error", "error": _WORDS, "message": _WORDS}, 500),
    "an error page of 600 kB": lambda: Says(500, _WORDS.encode(), {"Content-Type": "text/html"}),
    "a success that is an error text": lambda: says({"status": "error", "errorType": _WORDS, "error": _WORDS}),
    "504": lambda: Says(504, b"upstream timed out"),
    "429 that asks to wait for an hour": lambda: says({}, 429, Retry_After="3600"),
    "429 that asks to wait for a word": lambda: says({}, 429, Retry_After="tomorrow"),
    "503 that asks to wait for very long": lambda: says({}, 503, Retry_After="9" * 5000),
    "a status that is none": lambda: Says(999, json.dumps({}).encode()),
}
"""By name, a function that makes an answer which is read and is not what the API gives."""
