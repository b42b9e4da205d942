"""Runs a command that cannot outlive whoever started it.

    python -m maintainer.sandbox.leash [--remove FOLDER] -- COMMAND…

The command is ended (SIGTERM, after a second SIGKILL, to its whole process group) when standard input, a pipe that
the parent holds, comes to its end, which happens even to a parent that is killed; or on SIGTERM. FOLDER is
removed then. A command that ends by itself leaves FOLDER alone, so that its log can be read; its code is ours.
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
    """Run the command; returns its exit code, or 0 when we ended it."""
    options, command = _split(arguments)
    alarm = _alarm()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    _wait(alarm, child)
    if child.poll() is not None:
        return child.returncode
    _end(child)
    for folder in options:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The folders to remove, and the command."""
    at = arguments.index("--")
    options = list(arguments[:at])
    if options[0::2] != ["--remove"] * (len(options) // 2) or len(options) % 2:
        raise SystemExit("usage: leash [--remove FOLDER] -- COMMAND…")
    return options[1::2], list(arguments[at + 1 :])


def _alarm() -> int:
    """A file descriptor that becomes readable on SIGCHLD and SIGTERM."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, _wake)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return readable


def _wake(number: int, frame: FrameType | None) -> None:
    """Only the byte that Python writes to the wakeup descriptor counts."""


def _wait(alarm: int, child: subprocess.Popen[bytes]) -> None:
    """Return when the child ended, standard input ended, or SIGTERM came."""
    stdin = sys.stdin.fileno()
    while child.poll() is None:
        ready, _, _ = select.select([stdin, alarm], [], [])
        if alarm in ready and signal.SIGTERM in os.read(alarm, 64):
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
