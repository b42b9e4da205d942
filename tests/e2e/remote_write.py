"""Writes samples of any time into a Prometheus: its remote write is the one way in that takes the time of a sample."""

import struct
from collections.abc import Iterable, Mapping, Sequence

import requests

Sample = tuple[float, int]
"""A value, and its time in milliseconds."""
HEADERS = {
    "Content-Encoding": "snappy",
    "Content-Type": "application/x-protobuf",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}


def write(session: requests.Session, url: str, series: Iterable[tuple[Mapping[str, str], Sequence[Sample]]]) -> None:
    """Send the samples of series, whose labels have the name as ``__name__``."""
    body = b"".join(_field(1, _series(labels, samples)) for labels, samples in series)
    answer = session.post(f"{url}/api/v1/write", data=_uncompressed(body), headers=HEADERS, timeout=60)
    assert answer.status_code in {200, 204}, answer.text


def _series(labels: Mapping[str, str], samples: Sequence[Sample]) -> bytes:
    pairs = (_field(1, name.encode()) + _field(2, value.encode()) for name, value in sorted(labels.items()))
    values = (b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(at) for value, at in samples)
    return b"".join([*(_field(1, pair) for pair in pairs), *(_field(2, value) for value in values)])


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def _uncompressed(body: bytes) -> bytes:
    """The body in snappy's format as one literal."""
    return _varint(len(body)) + b"\xfc" + struct.pack("<I", len(body) - 1) + body
