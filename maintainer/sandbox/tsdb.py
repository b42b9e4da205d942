"""Writes blocks of Prometheus' storage: far more samples than promtool can read as text in the same time.

Series with equal values at equal times share the bytes of a chunk, which is encoded once. The format is that of
https://github.com/prometheus/prometheus/tree/main/tsdb/docs/format.
"""

import json
import secrets
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from maintainer.sandbox.tsdb_encoding import Value, checksum, uvarint, varint, xor_chunk

HOUR, DAY = 3600, 86400
LENGTHS: tuple[int, ...] = tuple(2 * HOUR * 3**times for times in range(6))
"""The seconds of a block by how often it was compacted."""
CHUNK_SAMPLES = 1440
"""Samples of a chunk: more than the 120 of Prometheus, which reads any number."""

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Stored:
    """A series: its labels with ``__name__``, and its values, from ``since`` to before ``until`` (epoch seconds)."""

    labels: Mapping[str, str]
    value: Value
    since: int = 0
    until: int = 2**62


@dataclass(frozen=True, slots=True)
class Written:
    """What a block has: its samples, the bytes of its chunks, and those of all its files."""

    samples: int
    chunk_bytes: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Chunk:
    first: int
    last: int
    ref: int


_Listed = tuple[list[tuple[str, str]], list[_Chunk]]
"""The labels of a series, sorted, and its chunks."""


@dataclass(slots=True)
class _Chunks:
    """The file of the chunks, and the bytes of those that are made already, by value and times."""

    data: bytearray = field(default_factory=lambda: bytearray(struct.pack(">IB3x", 0x85BD40DD, 1)))
    made: dict[tuple[Value, int, int], bytes] = field(default_factory=dict)
    samples: int = 0

    def add(self, value: Value, times: Sequence[int]) -> _Chunk:
        key = value, times[0], len(times)
        if key not in self.made:
            encoded = b"\x01" + xor_chunk(times, value)
            self.made[key] = uvarint(len(encoded) - 1) + encoded + checksum(encoded)
        ref = len(self.data)
        self.data += self.made[key]
        self.samples += len(times)
        return _Chunk(times[0] * 1000, times[-1] * 1000, ref)


def spans(start: int, end: int, *, longest: int) -> Iterator[tuple[int, int]]:
    """The times of the blocks that Prometheus has of these seconds after it has compacted all that it can."""
    while start < end:
        ends = [start // length * length + length for length in LENGTHS if length <= longest]
        stop = max((stop for stop in ends if stop <= end), default=end)
        yield start, stop
        start = stop


def write_block(series: Iterable[Stored], data: Path, *, span: tuple[int, int], step: int) -> Written:
    """Write the samples of the span as a block in the folder ``data``, one every ``step`` seconds."""
    chunks = _Chunks()
    listed = list[_Listed]()
    for each in series:
        times = times_of(each, span, step)
        parts = [times[at : at + CHUNK_SAMPLES] for at in range(0, len(times), CHUNK_SAMPLES)]
        if parts:
            listed.append((sorted(each.labels.items()), [chunks.add(each.value, part) for part in parts]))
    listed.sort(key=lambda entry: entry[0])
    index = _index(listed)
    name = _ulid(span[0])
    folder = data / name
    (folder / "chunks").mkdir(parents=True)
    (folder / "chunks" / "000001").write_bytes(chunks.data)
    (folder / "index").write_bytes(index)
    described = json.dumps(_meta(name, span, listed, chunks.samples))
    (folder / "meta.json").write_text(described, "utf-8")
    return Written(chunks.samples, len(chunks.data), len(chunks.data) + len(index) + len(described))


def _meta(name: str, span: tuple[int, int], listed: Sequence[_Listed], samples: int) -> dict[str, Any]:
    """What the block says of itself; its end is a millisecond after the last sample."""
    return {
        "ulid": name,
        "minTime": min(found[0].first for _, found in listed),
        "maxTime": max(found[-1].last for _, found in listed) + 1,
        "stats": {
            "numSamples": samples,
            "numSeries": len(listed),
            "numChunks": sum(len(found) for _, found in listed),
        },
        "compaction": {"level": _level(span[1] - span[0]), "sources": [name]},
        "version": 1,
    }


def times_of(series: Stored, span: tuple[int, int], step: int) -> range:
    """The times of the samples of a series in a span: the multiples of ``step`` seconds."""
    first, last = max(span[0], series.since), min(span[1], series.until)
    return range(-(-first // step) * step, last, step)


def _level(length: int) -> int:
    """How often a block of this length was compacted; that of the head is 1."""
    return sum(length > below for below in LENGTHS) + 1


def _index(listed: Sequence[_Listed]) -> bytes:
    data = bytearray(struct.pack(">IB", 0xBAAAD700, 2))
    words = sorted({word for labels, _ in listed for pair in labels for word in pair})
    number = {word: place for place, word in enumerate(words)}
    starts = [len(data)]
    data += _section(struct.pack(">I", len(words)) + b"".join(map(_text, words)))
    starts.append(len(data))
    postings = defaultdict[tuple[str, str], list[int]](list)
    for labels, chunks in listed:
        data += bytes(-len(data) % 16)
        for pair in (("", ""), *labels):
            postings[pair].append(len(data) // 16)
        pairs = b"".join(uvarint(number[name]) + uvarint(number[value]) for name, value in labels)
        content = uvarint(len(labels)) + pairs + _references(chunks)
        data += uvarint(len(content)) + content + checksum(content)
    # Label indices are of an older version and are not read.
    starts += [len(data), len(data), len(data)]
    table = list[bytes]()
    for pair, ids in sorted(postings.items()):
        data += bytes(-len(data) % 4)
        table.append(b"\x02" + _text(pair[0]) + _text(pair[1]) + uvarint(len(data)))
        data += _section(struct.pack(f">{len(ids) + 1}I", len(ids), *ids))
    starts.append(len(data))
    data += _section(struct.pack(">I", len(table)) + b"".join(table))
    contents = struct.pack(">6Q", *starts)
    return bytes(data) + contents + checksum(contents)


def _references(chunks: Sequence[_Chunk]) -> bytes:
    first = chunks[0]
    parts = [uvarint(len(chunks)), varint(first.first), uvarint(first.last - first.first), uvarint(first.ref)]
    for before, now in pairwise(chunks):
        parts += [uvarint(now.first - before.last), uvarint(now.last - now.first), varint(now.ref - before.ref)]
    return b"".join(parts)


def _section(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content + checksum(content)


def _text(word: str) -> bytes:
    encoded = word.encode()
    return uvarint(len(encoded)) + encoded


def _ulid(start: int) -> str:
    """A name for a block, as Prometheus makes them of a time."""
    number = start * 1000 << 80 | secrets.randbits(80)
    return "".join(_BASE32[number >> 5 * place & 31] for place in reversed(range(26)))
