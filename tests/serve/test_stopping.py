"""A process that keeps the calendar, and gets a signal or is suspended: real processes, with stand-ins for the jobs."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import Timer

import pytest

pytestmark = pytest.mark.extended

ROOT = Path(__file__).parents[2]
Process = subprocess.Popen[str]
Start = Callable[[str], Process]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the stand-in, and waits until it runs."""
    with ExitStack() as started:

        def call(kind: str) -> Process:
            words = [sys.executable, "-m", "tests.serve.stand_in", kind]
            process = started.enter_context(subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT))
            started.callback(process.kill)
            # A line that does not come is a test that fails, and not one that waits for ever.
            late = Timer(90, process.kill)
            late.start()
            started.callback(late.cancel)
            assert next_line(process) == "run"
            return process

        yield call


def next_line(process: Process) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def ended(process: Process, *signals: int) -> tuple[int, list[str], float]:
    """The exit code, the lines that were left, and the seconds from the first signal to the end."""
    began = time.monotonic()
    for number in signals:
        process.send_signal(number)
        time.sleep(0.2)
    assert process.stdout
    left = process.stdout.read().split("\n")[:-1]
    return process.wait(60), left, time.monotonic() - began


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_process_ends_at_once(start: Start, number: int) -> None:
    process = start("idle")
    assert next_line(process) == "ran"

    code, left, seconds = ended(process, number)
    assert (code, left) == (0, ["end"])
    assert seconds < 9


def test_a_wait_ends_at_once(start: Start) -> None:
    code, left, seconds = ended(start("sleep"), signal.SIGTERM)
    assert (code, left) == (0, ["end"])
    assert seconds < 9


def test_a_step_is_finished_and_no_other_is_begun(start: Start) -> None:
    assert ended(start("step"), signal.SIGTERM)[:2] == (0, ["step done", "end"])


def test_what_does_not_end_by_itself_is_interrupted_and_then_cut_off_within_20_seconds(start: Start) -> None:
    hanging, stuck = start("hang"), start("stuck")
    stuck.send_signal(signal.SIGTERM)
    began = time.monotonic()

    code, left, seconds = ended(hanging, signal.SIGTERM)
    assert (code, left) == (0, ["end"])
    assert 9 < seconds < 20
    assert stuck.wait(60) == 130
    assert 9 < time.monotonic() - began < 20


def test_who_asks_again_does_not_wait(start: Start) -> None:
    code, left, seconds = ended(start("hang"), signal.SIGINT, signal.SIGINT)
    assert (code, left) == (0, ["end"])
    assert seconds < 9
    assert ended(start("stuck"), signal.SIGINT, signal.SIGINT, signal.SIGINT)[0] == 130


def test_a_time_of_the_calendar_that_a_suspended_process_missed_is_made_up_for(start: Start) -> None:
    process = start("idle")
    assert next_line(process) == "ran"
    process.send_signal(signal.SIGSTOP)
    time.sleep(5)
    process.send_signal(signal.SIGCONT)

    assert (next_line(process), next_line(process)) == ("run", "ran")
    assert ended(process, signal.SIGTERM)[:2] == (0, ["end"])
