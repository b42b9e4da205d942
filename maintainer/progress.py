"""What a command says on stderr while it works: a spinner on a terminal, else short lines or JSON."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TextIO

LEVELS = {"quiet": logging.WARNING, "normal": logging.INFO, "verbose": logging.DEBUG}
"""The least severe that is logged, by the setting ``log.level``."""

_LOG = logging.getLogger("maintainer")


class _Lines(logging.Formatter):
    """``maintainer: running monthly: done (3.2 s)``."""

    def format(self, record: logging.LogRecord) -> str:
        seconds = getattr(record, "seconds", None)
        return f"maintainer: {record.getMessage()}{'' if seconds is None else f' ({seconds} s)'}"


class _Json(logging.Formatter):
    """A JSON object in each line, with ``time``, ``level``, ``event`` and, where something ended, ``seconds``."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {"time": at, "level": record.levelname.lower(), "event": record.getMessage()}
        seconds = getattr(record, "seconds", None)
        return json.dumps(fields if seconds is None else fields | {"seconds": seconds})


def start_log(stream: TextIO, *, level: str, as_json: bool, hide: Callable[[str], str] = str) -> None:
    """Log to the stream what ``maintainer`` does; ``level`` is one of :data:`LEVELS`.

    ``hide`` takes the secrets out of a text.
    """
    handler = logging.StreamHandler(stream)
    handler.addFilter(partial(_without_secrets, hide))
    handler.setFormatter(_Json() if as_json else _Lines())
    _LOG.handlers = [handler]
    _LOG.setLevel(LEVELS[level])
    _LOG.propagate = False


def _without_secrets(hide: Callable[[str], str], record: logging.LogRecord) -> bool:
    record.msg, record.args = hide(record.getMessage()), None
    return True


def colours(stream: TextIO, environ: Mapping[str, str], *, setting: str) -> bool:
    """Whether to write in colours: on a terminal, unless ``$NO_COLOR`` or the setting ``color`` says no.

    ``$FORCE_COLOR`` asks for them elsewhere too.
    """
    if setting == "never" or environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in {"", "0", "false"}:
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


@contextmanager
def progress(what: str, *, spinner: TextIO | None, colour: bool) -> Iterator[None]:
    """Say that something is being done: with a spinner on this terminal, else in the log at its begin and its end."""
    if spinner:
        from rich.console import Console  # noqa: PLC0415 - heavy, and only for a terminal

        with Console(file=spinner, no_color=not colour).status(f"{what} …"):
            yield
        return
    began = time.monotonic()
    _LOG.info("%s", what)
    yield
    _LOG.info("%s: done", what, extra={"seconds": round(time.monotonic() - began, 1)})
