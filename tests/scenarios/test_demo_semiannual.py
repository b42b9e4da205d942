"""`maintainer demo semiannual`: what is planted in a month of real blocks, and what the review says of it."""

import gzip
import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.storage.own_metrics import own_target, storage_growth, storage_metrics
from maintainer.runner import Outcome, run
from maintainer.sandbox.storage import CAPPED_IN, CLAIM, DAYS, NAMESPACE, UNREAD, Storage, capped_at
from maintainer.sandbox.stored_series import CHURNING
from maintainer.sandbox.world import Plan, World
from maintainer.schedule import run_by_hand
from tests.render.valid import problems, valid_json
from tests.scenarios.demos import COMMAND, PATIENCE
from tests.scenarios.front import Answer, Asked, Front
from tests.scenarios.sampling import gaps, machine_of, settings_of
from tests.scenarios.test_demo import found

pytestmark = pytest.mark.extended

DAY = timedelta(days=1)
STARTED = re.compile(rb"^process_start_time_seconds .*$", re.MULTILINE)

PLANTED = {
    "a size limit that deletes in about 40 days": ("storage/forecast", "Prometheus/storage"),
    "a volume that is too small for the size limit": ("storage/size-cap", "Prometheus/storage"),
    "a family that nothing reads": ("cardinality/top", f"metric/{UNREAD[0]}"),
    "a label with other values each hour": ("cardinality/churn", f"metric/{CHURNING}"),
}
"""By what each planted thing is found: the check and the subject."""


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, dict[str, Any]]]:
    """The reports of the demo with and without its faults, which run side by side."""
    words = {"plain": (), "healthy": ("--healthy",)}
    with ExitStack() as stack:
        running = {
            name: stack.enter_context(_demo(tmp_path_factory.mktemp(name), *options)) for name, options in words.items()
        }
        yield {name: finish() for name, finish in running.items()}


@contextmanager
def _demo(folder: Path, *options: str) -> Iterator[Callable[[], dict[str, Any]]]:
    command = [COMMAND, "demo", "semiannual", *options, "--output", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:

        def finish() -> dict[str, Any]:
            _, err = process.communicate(timeout=2 * PATIENCE)
            assert process.returncode == 0, err
            (report,) = folder.glob("semiannual-sandbox-*.json")
            made: dict[str, Any] = json.loads(valid_json(report.read_text("utf-8")))
            assert problems(made) == []
            return made

        yield finish
        process.kill()


def test_the_demo_reports_what_is_planted_and_nothing_else(demos: Mapping[str, dict[str, Any]]) -> None:
    report = demos["plain"]
    assert found(report) == set(PLANTED.values())
    assert (report["verdict"], report["gaps"]) == ("findings", [])


def test_the_day_on_which_the_limit_deletes_lies_between_the_days_that_are_told(
    demos: Mapping[str, dict[str, Any]],
) -> None:
    (told,) = (each["evidence"] for each in demos["plain"]["findings"] if each["check"] == "storage/forecast")
    now = datetime.now(UTC)
    planted = datetime.fromtimestamp(capped_at(now.timestamp()), UTC)
    assert abs(planted - now - CAPPED_IN * DAY) < 4 * DAY
    assert date.fromisoformat(told["earliest"]) <= planted.date() <= date.fromisoformat(told["latest"])
    assert date.fromisoformat(told["expected"]) == planted.date()
    assert date.fromisoformat(told["latest"]) - date.fromisoformat(told["earliest"]) < 15 * DAY


def test_the_lines_that_drop_what_nothing_reads_name_it(demos: Mapping[str, dict[str, Any]]) -> None:
    (told,) = (each["evidence"] for each in demos["plain"]["findings"] if each["check"] == "cardinality/top")
    assert f"regex: {UNREAD[0]}\n  action: drop" in told["relabelling"].replace("    ", "  ")
    (churn,) = (each["evidence"] for each in demos["plain"]["findings"] if each["check"] == "cardinality/churn")
    assert churn["valuesADay"].startswith("name (")


def test_the_healthy_demo_finds_nothing_and_misses_nothing(demos: Mapping[str, dict[str, Any]]) -> None:
    report = demos["healthy"]
    assert (report["verdict"], report["findings"], report["gaps"]) == ("ok", [], [])
    assert report["figures"]["kept.days"] == pytest.approx(DAYS, abs=0.2)


@pytest.fixture(scope="module")
def alone() -> Iterator[World]:
    """A world whose Prometheus does not scrape itself."""
    with World.start(Plan(storage=Storage(itself=False))) as world:
        yield world


def a_day_ago(asked: Asked, forward: Callable[[], Answer]) -> Answer:
    """What a server answers that started a day before it did."""
    answer = forward()
    if asked.target != "/metrics":
        return answer
    packed = answer.headers.get("Content-Encoding") == "gzip"
    page = gzip.decompress(answer.body) if packed else answer.body
    began = f"process_start_time_seconds {(datetime.now(UTC) - DAY).timestamp():.2f}"
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Encoding"}
    return Answer(answer.status, STARTED.sub(began.encode(), page), headers)


def _reviewed(world: World, folder: Path, url: str) -> Outcome:
    now = datetime.now(UTC)
    settings = settings_of(world, folder, prometheus_url=url, storage_diskSize="2Gi").recording(record=True)
    return run(run_by_hand("semiannual", now, settings.schedule), settings, machine_of(world, now))


def test_a_prometheus_that_does_not_scrape_itself_is_found_and_the_rest_is_a_gap(alone: World, tmp_path: Path) -> None:
    with Front(alone.prometheus, a_day_ago) as front:
        report = _reviewed(alone, tmp_path, front.url).report

    assert [(finding.check, finding.cause) for finding in report.findings] == [("storage/headroom", "no-self-scrape")]
    # This version tells what a sample takes by its own series alone.
    unknown = {"storage/forecast", "storage/headroom", "storage/size-cap", "storage/wal"}
    assert {check for check, _ in gaps(report)} == unknown


def test_one_that_has_just_started_may_still_scrape_itself(alone: World, tmp_path: Path) -> None:
    report = _reviewed(alone, tmp_path, alone.prometheus).report

    assert report.findings == ()
    assert {check for check, _ in gaps(report)} >= {"storage/forecast", "storage/headroom"}


def test_what_prometheus_says_of_its_month_is_what_its_files_are() -> None:
    with World.start(Plan(storage=Storage(faults=True))) as world:
        prometheus = Prometheus(Endpoint(world.prometheus))
        try:
            metrics = storage_metrics(prometheus)
            target = own_target(prometheus, metrics)
            assert target
            growth = storage_growth(prometheus, target, metrics.now)
            used = prometheus.vector(f'kubelet_volume_stats_used_bytes{{persistentvolumeclaim="{CLAIM}"}}')
        finally:
            prometheus.close()
        data = world.kubeconfig.parent / "data"
        blocks = sum(file.stat().st_size for file in data.glob("0*/**/*") if file.is_file())

    assert metrics.blocks == pytest.approx(blocks, rel=0.02)
    assert used[0].value == pytest.approx(blocks, rel=0.1)
    assert used[0].labels["namespace"] == NAMESPACE
    # The newest figure of the past is up to six hours old, and may be of before a compaction.
    assert growth.sizes[-1][1] == pytest.approx(blocks, rel=0.1)
    assert len(growth.sizes) >= DAYS * 4 - 2
