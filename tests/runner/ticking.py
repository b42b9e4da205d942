"""Runs what is due in processes that are killed or stopped at a write.

    python -m tests.runner.ticking    # a JSON object on stdin is a run, and its exit code is a line on stdout

A run is a child of this process, which has no threads. -9 is the exit code of one that was killed.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from maintainer.due import run_due
from maintainer.errors import DeliveryFailed
from maintainer.model.clock import Clock
from maintainer.reporting import Machine
from maintainer.settings import load
from tests.runner.year import calendar

WRITES = (b"PATCH ", b"POST ", b"PUT ", b"DELETE ")


def before_write(number: int, folder: str, act: Callable[[], None]) -> None:
    """Act before the write with this number of this process: a request that writes, or a change in the folder."""
    left = number

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if _is_write(event, arguments, folder):
            left -= 1
            if left == 0:
                act()

    sys.addaudithook(hook)


def _is_write(event: str, arguments: tuple[Any, ...], folder: str) -> bool:
    if event == "http.client.send":
        return bytes(arguments[1][:8]).startswith(WRITES)
    if event not in {"open", "os.link", "os.remove", "os.rename"} or not str(arguments[0]).startswith(folder):
        return False
    # The opening of a lock changes nothing.
    return event != "open" or (".jsonl.gz" in str(arguments[0]) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR)))


def due(asked: dict[str, Any]) -> int:
    """Run what is due, and return the exit code."""
    if number := asked.get("kill"):
        before_write(number, asked["folder"], lambda: os.kill(os.getpid(), signal.SIGKILL))
    if number := asked.get("stop"):
        before_write(number, asked["folder"], lambda: os.kill(os.getpid(), signal.SIGSTOP))
    machine = Machine(
        Clock(lambda: 0.0, lambda _seconds: None), datetime.fromisoformat(asked["now"]), "1.2.3", asked["kubeconfig"]
    )
    jobs = calendar(Path(asked["journal"]))
    try:
        settings = load("", {}, asked["flags"])
        return run_due(
            settings, machine, running=lambda _due: nullcontext(), told=lambda _outcome: None, jobs=jobs
        ).exit_code
    except DeliveryFailed as error:
        return error.exit_code


def started(asked: dict[str, Any]) -> int:
    """Start a run; returns its process."""
    child = os.fork()
    if child:
        return child
    code = 99
    try:
        code = due(asked)
    finally:
        sys.stderr.flush()
        os._exit(code)


def ended(child: int) -> int:
    """Wait until a run has ended or is stopped, and return its exit code, or minus the signal."""
    _, status = os.waitpid(child, os.WUNTRACED)
    return -signal.SIGSTOP if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status)


def main() -> None:
    """Do the runs. A run that is stopped goes on after the next one has ended."""
    for line in sys.stdin:
        asked = json.loads(line)
        child = started(asked)
        codes = [ended(child)]
        if codes == [-signal.SIGSTOP]:
            codes.append(ended(started(asked | {"stop": 0, "now": asked["later"]})))
            os.kill(child, signal.SIGCONT)
            codes[0] = ended(child)
        sys.stdout.write(f"{json.dumps(codes)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
