"""The pages of `maintainer serve` are answered at once, whatever other clients do."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from maintainer.deliver.http_server import LONGEST_REQUEST, MOST_CONNECTIONS, Page, listening


def fails() -> Page:
    raise ZeroDivisionError("in a page")


PAGES = {"/healthz": lambda: Page(200, b"ok\n"), "/readyz": lambda: Page(503, b"no\n"), "/fault": fails}


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    with listening("127.0.0.1", 0, PAGES) as url:
        parts = urlsplit(url)
        yield str(parts.hostname), int(parts.port or 0)


def got(address: tuple[str, int], path: str, method: str = "GET") -> tuple[int, str]:
    connection = HTTPConnection(*address, timeout=30)
    connection.request(method, path)
    response = connection.getresponse()
    return response.status, response.read().decode()


def test_a_page_is_answered(address: tuple[str, int]) -> None:
    assert got(address, "/healthz") == (200, "ok\n")
    assert got(address, "/healthz?verbose") == (200, "ok\n")
    assert got(address, "/readyz") == (503, "no\n")
    assert got(address, "/") == (404, "try /healthz, /readyz or /metrics\n")


def test_nothing_can_be_sent(address: tuple[str, int]) -> None:
    assert got(address, "/healthz", "POST")[0] == 501


def test_more_clients_than_there_may_be_do_not_keep_a_probe_waiting(address: tuple[str, int]) -> None:
    idle = [socket.create_connection(address) for _ in range(3 * MOST_CONNECTIONS)]
    began = time.monotonic()

    assert got(address, "/healthz") == (200, "ok\n")
    assert time.monotonic() - began < LONGEST_REQUEST, "it did not wait until the idle ones were cut off"

    idle[0].settimeout(30)
    assert idle[0].recv(1) == b"", "the oldest was cut off"
    for one in idle:
        one.close()


def test_a_client_that_sends_a_byte_at_a_time_is_cut_off(address: tuple[str, int]) -> None:
    began, lasted = time.monotonic(), 0.0
    with socket.create_connection(address) as slow, suppress(OSError):
        while lasted < 60:
            slow.sendall(b"G")
            time.sleep(0.05)
            lasted = time.monotonic() - began
    assert LONGEST_REQUEST <= lasted < 60


@pytest.mark.parametrize("sent", [b"\x00\xff" * 50_000, b"GET /healthz\r\n" * 9000, b"A" * 200_000 + b"\r\n\r\n"])
def test_nonsense_harms_nobody_else(address: tuple[str, int], sent: bytes) -> None:
    with socket.create_connection(address, timeout=30) as client:
        with suppress(OSError):
            client.sendall(sent)
        assert got(address, "/healthz") == (200, "ok\n")


def test_a_page_that_fails_is_logged_and_the_next_is_answered(
    address: tuple[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - which error depends on how far the client is
        got(address, "/fault")

    assert got(address, "/healthz") == (200, "ok\n")
    assert "ZeroDivisionError('in a page')" in caplog.text


def test_an_address_that_is_in_use_is_an_error(address: tuple[str, int]) -> None:
    with pytest.raises(OSError, match="in use"), listening(*address, PAGES):
        pass


def test_ipv6_is_answered() -> None:
    with listening("::1", 0, PAGES) as url:
        assert url.startswith("http://[::1]:")
        assert got(("::1", int(url.rpartition(":")[2])), "/healthz") == (200, "ok\n")
