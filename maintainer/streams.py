"""Standard output and standard error that never end a run: what cannot be printed is not worth a report."""

import errno
import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from select import select
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class _Stream(FileIO):
    """A stream that drops what it cannot write, and keeps the first ``error``."""

    error: OSError | None = None

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write what can be written, and drop everything after an error."""
        try:
            while self.error is None:
                if (written := super().write(data)) is not None:
                    return written
                select((), (self,), ())  # whoever started this process made the stream one that does not wait
        except OSError as error:
            self.error = error
        return memoryview(data).nbytes


def open_streams() -> None:
    """Put such streams in the place of :data:`sys.stdout` and :data:`sys.stderr`."""
    sys.stdout, sys.stderr = _opened(1, sys.stdout), _opened(2, sys.stderr)


def failure(stream: TextIO) -> str:
    """Why something could not be written to the stream, "" if nothing failed.

    A reader that closed its end, such as ``head``, has read what it wanted: that is no failure.
    """
    stream.flush()
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    error = raw.error if isinstance(raw, _Stream) else None
    return "" if error is None or error.errno == errno.EPIPE else str(error.strerror)


def _opened(number: int, usual: TextIO | None) -> TextIO:
    if usual is None:  # It was closed before the start. The next file that is opened would get its number.
        raw = _Stream(os.devnull, "w")
        raw.error = OSError(errno.EBADF, os.strerror(errno.EBADF))
        encoding = "utf-8"
    else:
        raw = _Stream(number, "w", closefd=False)
        encoding = usual.encoding
    return TextIOWrapper(BufferedWriter(raw), encoding, "backslashreplace", line_buffering=number == 2 or raw.isatty())
