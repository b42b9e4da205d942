"""`maintainer demo monthly` as a user runs it: a process of its own, real HTTP, a real Prometheus."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from maintainer.sandbox.fleet import expected, read_fleet
from tests.render.valid import problems, valid_json
from tests.scenarios.demos import COMMAND, PATIENCE, read_until, started

pytestmark = pytest.mark.extended


@dataclass(frozen=True, slots=True)
class Done:
    """A command that is over, with its JSON report and where all reports are."""

    process: subprocess.CompletedProcess[str]
    report: dict[str, Any]
    folder: Path


@dataclass(frozen=True, slots=True)
class Demos:
    """The demo as it is, the one of a healthy fleet, and one that keeps running."""

    plain: Future[Done]
    healthy: Future[Done]
    kept: subprocess.Popen[str]


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demos]:
    """Started side by side: most of the time goes to waiting for Prometheus' service discovery."""
    folder = tmp_path_factory.mktemp("demos")
    with started("monthly", "--keep", output=folder / "kept") as kept, ThreadPoolExecutor(2) as pool:
        plain = pool.submit(run, "demo", "monthly", within=folder / "plain")
        healthy = pool.submit(run, "demo", "monthly", "--healthy", within=folder / "healthy")
        yield Demos(plain, healthy, kept)


def run(*words: str, within: Path) -> Done:
    """The result of the command in a folder, and the JSON report that it wrote."""
    within.mkdir()
    done = subprocess.run([COMMAND, *words], capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=within)
    (report,) = within.glob("reports/demo/monthly-sandbox-*.json")
    made = json.loads(valid_json(report.read_text("utf-8")))
    assert problems(made) == []
    return Done(done, made, report.parent)


def found(report: dict[str, Any]) -> set[tuple[str, str]]:
    """(check, subject) of each finding, without the port that the sandbox happened to get."""
    pairs = ((finding["check"], subject) for finding in report["findings"] for subject in finding["subjects"])
    return {
        (check, re.sub(r"127\.0\.0\.1:\d+", "HERE", "/".join(part for part in subject.values() if part)))
        for check, subject in pairs
    }


def shown_environment(demo: subprocess.Popen[str]) -> dict[str, str]:
    """The variables that the demo tells its user to export."""
    lines = read_until(demo, "maintainer run monthly")
    return dict(line.strip().removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))


def test_the_demo_reports_every_planted_fault_and_nothing_else(demos: Demos) -> None:
    done = demos.plain.result()

    planted = expected(read_fleet(), {"argo-rollouts": "HERE", "kubernetes-pods": "HERE"})
    assert found(done.report) == planted
    assert (done.process.returncode, done.report["verdict"], done.report["gaps"]) == (0, "findings", [])
    assert {path.suffix for path in done.folder.iterdir()} == {".html", ".md", ".json"}
    assert "4 of 5 alerts are broken, 7 of 8 panels mislead" in done.process.stdout


def test_the_healthy_demo_finds_nothing_and_misses_nothing(demos: Demos) -> None:
    done = demos.healthy.result()
    report, figures = done.report, done.report["figures"]

    assert (done.process.returncode, report["verdict"], report["findings"], report["gaps"]) == (0, "ok", [], [])
    assert figures["rollouts.compared"] + figures["rollouts.moving"] == len(read_fleet().rollouts)
    assert figures["rollouts.compared"] > 0.95 * len(read_fleet().rollouts)


def test_a_finding_fails_the_demo_where_that_is_asked_for(demos: Demos, tmp_path: Path) -> None:
    done = subprocess.run(
        [COMMAND, "run", "monthly", "--output", str(tmp_path / "by hand"), "--fail-on", "error"],
        env=os.environ | shown_environment(demos.kept),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    assert "4 of 5 alerts are broken, 7 of 8 panels mislead" in done.stdout
