"""Runs a command that ends when its parent process ends, even if the parent is killed.

    python -m maintainer.sandbox.leash [--remove FOLDER] -- COMMAND…

The parent holds a pipe to the standard input of this process. When the pipe is closed, or on SIGTERM, the process group
of the command gets SIGTERM and a second later SIGKILL, and FOLDER is removed. A command that ends by itself gives its
exit code, and FOLDER stays, so that its log can be read.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

GRACE = 1.0
"""Seconds between SIGTERM and SIGKILL."""


def main(arguments: Sequence[str]) -> int:
    """Run the command, and return its exit code, or 0 if it was ended from here."""
    folders, command = _split(arguments)
    signals = _signal_pipe()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    _wait(signals, child)
    if child.poll() is not None:
        return child.returncode
    _end(child)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The folders to remove, and the command."""
    at = arguments.index("--")
    options = list(arguments[:at])
    if options[0::2] != ["--remove"] * (len(options) // 2) or len(options) % 2:
        raise SystemExit("usage: leash [--remove FOLDER] -- COMMAND…")
    return options[1::2], list(arguments[at + 1 :])


def _signal_pipe() -> int:
    """A file descriptor that becomes readable on SIGCHLD and SIGTERM; a byte is the number of the signal."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, _do_nothing)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return readable


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """A handler is needed, because without it Python writes no byte to the wakeup descriptor."""


def _wait(signals: int, child: subprocess.Popen[bytes]) -> None:
    """Return when the child has ended, standard input is closed, or SIGTERM was received."""
    stdin = sys.stdin.fileno()
    while child.poll() is None:
        ready, _, _ = select.select([stdin, signals], [], [])
        if signals in ready and signal.SIGTERM in os.read(signals, 64):
            return
        if stdin in ready and not os.read(stdin, 4096):
            return


def _end(child: subprocess.Popen[bytes]) -> None:
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
