"""``maintainer`` as a process of its own with its own streams, without the start of an interpreter for each.

A process that has imported all commands forks for each one. What is special in the start, such as signals, streams that
are closed, or which modules are loaded, is tested with the program itself.
"""

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory
from typing import Any

from maintainer.__main__ import main as maintainer

ROOT = Path(__file__).parents[2]
PATIENCE = 300
"""After so many seconds a command is killed by SIGALRM."""
Done = subprocess.CompletedProcess[str]


def command(*words: str, folder: Path, environ: Mapping[str, str], stdin: str = "") -> Done:
    """The command with these words in a folder, with these variables only, once it has ended."""
    with TemporaryDirectory() as name:
        streams = [Path(name, stream) for stream in ("stdin", "stdout", "stderr")]
        streams[0].write_text(stdin, "utf-8")
        request = {"words": words, "folder": str(folder), "environ": dict(environ), "streams": [*map(str, streams)]}
        code = _answer(json.dumps(request))
        out, err = (file.read_text("utf-8") for file in streams[1:])
    return Done(words, code, out, err)


def _answer(request: str) -> int:
    channel = _forking()
    channel.sendall(f"{request}\n".encode())
    answer = channel.recv(16)
    assert answer, "the process that forks the commands has ended"
    return int(answer)


@cache
def _forking() -> socket.socket:
    """The channel to the process that forks."""
    ours, its = socket.socketpair()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.servers.commands", str(its.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        pass_fds=[its.fileno()],
    )
    its.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def main() -> None:
    """Fork for each request until the channel is closed. A child ends as the program does."""
    from maintainer import commands  # noqa: PLC0415

    for module in iter_modules(commands.__path__, f"{commands.__name__}."):
        import_module(module.name)
    gc.freeze()
    if request := _forked():
        _become(**request)
        maintainer()


def _forked() -> dict[str, Any]:
    """In a child its request; here nothing, once the channel is closed."""
    with socket.socket(fileno=int(sys.argv[1])) as channel, channel.makefile("r") as requests:
        for line in requests:
            if not (child := os.fork()):
                request: dict[str, Any] = json.loads(line)
                return request
            _, status = os.waitpid(child, 0)
            channel.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    return {}


def _become(words: list[str], folder: str, environ: Mapping[str, str], streams: list[str]) -> None:
    signal.alarm(PATIENCE)
    for number, (stream, flags) in enumerate(zip(streams, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)):
        opened = os.open(stream, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.chdir(folder)
    sys.argv = ["maintainer", *words]


if __name__ == "__main__":
    main()
