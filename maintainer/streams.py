"""Standard output and standard error that never end a run, and on which no text acts on a terminal.

What cannot be printed is not worth a report. All texts leave the program here, also errors of the command line and what
libraries write: whatever they quote, control characters become visible.
"""

import errno
import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from select import select
from typing import TYPE_CHECKING, Any, TextIO, cast

from maintainer.render.visible import VISIBLE

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


class _VisibleText(TextIOWrapper):
    """A stream of text in which control characters are made visible; ends of lines stay, also ``\\r\\n``."""

    def write(self, text: str, /) -> int:
        super().write("\r\n".join(line.translate(VISIBLE) for line in text.split("\r\n")))
        return len(text)

    def write_styled(self, text: str) -> int:
        return super().write(text)


class _Styled:
    """The same stream for what rich writes."""

    def __init__(self, stream: _VisibleText) -> None:
        self._stream = stream
        self.write = stream.write_styled

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def styled(stream: TextIO) -> TextIO:
    """The stream with colours and a cursor that moves, for what holds no text from outside that is not visible yet."""
    return cast(TextIO, _Styled(stream)) if isinstance(stream, _VisibleText) else stream


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
    by_line = number == 2 or raw.isatty()
    return _VisibleText(BufferedWriter(raw), encoding, "backslashreplace", line_buffering=by_line)
