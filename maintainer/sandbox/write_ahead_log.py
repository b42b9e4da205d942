"""Writes the write-ahead log of Prometheus' storage, from which it has its newest samples after a start."""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from maintainer.sandbox.tsdb import Stored, times_of
from maintainer.sandbox.tsdb_encoding import checksum, uvarint, value_at, varint

_PAGE = 32768
_HEADER = 7
_SERIES, _SAMPLES = b"\x01", b"\x02"
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_AT_ONCE = 5000
"""Samples of a record."""


def write_log(series: Iterable[Stored], data: Path, *, span: tuple[int, int], step: int) -> None:
    """Write the samples of the span (epoch seconds) as a log in the folder ``data``."""
    living = [(each, times_of(each, span, step)) for each in series]
    known = [(number, each, times) for number, (each, times) in enumerate(living, 1) if times]
    records = [_SERIES + b"".join(_labels(number, each) for number, each, _ in known)]
    samples = [(number, at * 1000, value_at(each.value, at)) for number, each, times in known for at in times]
    records += [_samples(samples[at : at + _AT_ONCE]) for at in range(0, len(samples), _AT_ONCE)]
    folder = data / "wal"
    folder.mkdir()
    (folder / "00000000").write_bytes(b"".join(_pages(records)))


def _labels(number: int, series: Stored) -> bytes:
    words = [word.encode() for pair in sorted(series.labels.items()) for word in pair]
    written = b"".join(uvarint(len(word)) + word for word in words)
    return struct.pack(">Q", number) + uvarint(len(series.labels)) + written


def _samples(samples: list[tuple[int, int, float]]) -> bytes:
    number, at, _ = samples[0]
    rows = (varint(each - number) + varint(time - at) + struct.pack(">d", value) for each, time, value in samples)
    return _SAMPLES + struct.pack(">Qq", number, at) + b"".join(rows)


def _pages(records: Iterable[bytes]) -> Iterator[bytes]:
    """The records, in parts that each lie within a page."""
    room = _PAGE
    for record in records:
        rest, first = record, True
        while rest or first:
            if room <= _HEADER:
                yield bytes(room)
                room = _PAGE
            part, rest = rest[: room - _HEADER], rest[room - _HEADER :]
            kind = (_FIRST if rest else _WHOLE) if first else (_MIDDLE if rest else _LAST)
            yield struct.pack(">BH", kind, len(part)) + checksum(part) + part
            room -= _HEADER + len(part)
            first = False
    yield bytes(room)
