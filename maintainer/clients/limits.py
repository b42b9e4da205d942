"""What an answer may cost: a deadline for the whole of it, and a limit of its size. All clients keep to them."""

import io
import socket
from dataclasses import dataclass
from functools import partial
from http.client import HTTPResponse
from math import inf
from time import monotonic
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.retry import Retry

from maintainer.errors import SourceUnavailable

_CHUNK = 1 << 18


class TooLarge(Exception):
    """An answer has more bytes than the ``limit``; it was not read to its end."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Limits:
    """``size`` is the most bytes of an answer after decompression, ``query`` that of the answer to a query, which takes
    many times as much memory, and ``page`` that of an answer of the Kubernetes API.

    An answer to a query has about 300 bytes for each series. An object of the API has 3 MiB at most, and a page with
    too many bytes is asked for again in smaller pages. ``samples`` are the most that Prometheus shall read in a run for
    the queries of panels, all others included. ``end`` is when the time of the whole run is over, on the clock of
    ``time.monotonic``; ``run`` is that time in seconds, for a reader.
    """

    size: int = 64 << 20
    query: int = 24 << 20
    page: int = 16 << 20
    samples: int = 50_000_000
    end: float = inf
    run: float = inf
    retries: int = 2

    @classmethod
    def of_run(cls, seconds: float, samples: int = 50_000_000) -> Self:
        """The limits of a run that begins now and has so many seconds."""
        return cls(samples=samples, end=monotonic() + seconds, run=seconds)

    def of(self, method: str | None) -> int:
        """The most bytes of the answer to a request of Prometheus' API; queries are sent with POST."""
        return self.query if method == "POST" else self.size

    @property
    def left(self) -> float:
        """The seconds that are left of the time of the run, 0 or less if it is over."""
        return self.end - monotonic()

    def require_time(self) -> None:
        """Raise :class:`SourceUnavailable` if the time of the run is over."""
        if monotonic() >= self.end:
            raise SourceUnavailable("run-over", seconds=round(self.run))


class Deadline:
    """When the present answer must be there. A client begins it anew for each request, its connections look at it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._at = inf

    def begin(self, seconds: float) -> None:
        """Give the next answer so many seconds. Raises :class:`SourceUnavailable` if the time of the run is over."""
        self._limits.require_time()
        self._at = min(monotonic() + seconds, self._limits.end)

    @property
    def left(self) -> float:
        """The seconds that are left, 0 or less if it has passed."""
        return self._at - monotonic()


class _TimedReader(io.RawIOBase):
    """Reads a socket until a deadline. The timeout of a socket is for one packet, which may bring a single byte."""

    def __init__(self, own: socket.socket, deadline: Deadline) -> None:
        self._socket = own
        self._reader = own.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.left
        if left <= 0:
            raise TimeoutError("timed out")
        timeout = self._socket.gettimeout()
        if timeout is None or left < timeout:
            self._socket.settimeout(left)
        return self._reader.readinto(buffer)

    def close(self) -> None:
        self._reader.close()
        super().close()


@dataclass(frozen=True, slots=True)
class _TimedSocket:
    """A socket as ``http.client`` sees it when it makes a response: head and body are read from its file."""

    socket: socket.socket
    deadline: Deadline

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self.socket, self.deadline))


class _Connection(HTTPConnection):
    def __init__(self, *args: Any, deadline: Deadline, **options: Any) -> None:
        super().__init__(*args, **options)
        self.response_class = partial(_response, deadline)  # type: ignore[assignment]  # it is only called


class _SecureConnection(HTTPSConnection):
    def __init__(self, *args: Any, deadline: Deadline, **options: Any) -> None:
        super().__init__(*args, **options)
        self.response_class = partial(_response, deadline)  # type: ignore[assignment]  # it is only called


def _response(deadline: Deadline, own: socket.socket, *args: Any, **options: Any) -> HTTPResponse:
    return HTTPResponse(_TimedSocket(own, deadline), *args, **options)  # type: ignore[arg-type]  # only makefile is used


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def timed_pools(deadline: Deadline) -> Any:
    """By scheme, what a ``PoolManager`` of urllib3 makes its connection pools of: their answers end at the deadline."""
    return {"http": partial(_Pool, deadline=deadline), "https": partial(_SecurePool, deadline=deadline)}


class TimedAdapter(HTTPAdapter):
    """Connections of requests whose answers end at a deadline, directly or through a proxy."""

    def __init__(self, deadline: Deadline, retries: Retry) -> None:
        self._pools = timed_pools(deadline)
        super().__init__(max_retries=retries)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools for direct connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        """Make the pools for connections through a proxy."""
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


def body_of(response: BaseHTTPResponse, limit: int) -> bytes:
    """The body of a response, decompressed. Raises :class:`TooLarge` for more than ``limit`` bytes.

    Raises the errors of urllib3 for a body that breaks off. The connection is closed then.
    """
    parts, size = [], 0
    try:
        while part := response.read(_CHUNK, decode_content=True):
            size += len(part)
            if size > limit:
                raise TooLarge(limit)
            parts.append(part)
    except BaseException:
        response.close()
        raise
    return b"".join(parts)
