"""Reads files that somebody else wrote: without waiting for what never ends, and never more than a limit.

All errors are ``OSError``, with a ``strerror`` that fits after "cannot read FILE: ".
"""

import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping

MIB = 1 << 20

_PIECE = MIB
_STREAM = re.compile(r"/dev/stdin|/(?:dev|proc/self)/fd/\d+")
_KINDS: Mapping[int, str] = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def read_file(path: str, most: int) -> bytes:
    """The content of a file of at most this many bytes."""
    return _whole(pieces(path), most)


def read_descriptor(descriptor: int, most: int) -> bytes:
    """What is left to read from a file that is open, such as standard input: at most this many bytes."""
    return _whole(_pieces(descriptor), most)


def pieces(path: str) -> Iterator[bytes]:
    """The content of a file, piece by piece.

    A pipe has no end before its writer closes it, and a device may have none. So they are refused, except for those
    that the shell made for this command: ``<(…)`` and standard input.
    """
    descriptor = _opened(path)
    try:
        kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
        if kind == stat.S_IFDIR:
            raise _no_file(kind)
        _require_end(path, kind)
        os.set_blocking(descriptor, kind != stat.S_IFREG)
        yield from _pieces(descriptor)
    finally:
        os.close(descriptor)


def require_end(path: str) -> None:
    """Raise ``OSError`` for a pipe or a device, before a library that knows no limit reads it.

    If something else is wrong with the path, that library says so.
    """
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return
    _require_end(path, stat.S_IFMT(status.st_mode))


def _require_end(path: str, kind: int) -> None:
    if kind not in {stat.S_IFREG, stat.S_IFDIR} and not _STREAM.fullmatch(path):
        raise _no_file(kind)


def _no_file(kind: int) -> OSError:
    return OSError(errno.EINVAL, f"it is {_KINDS.get(kind, 'something else')}, not a file")


def _opened(path: str) -> int:
    try:
        # Without O_NONBLOCK, a pipe is not even opened before somebody writes to it.
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except ValueError as error:
        raise OSError(errno.EINVAL, "no file can have this name") from error


def _pieces(descriptor: int) -> Iterator[bytes]:
    while piece := os.read(descriptor, _PIECE):
        yield piece


def _whole(parts: Iterator[bytes], most: int) -> bytes:
    content = bytearray()
    for part in parts:
        content += part
        if len(content) > most:
            raise OSError(errno.EFBIG, f"it is larger than {most / MIB:g} MiB, the most that is read")
    return bytes(content)
