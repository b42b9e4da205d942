"""Every form in which queries of the controller stand: judged with file and line, or said to be unread."""

import json
import shutil
from pathlib import Path

import pytest

from tests.lint.test_command import Ended, lint

CASES = Path(__file__).with_name("cases")
DEAD = 'phase="Degraded"'
ALIVE = 'phase=~"Timeout|Error|Abort|InvalidSpec"'


def lint_case(name: str, folder: Path, *args: str) -> Ended:
    shutil.copy(CASES / name, folder)
    return lint(*args, name, cwd=folder)


@pytest.mark.parametrize(
    ("name", "line", "subject"),
    [
        ("vmrule.yaml", 8, "RolloutBroken"),
        ("helm-values-server-files.yaml", 7, "RolloutBroken"),
        ("application-values-text.yaml", 14, "RolloutBroken"),
        ("grafana-alert-provisioning.yaml", 14, "Rollout broken"),
        ("analysis-template.yaml", 10, "broken-neighbours"),
        ("panel-victoriametrics.json", 2, "Delivery / Healthy"),
        ("bare-rules.yaml", 2, "RolloutBroken"),
    ],
)
def test_a_query_of_any_form_is_judged_and_corrected_in_place(
    tmp_path: Path, name: str, line: int, subject: str
) -> None:
    ended = lint_case(name, tmp_path)
    assert ended.code == 1
    assert ended.out.startswith(f"{name}:{line}: error query/dead-selector: {subject}: ")
    assert ended.out.endswith("\n1 error in 1 query of 1 file.\n")
    before = (tmp_path / name).read_text()
    assert lint("--fix", name, cwd=tmp_path).code == 0
    right = {"panel-victoriametrics.json": ('phase=\\"Healthy\\"', 'phase=\\"Completed\\"')}.get(name, (DEAD, ALIVE))
    assert (tmp_path / name).read_text() == before.replace(*right)


def test_terraform_that_names_a_metric_is_said_to_be_unread(tmp_path: Path) -> None:
    ended = lint_case("rules.tf", tmp_path)
    assert ended.code == 3
    assert ended.out == (
        "rules.tf:3: info query/not-checked: rules.tf: the file names rollout_info and is not YAML or JSON, "
        "so its queries are not read\nThere is no query in 1 file; 1 was not checked.\n"
    )


def test_a_template_of_other_metrics_is_of_no_interest(tmp_path: Path) -> None:
    assert lint_case("unrelated-template.yaml", tmp_path) == Ended(0, "There is no query in 1 file.\n", "")


def test_all_cases_in_a_folder_are_found(tmp_path: Path) -> None:
    shutil.copytree(CASES, tmp_path / "cases")
    said = json.loads(lint("--format", "json", "cases", cwd=tmp_path).out)
    found = {Path(each["file"]).name for each in (*said["remarks"], *said["unchecked"])}
    assert found == {file.name for file in CASES.iterdir()} - {"unrelated-template.yaml"}


def test_a_folder_with_nothing_to_read_is_not_right(tmp_path: Path) -> None:
    (tmp_path / "empty" / ".hidden").mkdir(parents=True)
    (tmp_path / "empty" / "notes.txt").write_text("none of ours")
    ended = lint("empty", cwd=tmp_path)
    assert (ended.code, ended.err) == (3, "")
    assert ended.out.startswith("empty:1: info query/not-checked: empty: there is nothing to read in this folder")
    assert ended.out.endswith("\nNo file was read; 1 was not checked.\n")
    (tmp_path / "empty" / "values.yaml").write_text("replicas: 2\n")
    assert lint("empty", cwd=tmp_path) == Ended(0, "There is no query in 1 file.\n", "")
