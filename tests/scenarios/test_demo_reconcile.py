"""`maintainer demo reconcile` as a user runs it: what was planted is found, planned, restored and proven."""

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.render.valid import problems, valid_json
from tests.scenarios.demos import COMMAND, PATIENCE

pytestmark = pytest.mark.extended

PLANTED = {
    ("drift/changed", "prometheus-config"),  # an alert that can no longer fire
    ("drift/changed", "argo-rollouts-metrics"),  # the selector of a Service
    ("drift/missing", "prometheus-config"),  # an alert that was deleted
    ("drift/extra", "grafana-dashboard-argo-rollouts"),  # a panel that was added
    ("drift/foreign-owner", "grafana-datasources"),  # what Argo CD keeps as it is
    ("drift/not-loaded", "prometheus-pipeline-rules"),  # a rule that is stored and not loaded
}
NOT_OURS = {("drift/extra", "grafana-dashboard-argo-rollouts"), ("drift/foreign-owner", "grafana-datasources")}


@dataclass(frozen=True, slots=True)
class Done:
    """A demo that is over: what it printed, and its reports before and after the restoring."""

    process: subprocess.CompletedProcess[str]
    before: dict[str, Any]
    after: dict[str, Any]
    folder: Path


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Future[Done], Future[Done]]]:
    folder = tmp_path_factory.mktemp("demos")
    with ThreadPoolExecutor(2) as pool:
        yield pool.submit(run, within=folder / "drifted"), pool.submit(run, "--healthy", within=folder / "healthy")


@pytest.fixture
def drifted(demos: tuple[Future[Done], Future[Done]]) -> Done:
    return demos[0].result()


@pytest.fixture
def healthy(demos: tuple[Future[Done], Future[Done]]) -> Done:
    return demos[1].result()


def run(*words: str, within: Path) -> Done:
    within.mkdir()
    done = demo(*words, within=within)
    folder = within / "reports" / "demo"
    return Done(done, report(folder / "before"), report(folder / "after"), folder)


def demo(*words: str, within: Path) -> subprocess.CompletedProcess[str]:
    command = [COMMAND, "demo", "reconcile", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=within)


def report(folder: Path) -> dict[str, Any]:
    (file,) = folder.glob("reconcile-sandbox-*.json")
    made: dict[str, Any] = json.loads(valid_json(file.read_text("utf-8")))
    assert problems(made) == []
    return made


def found(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {(finding["check"], one["name"]) for finding in report["findings"] for one in finding["subjects"]}


def test_each_planted_thing_is_found_under_its_check_and_nothing_else(drifted: Done) -> None:
    assert found(drifted.before) == PLANTED
    assert drifted.before["gaps"] == []


def test_it_is_said_that_the_edited_alert_can_no_longer_fire_and_who_has_edited_it(drifted: Done) -> None:
    said = [finding["summary"] for finding in drifted.before["findings"] if finding["check"] == "drift/changed"]
    assert any("The alert RolloutFailed can no longer fire" in summary for summary in said)
    assert all("kubectl-edit" in summary for summary in said)


def test_the_plan_names_what_is_restored_and_nothing_that_is_not_ours(drifted: Done) -> None:
    plan = json.loads((drifted.folder / "plan.json").read_text("utf-8"))
    assert [write["object"]["name"] for write in plan["writes"]] == ["argo-rollouts-metrics", "prometheus-config"]


def test_after_the_restoring_only_what_others_keep_is_left(drifted: Done) -> None:
    assert found(drifted.after) == NOT_OURS
    assert drifted.after["gaps"] == []
    assert {one["subject"]["name"] for one in drifted.after["actions"] if one["kind"] == "restored"} == {
        "argo-rollouts-metrics",
        "prometheus-config",
    }


def test_the_second_report_says_in_its_first_line_that_the_cluster_was_changed(drifted: Done) -> None:
    before, after = (next((drifted.folder / name).glob("*.md")).read_text("utf-8") for name in ("before", "after"))
    assert "The cluster was changed" in after.split("\n## ")[0]
    assert "The cluster was changed" not in before


def test_the_end_names_the_plan_and_both_reports(drifted: Done) -> None:
    assert drifted.process.returncode == 0
    end = drifted.process.stdout.rpartition("The plan: ")[2]
    assert end.count("file://") == 2
    assert end.index("/before/reconcile-sandbox") < end.index("/after/reconcile-sandbox")
    assert end.endswith("Next, for the cluster of your kubeconfig: maintainer run reconcile\n")


def test_in_a_healthy_cluster_nothing_differs_and_nothing_is_written(healthy: Done) -> None:
    assert (healthy.process.returncode, found(healthy.before), found(healthy.after)) == (0, set(), set())
    assert healthy.after["actions"] == []
    assert json.loads((healthy.folder / "plan.json").read_text("utf-8"))["writes"] == []
    said = "Nothing differs from what was deployed, and nothing was written to the cluster."
    assert said in healthy.process.stdout


@pytest.mark.parametrize(
    ("words", "why"),
    [(("--month",), "--month is about the job monthly"), (("--output", "-"), "writes two reports")],
)
def test_what_makes_no_sense_for_this_job_is_refused(words: tuple[str, ...], why: str, tmp_path: Path) -> None:
    done = demo(*words, within=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert why in done.stderr
