"""Writes corrections into their files.

A file is overwritten and not replaced, so that it keeps its owner, mode, attributes and hard links, and no temporary
file can be left behind. What a full disk refuses is refused before the old content is touched.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from maintainer.errors import DeliveryFailed

BOM = b"\xef\xbb\xbf"


def check(path: str, before: str) -> None:
    """Raise :class:`DeliveryFailed` if the file cannot be written, or is not the text ``before`` that was read."""
    with _opened(path) as (_, content):
        _compare(path, content, before)


def rewrite(path: str, before: str, after: str) -> None:
    """Make a file's text ``after``, whole or not at all; ``before`` is the text that was read from it.

    A link is followed. Raises :class:`DeliveryFailed` as :func:`check` does, and if the disk is full.
    """
    with _opened(path) as (descriptor, content):
        if content.removeprefix(BOM) == after.encode():
            return  # A hard link, written under its other name.
        _compare(path, content, before)
        mark = content[: len(content) - len(before.encode())]
        _overwrite(descriptor, content, mark + after.encode())


def _compare(path: str, content: bytes, before: str) -> None:
    if content.removeprefix(BOM) != before.encode():
        problem = "was changed by another program meanwhile and is left as it is; run the command again"
        raise DeliveryFailed(f"{path} {problem}")


@contextmanager
def _opened(path: str) -> Iterator[tuple[int, bytes]]:
    """The descriptor of a file, open for reading and writing, and its content."""
    try:
        # Without O_NONBLOCK, opening would wait if the file has become a pipe.
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise DeliveryFailed(f"cannot correct {path} in place: it is not a file")
            if not status.st_mode & 0o222:  # which the superuser could write
                raise DeliveryFailed(f"cannot correct {path}: it is read-only; nothing was written to it")
            yield descriptor, os.pread(descriptor, status.st_size + 1, 0)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise DeliveryFailed(f"cannot write the correction to {path}: {error.strerror}") from error


def _overwrite(descriptor: int, old: bytes, new: bytes) -> None:
    """What is longer than before is written first, so that a full disk is found while the old text is still there."""
    try:
        _write(descriptor, new[len(old) :], at=len(old))
        _write(descriptor, new[: len(old)], at=0)
        os.ftruncate(descriptor, len(new))
    except BaseException:  # also Ctrl-C
        with suppress(OSError):
            _write(descriptor, old, at=0)
        os.ftruncate(descriptor, len(old))
        raise


def _write(descriptor: int, content: bytes, *, at: int) -> None:
    done = 0
    while done < len(content):
        done += os.pwrite(descriptor, content[done:], at + done)
