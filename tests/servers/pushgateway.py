"""A Pushgateway as version 1.5.1 behaves: it keeps metrics by group, and refuses what that refuses.

What it refuses was compared with that server: a body that does not end with a newline, timestamps, a path with half a
label, an improper label name or Base64, and two series that are the same once the labels of the group replace theirs.
"""

import binascii
import re
import threading
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from urllib.parse import unquote

from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Series = tuple[str, Labels]


@dataclass
class Gateway:
    """The ``groups`` by their labels, each with its series; ``login`` is the user and password that are needed."""

    url: str = ""
    login: tuple[str, str] | None = None
    groups: dict[Labels, dict[Series, float]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def series(self) -> dict[str, float]:
        """All series as Prometheus would scrape them with honor_labels: text by value."""
        return {
            f"{name}{{{','.join(f'{label}={value}' for label, value in sorted(labels))}}}": value_
            for group in self.groups.values()
            for (name, labels), value_ in group.items()
        }


class _Refused(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text)
        self.status, self.text = status, text


@contextmanager
def pushgateway(login: tuple[str, str] | None = None, *, prefix: str = "") -> Iterator[Gateway]:
    """A Pushgateway on this machine, below a path such as ``/push``."""
    gateway = Gateway(login=login)

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self._take(replaces=True)

        def do_POST(self) -> None:
            self._take(replaces=False)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

        def _take(self, *, replaces: bool) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            gateway.asked.append((self.command, self.path))
            try:
                _check_login(gateway, self.headers.get("Authorization", ""))
                group = _group(self.path.removeprefix(prefix) if self.path.startswith(prefix) else "")
                pushed = _parsed(body, group)
                names = {name for name, _ in pushed}
                before = {} if replaces else gateway.groups.get(group, {})
                gateway.groups[group] = {key: was for key, was in before.items() if key[0] not in names} | pushed
                status, text = 200, ""
            except _Refused as refused:
                status, text = refused.status, refused.text
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    gateway.url = f"http://127.0.0.1:{server.server_port}{prefix}"
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()


def _check_login(gateway: Gateway, header: str) -> None:
    if gateway.login and header != f"Basic {b64encode(':'.join(gateway.login).encode()).decode()}":
        raise _Refused(401, "Unauthorized")


def _group(path: str) -> Labels:
    match = re.fullmatch(r"/metrics/(job(?:@base64)?/.+)", path)
    if not match:
        raise _Refused(404, "404 page not found")
    parts = match[1].split("/")
    if len(parts) % 2:
        raise _Refused(400, f"odd number of components in label string {path!r}")
    return frozenset(_label(unquote(name), unquote(value)) for name, value in list(pairwise(parts))[::2])


def _label(name: str, value: str) -> tuple[str, str]:
    name, at, _ = name.partition("@base64")
    if not re.fullmatch(r"(?!__)[a-zA-Z_]\w*", name):
        raise _Refused(400, f'improper label name "{name}"')
    if not at:
        return name, value
    try:
        bare = value.rstrip("=")
        return name, urlsafe_b64decode(bare + "=" * (-len(bare) % 4)).decode()
    except (binascii.Error, ValueError) as error:
        raise _Refused(400, f"invalid base64 encoding for label {name}") from error


def _parsed(body: str, group: Labels) -> dict[Series, float]:
    if body and not body.endswith("\n"):
        raise _Refused(400, "text format parsing error in line 1: unexpected end of input stream")
    of_group, found = dict(group), dict[Series, float]()
    for sample in (one for family in text_string_to_metric_families(body) for one in family.samples):
        if sample.timestamp is not None:
            raise _Refused(400, "pushed metrics must not have timestamps")
        key = sample.name, frozenset({**sample.labels, **of_group}.items())
        if key in found:
            raise _Refused(400, f"collected metric {sample.name!r} was collected before with the same labels")
        found[key] = sample.value
    return found
