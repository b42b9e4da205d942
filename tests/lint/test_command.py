"""``maintainer lint`` as a user types it: what it prints, what it writes, how it exits."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.servers.commands import command

COMMAND = Path(sys.executable).with_name("maintainer")
ROOT = Path(__file__).parents[2]
RULES = """\
groups:
  - name: rollouts   # the guide's
    rules:
      - alert: RolloutFailed
        expr: rollout_info{phase="Degraded"} == 1   # five minutes
        for: 5m
      - alert: Fine
        expr: rollout_info{phase="Error"} == 1
"""
LIBRARY = '{"title": "D", "panels": [{"title": "P", "libraryPanel": {"uid": "u", "name": "L"}}]}'


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


def lint(*args: str, cwd: Path, stdin: str = "", **environ: str) -> Ended:
    whole = {"PATH": os.environ["PATH"], "HOME": str(cwd), **environ}
    ran = command("lint", *args, folder=cwd, environ=whole, stdin=stdin)
    assert "Traceback" not in ran.stderr
    return Ended(ran.returncode, ran.stdout, ran.stderr)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES)
    return tmp_path


def test_an_error_is_said_with_its_line_and_fails(folder: Path) -> None:
    ended = lint("rules.yml", cwd=folder)
    assert ended.code == 1
    assert ended.out.startswith("rules.yml:5: error query/dead-selector: RolloutFailed: ")
    assert ended.out.endswith("\n1 error in 2 queries of 1 file.\n")
    assert ended.err == ""


def test_with_never_it_does_not_fail(folder: Path) -> None:
    assert lint("--fail-on", "never", "rules.yml", cwd=folder).code == 0


def test_a_folder_and_stdin_are_read(folder: Path) -> None:
    (folder / "more").mkdir()
    shutil.copy(folder / "rules.yml", folder / "more" / "a.yaml")
    ended = lint("-", "more", cwd=folder, stdin=RULES)
    assert (ended.code, [line.split(": ")[0] for line in ended.out.splitlines() if ": error " in line]) == (
        1,
        ["more/a.yaml:5", "stdin:5"],
    )


def test_nothing_of_ours_is_fine(folder: Path) -> None:
    (folder / "rules.yml").write_text("groups:\n- name: a\n  rules:\n  - {alert: Down, expr: up == 0}\n")
    (folder / "values.yaml").write_text("replicas: 2\n")
    ended = lint(".", cwd=folder)
    assert (ended.code, ended.out) == (0, "Nothing to correct in 1 query of 2 files.\n")


def test_what_was_not_checked_is_incomplete(folder: Path) -> None:
    (folder / "board.json").write_text(LIBRARY)
    ended = lint("board.json", cwd=folder)
    assert ended.code == 3
    assert "the library panel L is stored in Grafana" in ended.out
    assert lint("board.json", "rules.yml", cwd=folder).code == 1
    assert lint("--fail-on", "never", "board.json", "rules.yml", cwd=folder).code == 3


def test_a_file_that_cannot_be_read_does_not_hide_the_others(folder: Path) -> None:
    (folder / "broken.yml").write_text("groups:\n- rules: [\n")
    ended = lint("nowhere.yml", "broken.yml", "rules.yml", cwd=folder)
    assert ended.code == 2
    assert "rules.yml:5: error" in ended.out
    assert [line.split(": ")[:2] for line in ended.err.splitlines()] == [
        ["maintainer", "cannot read nowhere.yml"],
        ["maintainer", "broken.yml:3"],
    ]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["--controller", "1.x", "rules.yml"], "write it as 1.9 or v1.9.2"),
        (["--format", "xml", "rules.yml"], "'sarif', not 'xml'"),
        (["--fail-on", "info", "rules.yml"], "'never', not 'info'"),
        (["--fix", "-"], "it cannot correct stdin"),
        ([], "FILE… is missing"),
    ],
)
def test_wrong_usage_says_what_is_right(folder: Path, args: list[str], error: str) -> None:
    ended = lint(*args, cwd=folder)
    assert (ended.code, ended.out) == (2, "")
    assert error in ended.err


@pytest.mark.parametrize("version", ["1.9", "v1.9.2", "1.8.0-rc1"])
def test_a_controller_is_named_by_its_version(folder: Path, version: str) -> None:
    assert lint("--controller", version, "rules.yml", cwd=folder).code == 1


def test_the_formats_for_machines_hold_nothing_else(folder: Path) -> None:
    assert json.loads(lint("--format", "json", "rules.yml", cwd=folder).out)["counts"]["error"] == 1
    github = lint("--format", "github", "rules.yml", cwd=folder).out
    assert github.startswith("::error file=rules.yml,line=5,title=query/dead-selector RolloutFailed::")
    docs = {"MAINTAINER_REPORTS_DOCS_URL": "https://docs.example.com"}
    sarif = json.loads(lint("--format", "sarif", "rules.yml", cwd=folder, **docs).out)
    (rule,) = sarif["runs"][0]["tool"]["driver"]["rules"]
    assert rule["helpUri"] == "https://docs.example.com/checks/query/dead-selector.md"


def test_fix_writes_the_correction_prints_the_difference_and_fails_for_nothing(folder: Path) -> None:
    ended = lint("--fix", "rules.yml", cwd=folder)
    assert ended.code == 0
    after = (folder / "rules.yml").read_text()
    lines = [(old, new) for old, new in zip(RULES.split("\n"), after.split("\n"), strict=True) if old != new]
    ((old, new),) = lines
    assert new.startswith("        expr: rollout_info{phase=")
    assert new.endswith("} == 1   # five minutes")
    assert ended.out.startswith("--- rules.yml\n+++ rules.yml\n@@")
    assert f"\n-{old}\n+{new}\n" in ended.out
    assert ended.out.endswith("\n1 corrected, 0 left in 2 queries of 1 file.\n")
    assert lint("--fix", "rules.yml", cwd=folder).out == "Nothing to correct in 2 queries of 1 file.\n"


def test_fix_leaves_stdout_to_the_format(folder: Path) -> None:
    ended = lint("--fix", "--format", "json", "rules.yml", cwd=folder)
    assert json.loads(ended.out)["remarks"] == []
    assert ended.err.startswith("--- rules.yml\n")


def test_no_sdk_is_imported() -> None:
    code = (
        "import maintainer.jobs.lint, maintainer.analyse.queries.lint, maintainer.render.lint, sys; print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"kubernetes", "prometheus_api_client", "requests", "slack_sdk", "pydantic"}.isdisjoint(loaded)


def test_the_hook_of_pre_commit_runs_this_command() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["id"] == "maintainer-lint"
    assert hook["entry"] == "maintainer lint"
    assert set(hook["types_or"]) == {"yaml", "json"}
