"""How `maintainer demo` ends: whatever ends it, nothing of it is left."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.scenarios.demos import PATIENCE, read_until, started

pytestmark = pytest.mark.extended


@dataclass(frozen=True, slots=True)
class Kept:
    """Two demos that keep running, each for one test that ends it."""

    to_interrupt: subprocess.Popen[str]
    to_kill: subprocess.Popen[str]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Started side by side: most of the time goes to waiting for Prometheus' service discovery."""
    folder = tmp_path_factory.mktemp("kept")
    with (
        started("monthly", "--keep", output=folder / "to interrupt") as to_interrupt,
        started("monthly", "--keep", output=folder / "to kill") as to_kill,
    ):
        for demo in (to_interrupt, to_kill):
            read_until(demo, "keeps running")
        yield Kept(to_interrupt, to_kill)


@pytest.mark.parametrize("moment", ["starting a fleet", "running monthly"])
def test_ctrl_c_stops_the_demo_within_two_seconds(tmp_path: Path, moment: str) -> None:
    with started("monthly", "--keep", output=tmp_path) as demo:
        read_until(demo, moment)
        if moment == "starting a fleet":
            wait_for(lambda: descendants(demo.pid))

        assert_ends_on_ctrl_c(demo)


def test_ctrl_c_stops_a_demo_that_keeps_running_within_two_seconds(kept: Kept) -> None:
    assert_ends_on_ctrl_c(kept.to_interrupt)


def test_a_demo_that_is_killed_leaves_no_process_behind(kept: Kept) -> None:
    children = descendants(kept.to_kill.pid)
    names = {child.name() for child in children}
    kept.to_kill.kill()
    kept.to_kill.wait(PATIENCE)

    assert {"prometheus"} <= names
    assert any("alertmanager" in name for name in names)
    assert alive(children, within=10) == []


def assert_ends_on_ctrl_c(demo: subprocess.Popen[str]) -> None:
    """Ctrl-C in its terminal ends it within two seconds, and every process below it."""
    children = descendants(demo.pid)
    began = time.monotonic()
    os.killpg(demo.pid, signal.SIGINT)
    code = demo.wait(PATIENCE)

    assert (code, time.monotonic() - began < 2) == (130, True)
    assert alive(children) == []


def descendants(pid: int) -> list[psutil.Process]:
    """The processes below a process."""
    return psutil.Process(pid).children(recursive=True)


def alive(processes: Sequence[psutil.Process], *, within: float = 0.2) -> list[psutil.Process]:
    """Those that still run after so many seconds; one that only waits to be reaped by its parent does not."""
    _, left = psutil.wait_procs(processes, timeout=within)
    return [process for process in left if process.status() != psutil.STATUS_ZOMBIE]


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
