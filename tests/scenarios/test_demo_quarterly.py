"""`maintainer demo quarterly` as a user runs it: each planted thing is found, with its verdict, and nothing else is."""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.render.promtool_said import said_of
from tests.render.valid import problems, valid_json
from tests.scenarios.demos import COMMAND
from tests.scenarios.quarters import table
from tests.scenarios.test_quarterly import jq_lines

pytestmark = pytest.mark.extended

PLANTED = {
    "a transient": ("RolloutStuck", "noise", {"alert/transient", "alert/precision", "alert/tuning"}),
    "a nightly scale-in": ("RolloutTimeout", "controller", {"alert/repeating", "alert/precision", "alert/tuning"}),
    "label churn": ("CanaryProbeFailed", "noise", {"alert/precision", "alert/tuning"}),
    "a flapping alert": ("RolloutPodsUnready", "noise", {"alert/flapping"}),
    "a restart of Prometheus": ("RolloutPodsUnready", "undetermined", {"alert/restart-artefact"}),
    "a chronic alert": ("RolloutPaused", "expected", {"alert/chronic"}),
    "a duplicate": ("CheckoutAborted, CheckoutNotDeployed", "handled", {"alert/duplicate"}),
    "a cascade": ("RolloutReplicaMismatch, RolloutStuck", "real", {"alert/cascading"}),
    "a near miss": ("RolloutReplicaMismatch", "", {"alert/near-miss"}),
    "a dead rule": ("RolloutFailed", "", {"alert/dead"}),
    "a threshold out of reach": ("RolloutHighErrorRate", "", {"alert/unreachable"}),
}
"""By what was planted: the alerts, the verdict of episodes of each of them, and the checks that find it."""

VERDICTS = {
    ("RolloutStuck", "noise"): 14,
    ("RolloutStuck", "real"): 6,
    ("RolloutTimeout", "real"): 6,
    ("RolloutReplicaMismatch", "real"): 6,
    ("CanaryProbeFailed", "noise"): 24,
    ("CanaryProbeFailed", "real"): 9,
    ("RolloutPodsUnready", "noise"): 12,
    ("RolloutPodsUnready", "undetermined"): 1,
    ("RolloutPaused", "expected"): 1,
    ("CheckoutAborted", "handled"): 6,
    ("CheckoutNotDeployed", "handled"): 6,
}
"""How many episodes fired; the nights are counted by the calendar."""
NIGHTS = range(76, 79)


@dataclass(frozen=True, slots=True)
class Done:
    """A demo that is over, with its JSON report and the folder of all that it wrote."""

    process: "subprocess.CompletedProcess[str]"
    report: dict[str, Any]
    folder: Path


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple["Future[Done]", "Future[Done]"]]:
    """The quarter with all that is planted, and the quiet one."""
    folder = tmp_path_factory.mktemp("quarters")
    with ThreadPoolExecutor(2) as pool:
        yield pool.submit(run, folder / "noisy"), pool.submit(run, folder / "quiet", "--healthy")


def run(folder: Path, *words: str) -> Done:
    command = [COMMAND, "demo", "quarterly", *words, "--output", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    (report,) = folder.glob("quarterly-sandbox-*.json")
    made = json.loads(valid_json(report.read_text("utf-8")))
    assert problems(made) == []
    return Done(done, made, folder)


@pytest.fixture
def noisy(demos: tuple["Future[Done]", "Future[Done]"]) -> Done:
    return demos[0].result()


@pytest.fixture
def quiet(demos: tuple["Future[Done]", "Future[Done]"]) -> Done:
    return demos[1].result()


def test_each_planted_thing_is_found_under_its_check_and_nothing_else(noisy: Done) -> None:
    found = [
        (", ".join(subject["name"] for subject in finding["subjects"]), finding["check"])
        for finding in noisy.report["findings"]
    ]

    assert sorted(found) == sorted((alerts, check) for alerts, _, checks in PLANTED.values() for check in checks)
    assert noisy.report["gaps"] == []


def test_each_episode_has_the_verdict_of_what_was_planted(noisy: Done) -> None:
    episodes = Counter((row[0], row[11]) for row in table(noisy.report, "episodes"))
    nights = episodes.pop(("RolloutTimeout", "controller"))

    assert episodes == VERDICTS
    assert nights in NIGHTS


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_thing_has_its_verdict(planted: str, noisy: Done) -> None:
    alerts, verdict, _ = PLANTED[planted]
    verdicts = {(row[0], row[11]) for row in table(noisy.report, "episodes")}

    assert all((alert, verdict) in verdicts for alert in alerts.split(", ") if verdict)


def test_no_real_incident_is_lost_and_what_nobody_was_paged_for_is_named(noisy: Done) -> None:
    figures = noisy.report["figures"]

    assert (figures["incidents.all"], figures["incidents.caught"], figures["incidents.prevented"]) == (6, 6, 6)
    assert [row[2:4] for row in table(noisy.report, "missed")] == [["a deployment was aborted", "RolloutFailed"]] * 3


def test_of_the_last_advice_one_was_taken_and_one_was_not(noisy: Done) -> None:
    rows = noisy.report["sections"][0]["rows"]

    assert [(row[0], row[2]["text"], row[5]["text"]) for row in rows] == [
        ("RolloutReplicaMismatch", "made", "kept"),
        ("RolloutTimeout", "not made", "cannot be said"),
    ]


def test_all_days_were_seen_and_the_replays_agree(noisy: Done) -> None:
    rested_on = table(noisy.report, "seen")

    assert rested_on[0][1] == "90 of 90"
    same, of = rested_on[1][1].split(" of ")
    assert same == of != "0"


def test_a_quiet_and_correct_quarter_has_no_finding_and_no_advice(quiet: Done) -> None:
    report = quiet.report

    assert (report["verdict"], report["findings"], report["gaps"]) == ("ok", [], [])
    assert (report["figures"]["incidents.all"], report["figures"]["incidents.caught"]) == (3, 3)
    assert {path.suffix for path in quiet.folder.iterdir()} == {".html", ".md", ".json", ".csv", ".yml"}


@pytest.mark.parametrize("which", ["noisy", "quiet"])
def test_each_figure_is_computed_again_by_its_jq_line(which: str, request: pytest.FixtureRequest) -> None:
    document = request.getfixturevalue(which).report
    jq = shutil.which("jq")
    assert jq, "jq is needed: apt-get install jq"
    program = "{" + ", ".join(f"{json.dumps(name)}: ({line})" for name, line in jq_lines()) + "}"
    done = subprocess.run([jq, program], input=json.dumps(document), capture_output=True, text=True, check=True)

    told = {name: value for name, value in document["figures"].items() if not name.startswith(("prometheus", "kubern"))}
    assert json.loads(done.stdout) == told


def test_promtool_runs_each_test_that_was_written(noisy: Done, tmp_path: Path) -> None:
    tests = sorted(noisy.folder.glob("*.test.yml"))

    assert len(tests) == 3
    for path in tests:
        rules = path.with_name(path.name.replace(".test.yml", ".rules.yml"))
        assert "SUCCESS" in said_of({one.name: one.read_text() for one in (rules, path)}, tmp_path)
