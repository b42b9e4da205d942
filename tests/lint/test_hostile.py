"""Files that were made to hang, kill or mislead the reader: each ends in its verdict, and costs no other file its own.

They are read in one run with a limit on its memory, which a reader that follows them does not keep.
"""

import json
import resource
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.lint.test_command import COMMAND

CASES = Path(__file__).with_name("hostile")
DEAD = 'rollout_info{phase="Degraded"} == 1'
MOST_MEMORY = 500 * 1024 * 1024
"""Bytes of addresses that the run may have."""
BACKSTOP = 120
"""Seconds of CPU after which a run that hangs is ended."""


def rules(*queries: str) -> str:
    """A file of rules, an alert for each query."""
    alerts = [{"alert": f"A{number}", "expr": query} for number, query in enumerate(queries)]
    return json.dumps({"groups": [{"name": "g", "rules": alerts}]})


MADE = {
    "operands.yaml": rules("rollout_info" + "+1" * 4_600, DEAD),
    "or.yaml": rules(" or ".join([DEAD] * 1_400), DEAD),
    "parentheses.yaml": rules("(" * 20_000 + DEAD + ")" * 20_000, DEAD),
    "minus.yaml": rules("-" * 20_000 + DEAD, DEAD),
    "repeats.yaml": rules('rollout_info{phase=~"(.{1,900}){1,900}x"}', 'rollout_info{phase=~"(?=x)"}', DEAD),
    "quotes.yaml": rules("rollout_info{" + '"\\' * 30_000, "rollout_info" + "${a" * 30_000, DEAD),
    "brackets.yaml": "groups: " + "[" * 100_000,
    "brackets.json": '{"a":' * 100_000,
}


def limited() -> None:
    """Keep this process within its memory and time."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (BACKSTOP, BACKSTOP))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> "subprocess.CompletedProcess[str]":
    """A run over all of them."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(CASES, folder, dirs_exist_ok=True)
    for name, text in MADE.items():
        (folder / name).write_text(text)
    command = [str(COMMAND), "lint", "--format", "json", *sorted(path.name for path in folder.iterdir())]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=600, check=False, preexec_fn=limited
    )


def said_of(run: "subprocess.CompletedProcess[str]", name: str) -> list[tuple[str, str]]:
    """The checks and severities of the remarks on a file."""
    found: list[dict[str, Any]] = json.loads(run.stdout)["remarks"]
    return [(remark["check"], remark["severity"]) for remark in found if remark["file"] == name]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("redos-regex.yaml", [("query/dead-selector", "error")]),
        ("redos-comment.yaml", [("query/not-checked", "info")]),
        ("nhcb.yaml", [("query/unknown-metric", "info")]),
        ("unknown-label-empty-regex.yaml", []),
        ("surrogate-dashboard.json", [("query/dead-selector", "error")]),
        ("regex-name-silent.yaml", [("query/dead-selector", "error")]),
        ("operands.yaml", [("query/not-checked", "info"), ("query/dead-selector", "error")]),
        ("or.yaml", [("query/not-checked", "info"), ("query/dead-selector", "error")]),
        ("parentheses.yaml", [("query/not-checked", "info"), ("query/dead-selector", "error")]),
        ("minus.yaml", [("query/not-checked", "info"), ("query/dead-selector", "error")]),
        ("repeats.yaml", [*[("query/not-checked", "info")] * 2, ("query/dead-selector", "error")]),
        ("quotes.yaml", [*[("query/not-checked", "info")] * 2, ("query/dead-selector", "error")]),
    ],
)
def test_a_hostile_query_costs_itself_and_no_other(
    run: "subprocess.CompletedProcess[str]", name: str, expected: list[tuple[str, str]]
) -> None:
    assert said_of(run, name) == expected


@pytest.mark.parametrize(
    ("name", "line", "problem"),
    [
        ("alias-list-self.yaml", 3, "aliases nested too deep"),
        ("laughs.yaml", 7, "aliases nested too deep"),
        ("brackets.yaml", 1, "nested too deeply"),
        ("brackets.json", 1, "not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_with_its_line(
    run: "subprocess.CompletedProcess[str]", name: str, line: int, problem: str
) -> None:
    (said,) = [text for text in run.stderr.splitlines() if text.startswith(f"maintainer: {name}:{line}: ")]
    assert problem in said


def test_the_run_ends_as_with_any_file_that_cannot_be_read(run: "subprocess.CompletedProcess[str]") -> None:
    assert (run.returncode, "Traceback" in run.stderr) == (2, False)


def test_the_title_of_a_dashboard_is_shown_without_half_a_surrogate(run: "subprocess.CompletedProcess[str]") -> None:
    (remark,) = [found for found in json.loads(run.stdout)["remarks"] if found["file"] == "surrogate-dashboard.json"]
    assert remark["name"] == "\N{REPLACEMENT CHARACTER} / x"
