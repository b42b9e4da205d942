"""Starts Prometheus and Alertmanager on this machine. They end when this process ends."""

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import requests

from maintainer.errors import ConfigError
from maintainer.sandbox import leash
from maintainer.sandbox.serving import HOST

HOW_TO_GET = (
    "Debian/Ubuntu: apt-get install prometheus prometheus-alertmanager; macOS: brew install prometheus, and "
    "Alertmanager from https://prometheus.io/download, which has both"
)

READY_WITHIN = 20.0
"""Seconds until a program must be ready."""


@dataclass(frozen=True, slots=True)
class Program:
    """A running program. Its ``folder`` with its configuration, log and data is removed when it is stopped."""

    name: str
    url: str
    folder: Path
    process: "subprocess.Popen[bytes]"

    def wait(self) -> None:
        """Return when ``/-/ready`` answers 200. Raises ``ConfigError`` with the log if that takes too long."""
        deadline = monotonic() + READY_WITHIN
        while monotonic() < deadline and self.process.poll() is None:
            try:
                if ask(f"{self.url}/-/ready").ok:
                    return
            except requests.ConnectionError:
                pass
            sleep(0.05)
        log = (self.folder / "log").read_text("utf-8", "replace").strip()
        raise ConfigError(f"{self.name} did not start: {log[-800:] or 'it says nothing'}")


def stop(programs: Sequence[Program]) -> None:
    """Stop the programs at the same time and remove their folders. It takes little more than a second at most."""
    for program in programs:
        if program.process.stdin:
            program.process.stdin.close()
    for program in programs:
        program.process.wait()
        shutil.rmtree(program.folder, ignore_errors=True)


def find(*choices: Sequence[str]) -> tuple[str, ...]:
    """The path of each program; ``choices`` are its possible names. Raises ``ConfigError`` if a program is missing."""
    paths = [next(filter(None, map(shutil.which, names)), None) for names in choices]
    missing = [names[0] for names, path in zip(choices, paths, strict=True) if path is None]
    if missing:
        raise ConfigError(f"{' and '.join(missing)} not found on PATH. {HOW_TO_GET}")
    return tuple(filter(None, paths))


def new_folder() -> Path:
    """A temporary folder that contains an empty folder ``data``."""
    folder = Path(tempfile.mkdtemp(prefix="maintainer-sandbox-"))
    (folder / "data").mkdir()
    return folder


def free_port() -> int:
    """A TCP port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def start(name: str, command: Sequence[str], *, folder: Path, port: int) -> Program:
    """Start a program that listens on the port and ends with this process (see ``leash``), without waiting for it.

    Its log is the file ``log`` in the folder.
    """
    supervised = [sys.executable, "-I", leash.__file__, "--remove", str(folder), "--", *command]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            supervised, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    return Program(name, f"http://{HOST}:{port}", folder, process)


def ask(url: str, **query: str) -> requests.Response:
    """GET a URL, and ignore the proxies of the environment. Raises ``requests.ConnectionError``."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, params=query, timeout=5)
