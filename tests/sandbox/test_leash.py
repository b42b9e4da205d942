import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from maintainer.sandbox import leash

PYTHON = sys.executable
SLEEPER = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPER}"
PARENT = """
import subprocess, sys, time
subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)
time.sleep(60)
"""


def eventually(true: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        if true():
            return True
        sleep(0.02)
    return False


def alive(pid: int) -> bool:
    """Whether the process runs. A zombie, which ended without a wait() of its parent, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def pid_in(file: Path) -> int:
    assert eventually(lambda: file.exists() and file.read_text("utf-8") != "")
    return int(file.read_text("utf-8"))


def leashed(*options: str, code: str, file: Path) -> list[str]:
    return [PYTHON, "-I", leash.__file__, *options, "--", PYTHON, "-c", code, str(file)]


@pytest.fixture
def start() -> Iterator[Callable[[list[str]], "subprocess.Popen[bytes]"]]:
    started: list[subprocess.Popen[bytes]] = []

    def run(command: list[str]) -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


Start = Callable[[list[str]], "subprocess.Popen[bytes]"]


def test_the_child_and_its_folder_go_when_the_parent_is_killed(start: Start, tmp_path: Path) -> None:
    folder, file = tmp_path / "data", tmp_path / "pid"
    folder.mkdir()
    command = leashed("--remove", str(folder), code=SLEEPER, file=file)
    parent = start([PYTHON, "-c", PARENT, *command])
    child = pid_in(file)
    parent.send_signal(signal.SIGKILL)
    assert eventually(lambda: not alive(child), 2)
    assert eventually(lambda: not folder.exists(), 2)


def test_a_child_that_ignores_sigterm_is_killed_after_a_second(start: Start, tmp_path: Path) -> None:
    process = start(leashed(code=STUBBORN, file=tmp_path / "pid"))
    child = pid_in(tmp_path / "pid")
    begun = monotonic()
    process.communicate()
    assert 0.9 < monotonic() - begun < 1.5
    assert not alive(child)


def test_sigterm_ends_the_child(start: Start, tmp_path: Path) -> None:
    process = start(leashed(code=SLEEPER, file=tmp_path / "pid"))
    child = pid_in(tmp_path / "pid")
    process.terminate()
    assert process.wait(2) == 0
    assert not alive(child)


def test_ctrl_c_reaches_neither(start: Start, tmp_path: Path) -> None:
    process = start(leashed(code=SLEEPER, file=tmp_path / "pid"))
    child = pid_in(tmp_path / "pid")
    process.send_signal(signal.SIGINT)
    sleep(0.1)
    assert alive(process.pid)
    assert os.getpgid(child) == child


def test_a_child_that_ends_by_itself_gives_its_code_and_leaves_the_folder(start: Start, tmp_path: Path) -> None:
    process = start([PYTHON, "-I", leash.__file__, "--remove", str(tmp_path), "--", PYTHON, "-c", "exit(7)"])
    assert process.wait(5) == 7
    assert tmp_path.exists()
