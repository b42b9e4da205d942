"""A proxy before the API server that kills a process when it sends its n-th request from a first write on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
import yaml

from tests.e2e.plane import Plane


@dataclass
class Fate:
    """``kill`` is called before request ``at`` is handed on, counted from the first write; 0 is never."""

    at: int = 0
    kill: Callable[[], None] = lambda: None
    seen: list[str] = field(default_factory=list)

    def ends(self, what: str, *, writes: bool) -> bool:
        """Count a request, and say whether the process was killed."""
        if writes or self.seen:
            self.seen.append(what)
        if self.at and len(self.seen) == self.at:
            self.kill()
            return True
        return False


@contextmanager
def killing(plane: Plane, fate: Fate) -> Iterator[str]:
    """The path of a kubeconfig that leads through the proxy."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _forward(self) -> None:
            if fate.ends(f"{self.command} {self.path}", writes=self.command != "GET"):
                self.close_connection = True
                return
            length = int(self.headers.get("Content-Length") or 0)
            answer = requests.request(
                self.command,
                f"{plane.kube.url}{self.path}",
                data=self.rfile.read(length),
                headers={name: value for name, value in self.headers.items() if name.lower() not in {"host"}},
                verify=str(plane.kube.ca_file),
                timeout=30,
            )
            self.send_response(answer.status_code)
            self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PATCH = do_DELETE = _forward  # noqa: N815 # the names are http.server's

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = yaml.safe_load(plane.kube.kubeconfig())
    config["clusters"][0]["cluster"] = {"server": f"http://127.0.0.1:{server.server_address[1]}"}
    path = plane.folder / "kubeconfig-proxy"
    path.write_text(yaml.safe_dump(config))
    try:
        yield str(path)
    finally:
        server.shutdown()
        server.server_close()
