"""Programs that run in place of pods. They end with the Linux namespaces that ``tools/e2e.sh`` creates."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import requests

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")

Command = Sequence[object]
"""A program and its arguments; paths become strings."""

_AS_A_POD = 'mount --bind "$1" "$2" && hostname "$3" && shift 3 && exec "$@"'
"""What the kubelet gives to each pod: the files of its ServiceAccount, and its name as the host name."""


@dataclass(frozen=True, slots=True)
class Process:
    """A running program."""

    name: str
    log: Path
    popen: "subprocess.Popen[bytes]"

    def stop(self) -> None:
        """Terminate it, and kill it if it does not end in time."""
        self.popen.terminate()
        try:
            self.popen.wait(10)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def wait_for(self, url: str, *, ca_file: Path | None = None) -> None:
        """Wait until the URL answers 200. Fails with the end of the program's log."""

        def answers() -> bool:
            assert self.popen.poll() is None, f"{self.name} ended: {self.end_of_log()}"
            try:
                return requests.get(url, timeout=5, verify=str(ca_file) if ca_file else True).ok
            except OSError:  # the certificate may not be there yet either
                return False

        until(answers, 60, lambda: f"{self.name} does not answer at {url}: {self.end_of_log()}")

    def end_of_log(self) -> str:
        """The end of its log."""
        return self.log.read_text("utf-8", "replace")[-1500:]


def start(command: Command, folder: Path, environment: Mapping[str, str] | None = None) -> Process:
    """Start a program with its log in the folder."""
    name = Path(str(command[0])).name
    return _started(name, command, folder / f"{name}.log", environment or {})


def start_as_pod(name: str, command: Command, *, account: Path, environment: Mapping[str, str]) -> Process:
    """Start a program with the host name of a pod and the ServiceAccount files in the folder ``account``."""
    inside = as_pod(name, command, account)
    return _started(name, inside, account.parent / f"{name}.log", environment)


def as_pod(name: str, command: Command, account: Path) -> list[str]:
    """The command that runs ``command`` as the pod ``name``."""
    words = (account, ACCOUNT, name, *command)
    return ["unshare", "--mount", "--uts", "sh", "-c", _AS_A_POD, "sh", *map(str, words)]


def until(true: Callable[[], object], seconds: float, otherwise: Callable[[], str]) -> None:
    """Wait until a condition is true. Fails with the text of ``otherwise`` after the timeout."""
    deadline = monotonic() + seconds
    while not true():
        assert monotonic() < deadline, f"not within {seconds:.0f} s: {otherwise()}"
        sleep(0.2)


def _started(name: str, command: Command, path: Path, environment: Mapping[str, str]) -> Process:
    # Without the environment of the machine, such as a proxy or a kubeconfig.
    own = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(path.parent)}
    with path.open("ab") as log:
        popen = subprocess.Popen(
            [*map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**own, **environment},
            cwd=path.parent,
            start_new_session=True,
        )
    return Process(name, path, popen)
