"""Output that nobody reads or that no disk holds: it costs no report and changes no exit code."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

COMMAND = str(Path(sys.executable).with_name("maintainer"))
NEVER_MATCHES = "groups: [{name: a, rules: [{alert: A, expr: 'rollout_info{phase=\"Degraded\"} > 0'}]}]"
RUN = ["run", "monthly", "--prometheus-url", "http://127.0.0.1:9"]
FILES = {"monthly.html", "monthly.md", "monthly.json"}

ENDS = [
    pytest.param(["--help"], 0, id="help"),
    pytest.param(["explain"], 0, id="explain"),
    pytest.param(["lint", "rules.yml"], 1, id="lint"),
    pytest.param([*RUN, "--output", "out"], 3, id="run"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(NEVER_MATCHES, "utf-8")
    return tmp_path


def command(words: list[str], folder: Path, **streams: Any) -> tuple[int, str, str]:
    """The exit code, and what was written to stdout and stderr where these are not among ``streams``."""
    usual = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(
        [COMMAND, *words], **(usual | streams), env=environ, text=True, timeout=120, check=False, cwd=folder
    )
    return done.returncode, done.stdout or "", done.stderr or ""


@contextmanager
def nobody_reads() -> Iterator[int]:
    """The writing end of a pipe without a reader."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield writer
    finally:
        os.close(writer)


def written(folder: Path) -> set[str]:
    """The kinds of reports in the folder ``out``."""
    return {f"{file.name.partition('-')[0]}{file.suffix}" for file in (folder / "out").glob("monthly-*")}


@pytest.mark.parametrize(("words", "code"), ENDS)
def test_a_reader_that_went_away_changes_no_exit_code(words: list[str], code: int, folder: Path) -> None:
    with nobody_reads() as pipe:
        ended, _, said = command(words, folder, stdout=pipe)

    assert ended == code
    assert "Exception ignored" not in said
    assert "stdout" not in said
    assert code != 3 or written(folder) == FILES


@pytest.mark.parametrize(("words", "code"), [ENDS[0], ENDS[2], ENDS[3]])
def test_a_full_disk_behind_stdout_changes_no_exit_code_and_is_said(words: list[str], code: int, folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended, _, said = command(words, folder, stdout=full)

    assert ended == code
    assert said.endswith("maintainer: cannot write to stdout (No space left on device)\n")
    assert code != 3 or written(folder) == FILES


def test_a_stderr_that_cannot_be_written_costs_no_report(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        code, out, _ = command([*RUN, "--output", "out"], folder, stderr=full)

    assert code == 3
    assert written(folder) == FILES
    assert "out/monthly" in out


def test_wrong_usage_exits_with_2_also_if_nobody_reads_why(folder: Path) -> None:
    with nobody_reads() as pipe:
        assert command(["lint", "none.yml"], folder, stderr=pipe)[0] == 2


def test_a_report_for_stdout_that_cannot_be_written_is_not_delivered(folder: Path) -> None:
    words = [*RUN, "--output", "-", "--format", "json"]
    with Path("/dev/full").open("w") as full:
        code, _, said = command(words, folder, stdout=full)

    assert code == 4
    assert "cannot write to stdout (No space left on device)" in said


def test_a_reader_of_the_report_that_has_read_enough_is_no_failure(folder: Path) -> None:
    with nobody_reads() as pipe:
        code, _, said = command([*RUN, "--output", "-", "--format", "json"], folder, stdout=pipe)

    assert code == 3
    assert "stdout" not in said


def test_streams_that_were_closed_before_the_start_get_nobody_elses_text(folder: Path) -> None:
    script = f'exec "{COMMAND}" {" ".join(RUN)} --output out >&- 2>&-'
    done = subprocess.run(["/bin/sh", "-c", script], cwd=folder, env={"HOME": str(folder)}, timeout=120, check=False)

    assert done.returncode == 3
    assert written(folder) == FILES
    assert all("maintainer: " not in file.read_text("utf-8") for file in (folder / "out").glob("*"))


def test_a_pipe_that_does_not_wait_gets_everything(folder: Path) -> None:
    script = (
        "import os, sys, threading, time\n"
        "from maintainer import streams\n"
        "reader, writer = os.pipe()\n"
        "os.set_blocking(writer, False)\n"
        "os.dup2(writer, 1)\n"
        "os.close(writer)\n"
        "read = []\n"
        "def slowly():\n"
        "    while len(read) < 500_000:\n"
        "        read.extend(os.read(reader, 50_000))\n"
        "thread = threading.Thread(target=slowly)\n"
        "thread.start()\n"
        "streams.open_streams()\n"
        "print('x' * 500_000, end='', flush=True)\n"
        "thread.join()\n"
        "sys.exit(0 if streams.failure(sys.stdout) == '' else 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 0


def test_a_letter_that_the_terminal_does_not_know_costs_no_report(folder: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([COMMAND, "explain"], env=environ, capture_output=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "words",
    [
        ["lint", "\x1b]0;title\x07.yml"],
        ["lint", "--\x1b[2J"],
        ["explain", "a\x9b31m\u202e"],
        ["run", "\x1b[31mmonthly"],
        ["run", "monthly", "--config", "\x1b[31m.yaml"],
        ["run", "monthly", "--config", "own.yaml"],
        ["lint", "--fix", "own.yaml"],
    ],
    ids=str,
)
def test_what_an_error_or_a_difference_quotes_does_not_act_on_a_terminal(words: list[str], folder: Path) -> None:
    (folder / "own.yaml").write_text(
        f'"\\e[31m":\n- expr: sum(rollout_info{{phase="Degraded"}}) # {chr(0x85)}{chr(0x9B)}31m\n'
    )
    _, printed, said = command(words, folder)

    assert printed + said
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", printed + said)


def test_a_difference_keeps_the_ends_of_its_lines(folder: Path) -> None:
    (folder / "dos.yaml").write_bytes(b'expr: sum(rollout_info{phase="Degraded"})\r\n')
    done = subprocess.run([COMMAND, "lint", "--fix", "dos.yaml"], cwd=folder, capture_output=True, check=True)

    assert b'-expr: sum(rollout_info{phase="Degraded"})\r\n+expr' in done.stdout
