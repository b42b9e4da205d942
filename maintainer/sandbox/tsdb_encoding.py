"""How Prometheus' storage encodes samples and numbers, and the sums by which it checks them."""

import struct
from collections.abc import Callable, Sequence
from itertools import pairwise

Value = float | Callable[[int], float]
"""A constant, or a function of the time in seconds since the epoch."""

_CASTAGNOLI = 0x82F63B78


def _table_entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ _CASTAGNOLI * (byte & 1)
    return byte


_TABLE = tuple(map(_table_entry, range(256)))


def value_at(value: Value, at: int) -> float:
    """The value at a time."""
    return value(at) if callable(value) else value


def xor_chunk(times: Sequence[int], value: Value) -> bytes:
    """Samples at equal distances, in seconds, as a chunk of the encoding XOR."""
    values = [struct.unpack(">Q", struct.pack(">d", value_at(value, at)))[0] for at in times]
    head = struct.pack(">H", len(times)) + varint(times[0] * 1000) + struct.pack(">Q", values[0])
    if len(times) == 1:
        return head
    head += uvarint((times[1] - times[0]) * 1000)
    bits, window = list[str](), (64, 64)
    for number, (before, now) in enumerate(pairwise(values)):
        text, window = _difference(before ^ now, window)
        # From the third sample on, a 0 says that the distance of the times is the same.
        bits.append(("0" if number else "") + text)
    written = "".join(bits)
    length = -(-len(written) // 8)
    return head + int(written.ljust(length * 8, "0"), 2).to_bytes(length, "big")


def _difference(changed: int, window: tuple[int, int]) -> tuple[str, tuple[int, int]]:
    """The bits of a value that differs so from the one before, and the zeros around what was written last."""
    if not changed:
        return "0", window
    text = f"{changed:064b}"
    leading, trailing = min(31, len(text) - len(text.lstrip("0"))), len(text) - len(text.rstrip("0"))
    if leading >= window[0] and trailing >= window[1]:
        return "10" + text[window[0] : 64 - window[1]], window
    kept = 64 - leading - trailing
    return f"11{leading:05b}{kept % 64:06b}" + text[leading : 64 - trailing], (leading, trailing)


def uvarint(number: int) -> bytes:
    """The varint of Go's ``encoding/binary`` for a number that is not negative."""
    parts = bytearray()
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*parts, number))


def varint(number: int) -> bytes:
    """The same for any number."""
    return uvarint(number << 1 if number >= 0 else ~(number << 1))


def checksum(content: bytes) -> bytes:
    """The check sum CRC-32C."""
    found = 0xFFFFFFFF
    for byte in content:
        found = found >> 8 ^ _TABLE[(found ^ byte) & 0xFF]
    return struct.pack(">I", found ^ 0xFFFFFFFF)
