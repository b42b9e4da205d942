"""A Grafana that answers for its dashboards as the real one does, and refuses what that refuses."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote

TOKEN, BLIND = "glsa_viewer", "glsa_without_folders"
"""A token of a viewer, and one whose service account may not see the dashboards."""
PREFIX = "/api/dashboards/uid/"


@dataclass(slots=True)
class Grafana:
    """Its dashboards by uid, and what it says of all of them besides."""

    url: str
    dashboards: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)

    def answer(self, path: str, authorization: str) -> tuple[int, Mapping[str, Any]]:
        """The status and the body for a path."""
        if authorization not in (f"Bearer {TOKEN}", f"Bearer {BLIND}"):
            message = "Invalid API key" if authorization else "Unauthorized"
            return 401, {"message": message, "messageId": "api-key.invalid", "statusCode": 401, "traceID": ""}
        if authorization == f"Bearer {BLIND}":
            missing = "Permissions needed: dashboards:read"
            return 403, {"message": f"You'll need additional permissions to perform this action. {missing}"}
        uid = unquote(path.removeprefix(PREFIX))
        if not path.startswith(PREFIX) or uid not in self.dashboards:
            return 404, {"message": "Dashboard not found", "status": "not-found"}
        meta = {"type": "db", "slug": "it", "url": f"/d/{uid}/it", "version": 7, "folderTitle": "Argo", **self.meta}
        return 200, {"meta": meta, "dashboard": {**self.dashboards[uid], "id": 12, "version": 7}}


@contextmanager
def grafana(**dashboards: Any) -> Iterator[Grafana]:
    """A running Grafana with these dashboards, whose files it has read."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    meta = {"provisioned": True, "updatedBy": "Anonymous", "updated": "2026-11-01T00:00:00Z"}
    made = Grafana(f"http://127.0.0.1:{server.server_port}", dashboards, meta)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = made.answer(self.path, self.headers.get("Authorization", ""))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server.RequestHandlerClass = Handler
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
