"""`maintainer demo` as a newcomer runs it: all jobs, a page that leads to their reports, and their messages."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote, urlsplit

import psutil
import pytest

from maintainer.model.report import DemoJob
from maintainer.sandbox.fleet import expected, read_fleet
from tests.render.valid import problems, valid_json
from tests.scenarios.demos import COMMAND, started
from tests.scenarios.test_demo import found as found_by_audit
from tests.scenarios.test_demo_quarterly import PLANTED as PLANTED_ALERTS
from tests.scenarios.test_demo_reconcile import NOT_OURS, PLANTED
from tests.scenarios.test_demo_reconcile import found as found_drift
from tests.scenarios.test_demo_semiannual import PLANTED as OF_STORAGE

pytestmark = pytest.mark.extended

PATIENCE = 240
REPORTS = {
    "monthly": ("monthly",),
    "quarterly": ("quarterly",),
    "semiannual": ("semiannual",),
    "reconcile": ("reconcile/before", "reconcile/after"),
}
"""The folders of the reports of each job."""


@dataclass(frozen=True, slots=True)
class Done:
    """A demo that is over, and its folder."""

    process: subprocess.CompletedProcess[str]
    folder: Path

    def report(self, name: str) -> dict[str, Any]:
        """The only JSON report in a folder."""
        (file,) = (self.folder / name).glob("*-sandbox-*.json")
        made: dict[str, Any] = json.loads(valid_json(file.read_text("utf-8")))
        assert problems(made) == []
        return made


class Links(HTMLParser):
    """The links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs)["href"] or "")


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Future[Done], Future[Done]]]:
    """One after the other: each keeps a machine with two cores busy."""
    folder = tmp_path_factory.mktemp("years")
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run, within=folder / "faults"), pool.submit(run, "--healthy", within=folder / "healthy")


@pytest.fixture
def year(demos: tuple[Future[Done], Future[Done]]) -> Done:
    return demos[0].result()


@pytest.fixture
def healthy(demos: tuple[Future[Done], Future[Done]]) -> Done:
    return demos[1].result()


def run(*words: str, within: Path) -> Done:
    within.mkdir()
    command = [COMMAND, "demo", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=within)
    assert done.returncode == 0, done.stderr
    return Done(done, within / "reports" / "demo" / "year")


def found(report: dict[str, Any]) -> list[tuple[str, str]]:
    """The check and the names of the subjects of each finding."""
    return [
        (finding["check"], ", ".join(subject["name"] for subject in finding["subjects"]))
        for finding in report["findings"]
    ]


def test_every_planted_fault_of_every_job_is_in_its_report_and_nothing_else(year: Done) -> None:
    assert REPORTS.keys() == {*get_args(DemoJob)}
    targets = {"argo-rollouts": "HERE", "kubernetes-pods": "HERE"}
    assert found_by_audit(year.report("monthly")) == expected(read_fleet(), targets)
    assert found_by_audit(year.report("semiannual")) == {*OF_STORAGE.values()}
    assert sorted(found(year.report("quarterly"))) == sorted(
        (check, alerts) for alerts, _, checks in PLANTED_ALERTS.values() for check in checks
    )
    assert found_drift(year.report("reconcile/before")) == PLANTED
    assert found_drift(year.report("reconcile/after")) == NOT_OURS
    assert [gap for names in REPORTS.values() for name in names for gap in year.report(name)["gaps"]] == []


def test_without_faults_every_job_is_fine(healthy: Done) -> None:
    reports = [healthy.report(name) for names in REPORTS.values() for name in names]

    assert {report["verdict"] for report in reports} == {"ok"}
    assert [report["findings"] or report["gaps"] for report in reports if report["findings"] or report["gaps"]] == []


def test_the_page_leads_to_a_page_of_each_report_and_to_the_messages(year: Done) -> None:
    links = Links((year.folder / "index.html").read_text("utf-8")).found
    folders = [str(Path(link).parent) for link in links]

    assert folders == [*(name for names in REPORTS.values() for name in names), "."]
    assert all((year.folder / unquote(link)).is_file() for link in links)
    assert links[-1] == "slack.html"


def test_the_page_of_messages_has_one_of_each_job(year: Done) -> None:
    files = re.findall(r"<bdi>(\w+)-sandbox-[\d-]+\.html</bdi>", (year.folder / "slack.html").read_text("utf-8"))

    assert sorted(files) == sorted(get_args(DemoJob))


def test_the_end_says_each_verdict_the_page_and_what_to_type_next(year: Done) -> None:
    *verdicts, nothing, page, following = year.process.stdout.strip().splitlines()

    assert verdicts[0] == "Monthly audit: 4 of 5 alerts are broken, 7 of 8 panels mislead"
    assert len(verdicts) == sum(map(len, REPORTS.values()))
    assert nothing == ""
    url = page.removeprefix("All reports, and the messages in Slack: ")
    assert Path(unquote(urlsplit(url).path)) == year.folder / "index.html"
    assert re.fullmatch(r"Next, for the cluster of your kubeconfig: \S*maintainer init", following)


def test_ctrl_c_ends_all_demos_within_three_seconds(tmp_path: Path) -> None:
    with started("-v", output=tmp_path) as demo:
        children: list[psutil.Process] = []
        while not any("prometheus" in child.name() for child in children) and demo.poll() is None:
            children = psutil.Process(demo.pid).children(recursive=True)
            time.sleep(0.1)
        os.killpg(demo.pid, signal.SIGINT)
        began = time.monotonic()
        code = demo.wait(PATIENCE)

    assert (code, time.monotonic() - began < 3) == (130, True)
    assert psutil.wait_procs(children, timeout=10)[1] == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--keep",), "about one job"),
        (("--month",), "about one job"),
        (("--check", "storage/*"), "about one job"),
        (("--output", "-"), "name a job"),
        (("--format", "md"), "name a job"),
    ],
)
def test_what_makes_sense_for_one_job_only_is_refused(words: tuple[str, ...], why: str, tmp_path: Path) -> None:
    done = subprocess.run([COMMAND, "demo", *words], capture_output=True, text=True, check=False, cwd=tmp_path)

    assert (done.returncode, done.stdout, why in done.stderr) == (2, "", True), done.stderr
