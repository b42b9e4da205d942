"""A process that keeps a calendar of its own, with stand-ins for the jobs: ``python -m tests.serve.stand_in idle``.

It prints a line for each run when it begins and when it has ended, and ``end`` at its end.
"""

import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

from maintainer.commands.stopping import Stopping
from maintainer.serve import Keeper, Ran, Work

START = datetime.now(UTC)
SOON, LATER = START + timedelta(seconds=3), START + timedelta(days=1)


def fire_soon(after: datetime) -> datetime:
    return SOON if after < SOON else LATER


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def hang() -> None:
    """Wait for a server that accepts a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        client.recv(1)


def stuck() -> None:
    """Go on whatever happens, as code would that swallows every exception."""
    while True:
        with suppress(BaseException):
            time.sleep(60)


def work(seconds: float) -> None:
    """Compute for so many seconds, which nothing but an exception ends."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


def step(stopping: Stopping) -> None:
    """A step that takes a while, and then a wait."""
    work(1.0)
    say("step done")
    stopping.sleep(600)


def kinds(stopping: Stopping) -> Mapping[str, Callable[[], None]]:
    return {
        "idle": lambda: None,
        "sleep": partial(stopping.sleep, 600),
        "step": partial(step, stopping),
        "hang": hang,
        "stuck": stuck,
    }


def main(kind: str) -> None:
    stopping = Stopping()
    stopping.listen()

    def run(_step_begins: Callable[[float], None]) -> Ran:
        say("run")
        kinds(stopping)[kind]()
        say("ran")
        return Ran(0)

    keeper = Keeper(Work(fire_soon, run, lambda: ()), time.monotonic, stopping.waiting)
    try:
        keeper.keep()
    except KeyboardInterrupt:
        say("end")


if __name__ == "__main__":
    main(sys.argv[1])
