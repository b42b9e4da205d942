"""`maintainer demo` as a user runs it: a process of its own, real HTTP, a real Prometheus."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from maintainer.sandbox.fleet import expected, read_fleet

PATIENCE = 60
COMMAND = str(Path(sys.executable).with_name("maintainer"))


def run(*words: str, output: Path) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """The command's result and the JSON report that it wrote."""
    done = subprocess.run(
        [COMMAND, *words, "--output", str(output)], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    (report,) = output.glob("monthly-*.json")
    return done, json.loads(report.read_text("utf-8"))


def found(report: dict[str, Any]) -> set[tuple[str, str]]:
    """(check, subject) of each finding, without the port that the sandbox happened to get."""
    pairs = ((one["check"], subject) for one in report["findings"] for subject in one["subjects"])
    return {
        (check, re.sub(r"127\.0\.0\.1:\d+", "HERE", "/".join(part for part in subject.values() if part)))
        for check, subject in pairs
    }


def test_the_demo_reports_every_planted_fault_and_nothing_else(tmp_path: Path) -> None:
    done, report = run("demo", output=tmp_path)

    planted = expected(read_fleet(), {"argo-rollouts": "HERE", "kubernetes-pods": "HERE"})
    assert found(report) == planted
    assert (done.returncode, report["verdict"], report["gaps"]) == (0, "findings", [])
    assert {path.suffix for path in tmp_path.iterdir()} == {".html", ".md", ".json"}
    assert "12 things to do" in done.stdout


def test_the_healthy_demo_finds_nothing_and_misses_nothing(tmp_path: Path) -> None:
    done, report = run("demo", "--healthy", output=tmp_path)

    assert (done.returncode, report["verdict"], report["findings"], report["gaps"]) == (0, "ok", [], [])
    assert report["figures"]["rollouts.compared"] + report["figures"]["rollouts.moving"] == len(read_fleet().rollouts)
    assert report["figures"]["rollouts.compared"] > 0.95 * len(read_fleet().rollouts)


def test_a_finding_fails_the_demo_where_that_is_asked_for(tmp_path: Path) -> None:
    with started("--keep", output=tmp_path) as demo:
        environment = shown_environment(demo)
        words = ["run", "monthly", "--output", str(tmp_path / "by hand"), "--fail-on", "error"]
        done = subprocess.run(
            [COMMAND, *words],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

        assert done.returncode == 1, done.stderr
        assert "12 things to do" in done.stdout


@pytest.mark.parametrize("moment", ["starting a fleet", "running monthly", "keeps running"])
def test_ctrl_c_stops_the_demo_within_two_seconds(tmp_path: Path, moment: str) -> None:
    with started("--keep", output=tmp_path) as demo:
        read_until(demo, moment)
        if moment == "starting a fleet":
            wait_for(lambda: descendants(demo.pid))
        children = descendants(demo.pid)
        began = time.monotonic()
        os.killpg(demo.pid, signal.SIGINT)
        code = demo.wait(PATIENCE)

        assert (code, time.monotonic() - began < 2) == (130, True)
        assert alive(children) == []


def test_a_demo_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    with started("--keep", output=tmp_path) as demo:
        read_until(demo, "keeps running")
        children = descendants(demo.pid)
        names = {child.name() for child in children}
        demo.kill()
        demo.wait(PATIENCE)

        assert {"prometheus"} <= names
        assert any("alertmanager" in name for name in names)
        assert alive(children, within=10) == []


@contextmanager
def started(*words: str, output: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo in a process group of its own, as a shell starts it."""
    demo = subprocess.Popen(
        [COMMAND, "demo", *words, "--output", str(output)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield demo
    finally:
        demo.kill()
        demo.wait()
        assert demo.stdout
        demo.stdout.close()


def read_until(demo: subprocess.Popen[str], words: str) -> Sequence[str]:
    """The lines that the demo prints up to the one with these words."""
    assert demo.stdout
    lines = []
    for line in demo.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError(f"{words!r} was never printed:\n{''.join(lines)}")


def shown_environment(demo: subprocess.Popen[str]) -> dict[str, str]:
    """The variables that the demo tells its user to export."""
    lines = read_until(demo, "maintainer run monthly")
    return dict(line.strip().removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))


def descendants(pid: int) -> list[psutil.Process]:
    """The processes below one."""
    return psutil.Process(pid).children(recursive=True)


def alive(processes: Sequence[psutil.Process], *, within: float = 0.2) -> list[psutil.Process]:
    """Those that still run after so many seconds; one that only waits to be reaped by its parent does not."""
    _, left = psutil.wait_procs(processes, timeout=within)
    return [one for one in left if one.status() != psutil.STATUS_ZOMBIE]


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
