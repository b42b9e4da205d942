"""What a request accepts, and the response to it."""

import gzip
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

GZIP_FROM = 128 * 1024
"""The size in bytes above which the API server compresses a response."""


def accepts(request: web.Request, kind: str) -> bool:
    """Whether the first media type in the Accept header is JSON of this kind, which any object can be turned into."""
    parts = {part.strip() for part in request.headers.get("Accept", "").split(",")[0].split(";")}
    return {"application/json", f"as={kind}", "g=meta.k8s.io", "v=v1"} <= parts


def answer(value: Mapping[str, Any], request: web.Request, *, code: int = 200) -> web.Response:
    """The response with this JSON, compressed if it is large and the client reads that."""
    body = msgspec.json.encode(value)
    headers = {"Content-Type": "application/json", "Cache-Control": "no-cache, private", "Vary": "Accept-Encoding"}
    if len(body) > GZIP_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, compresslevel=1)
        headers["Content-Encoding"] = "gzip"
    return web.Response(status=code, body=body, headers=headers)
