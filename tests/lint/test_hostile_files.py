"""``maintainer lint`` on what is no ordinary file: it ends, and says what it could not read."""

import json
import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from tests.lint.test_command import RULES, lint

pytestmark = pytest.mark.extended

REMARK = "error query/dead-selector: RolloutFailed: "


def test_a_folder_of_all_that_is_no_file_ends_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES)
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "loop.json").symlink_to("loop.json")
    (tmp_path / "up").symlink_to(".")
    with (tmp_path / "sparse.yml").open("wb") as file:
        file.truncate(1 << 40)
    ended = lint(".", cwd=tmp_path)
    assert ended.code == 2
    assert ended.out.startswith(f"./rules.yml:5: {REMARK}")
    assert ended.err.splitlines() == [
        "maintainer: cannot read ./loop.json: Too many levels of symbolic links",
        "maintainer: cannot read ./pipe.yml: it is a pipe, not a file",
        "maintainer: cannot read ./sparse.yml: it is larger than 5 MiB, the most that is read",
        "maintainer: cannot read ./zero.yaml: it is a device, not a file",
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", '"" names no file'),
        ("a" * 300 + ".yml", "File name too long"),
        ("a" * 300, "File name too long"),
        ("/dev/zero", "it is a device, not a file"),
    ],
)
def test_a_name_that_leads_to_no_file_is_said(tmp_path: Path, name: str, why: str) -> None:
    ended = lint(name, cwd=tmp_path)
    assert ended.code == 2
    assert why in ended.err


def test_capital_suffixes_are_read_and_corrected(tmp_path: Path) -> None:
    for name in ("A.YAML", "B.Yml"):
        (tmp_path / name).write_text(RULES)
    (tmp_path / "C.JSON").write_text(json.dumps({"expr": 'rollout_info{phase="Degraded"}'}))
    assert lint(".", cwd=tmp_path).out.endswith("\n3 errors in 5 queries of 3 files.\n")
    assert lint("--fix", ".", cwd=tmp_path).code == 0


def test_a_link_to_a_folder_elsewhere_is_no_pass(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "rules.yml").write_text(RULES)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "shared").symlink_to("../shared")
    ended = lint("own", cwd=tmp_path)
    assert ended.code == 3
    assert ended.out.startswith("own/shared:1: info query/not-checked: shared: this is a link to another folder")
    assert lint("own/shared", cwd=tmp_path).code == 1


def test_a_name_that_is_not_utf8_is_said_in_every_format(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff\x1b[31m.yml")).write_text(RULES)
    formats = {name: lint("--format", name, ".", cwd=tmp_path) for name in ("text", "json", "github", "sarif")}
    assert {(ended.code, ended.err) for ended in formats.values()} == {(1, "")}
    assert formats["text"].out.startswith(f"./\ufffd␛[31m.yml:5: {REMARK}")
    assert formats["github"].out.startswith("::error file=./\ufffd␛[31m.yml,line=5,")
    assert json.loads(formats["json"].out)["remarks"][0]["file"] == "./\ufffd\x1b[31m.yml"
    (result,) = json.loads(formats["sarif"].out)["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote_to_bytes(uri) == b"\xff\x1b[31m.yml"


def test_a_pipe_of_the_shell_is_read(tmp_path: Path) -> None:
    assert lint("/dev/stdin", cwd=tmp_path, stdin=RULES).out.startswith(f"/dev/stdin:5: {REMARK}")


def test_fix_writes_nothing_where_one_file_is_read_only(tmp_path: Path) -> None:
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text(RULES)
    (tmp_path / "b.yml").chmod(0o444)
    ended = lint("--fix", ".", cwd=tmp_path)
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith("maintainer: cannot correct ./b.yml: it is read-only") or "denied" in ended.err
    assert {(tmp_path / name).read_text() for name in ("a.yml", "b.yml")} == {RULES}


def test_fix_corrects_a_file_with_several_names_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(RULES)
    (tmp_path / "hard.yml").hardlink_to(tmp_path / "a.yml")
    (tmp_path / "soft.yml").symlink_to("a.yml")
    assert lint("--fix", ".", cwd=tmp_path).code == 0
    assert (tmp_path / "hard.yml").samefile(tmp_path / "a.yml")
    assert lint(".", cwd=tmp_path).code == 0
