"""The entry point: Ctrl-C and SIGTERM end the command in silence, also while its modules are imported."""

import os
import signal
import sys
from collections.abc import Callable

INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    _on_interrupt(_leave)
    try:
        from maintainer import cli  # noqa: PLC0415 - an interrupt of this import must find the handler

        _on_interrupt(_raise)
        cli.main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    finally:
        _on_interrupt(_leave)


def _on_interrupt(handler: Callable[[int, object], None]) -> None:
    signal.signal(signal.SIGTERM, handler)
    # A shell starts what it runs in the background with SIGINT ignored.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)


def _leave(_number: int, _frame: object) -> None:
    """End at once: nothing is open yet, or all is done. An exception would become a traceback in Python's own code."""
    os._exit(INTERRUPTED)


def _raise(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
