"""What a review says of a real Prometheus with blocks: their bytes, a sample's, the window, and what limits do."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from maintainer.analyse.reproduce import Access
from maintainer.analyse.storage.retention import retention_configured, retention_effective
from maintainer.analyse.storage.review import StorageReview
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.drift.deployed import Wanted
from maintainer.collect.sources import Sources
from maintainer.collect.storage.storage import storage_facts
from maintainer.model.byte_size import size_text
from maintainer.model.storage import Retention, StorageFacts
from maintainer.sandbox.programs import Program, ask, free_port, new_folder, start, stop
from tests.e2e.parts import found

HOUR, DAY = 3600, 86400
SERIES, STEP = 40, 300
NOWHERE = Wanted((), (), frozenset())
VERSIONS = {"2.42": "", "3.9": "prometheus"}
"""The name of the program's part; "" is Debian's."""


@pytest.fixture(scope="module")
def backfilled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the blocks of 30 days until four hours ago, of up to 54 hours each."""
    folder = tmp_path_factory.mktemp("blocks")
    end = int(time.time()) // (54 * HOUR) * 54 * HOUR - 4 * HOUR
    with (folder / "samples").open("w", encoding="utf-8") as file:
        file.write("# TYPE m counter\n")
        for series in range(SERIES):
            for number, at in enumerate(range(end - 30 * DAY, end, STEP)):
                file.write(f'm_total{{idx="{series:03}",pod="web-{series % 10}"}} {number * (series + 1)} {at}\n')
        file.write("# EOF\n")
    arguments = ["tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=54h"]
    program = shutil.which("promtool")
    assert program, "promtool is not on PATH: apt-get install prometheus"
    subprocess.run(
        [program, *arguments, str(folder / "samples"), str(folder / "data")], check=True, capture_output=True
    )
    return folder / "data"


def program_of(version: str) -> str:
    program = found(VERSIONS[version]) if VERSIONS[version] else shutil.which("prometheus")
    assert program
    return str(program)


@contextmanager
def running(
    version: str, blocks: Path, *flags: str, config: Mapping[str, object] | None = None, itself: bool = True
) -> Iterator[Program]:
    """A server with a copy of the blocks, which scrapes itself every second."""
    folder, port = new_folder(), free_port()
    shutil.rmtree(folder / "data")
    shutil.copytree(blocks, folder / "data")
    jobs = [{"job_name": "prometheus", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}] if itself else []
    written = {"global": {"scrape_interval": "1s"}, "scrape_configs": jobs, **(config or {})}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(written), "utf-8")
    command = [
        program_of(version),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-lifecycle",
        *flags,
    ]
    program = start("Prometheus", command, folder=folder, port=port)
    try:
        program.wait()
        if itself:
            _wait_for(program, "count_over_time(prometheus_tsdb_head_series[1m]) > 2")
        yield program
    finally:
        stop([program])


def _wait_for(program: Program, promql: str) -> None:
    deadline = time.monotonic() + 60
    while not ask(f"{program.url}/api/v1/query", query=promql).json()["data"]["result"]:
        assert time.monotonic() < deadline, promql
        time.sleep(0.5)


def facts_of(program: Program, disk: int = 0) -> StorageFacts:
    sources = Sources(None, Prometheus(Endpoint(program.url)))
    try:
        return storage_facts(sources, NOWHERE, disk_size=disk)
    finally:
        sources.close()


def review_of(program: Program, disk: int = 0) -> StorageReview:
    return StorageReview(facts_of(program, disk), Access(program.url))


def metas(program: Program) -> Sequence[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in (program.folder / "data").glob("0*/meta.json")]


def size_of_blocks(program: Program) -> int:
    return sum(file.stat().st_size for file in (program.folder / "data").glob("0*/**/*") if file.is_file())


@pytest.mark.parametrize("version", VERSIONS)
def test_the_bytes_and_the_window_are_those_of_the_files(version: str, backfilled: Path) -> None:
    with running(version, backfilled, "--storage.tsdb.retention.time=90d") as program:
        review = review_of(program)
        metrics = review.facts.metrics
        assert metrics is not None
        assert metrics.blocks == pytest.approx(size_of_blocks(program), rel=0.02)
        assert metrics.oldest == min(meta["minTime"] for meta in metas(program)) / 1000
        assert review.facts.self_scraped
        assert review.limits == review.in_force == Retention(90 * DAY)
        assert not review.facts.unavailable or {why.source for why in review.facts.unavailable} == {"disk"}


def test_the_bytes_of_a_sample_are_those_of_the_blocks(backfilled: Path) -> None:
    with running("3.9", backfilled, "--storage.tsdb.retention.time=90d") as program:
        review = review_of(program)
        samples = sum(meta["stats"]["numSamples"] for meta in metas(program))
        assert review.sample_bytes == pytest.approx(size_of_blocks(program) / samples, rel=0.05)


def test_a_server_that_does_not_list_its_blocks_gives_no_number_without_chunks_of_its_own(backfilled: Path) -> None:
    with running("2.42", backfilled, "--storage.tsdb.retention.time=90d") as program:
        review = review_of(program)
        assert (review.facts.blocks, review.basis, review.usage, review.options) == (None, None, None, ())


def test_the_time_of_the_configuration_does_not_delete_in_3_9_and_that_is_said(backfilled: Path) -> None:
    config = {"storage": {"tsdb": {"retention": {"time": "60d"}}}}
    with running("3.9", backfilled, config=config) as program:
        (finding,) = retention_configured(review_of(program))
        assert (finding.cause, finding.severity) == ("time-without-effect", "error")


def test_limits_that_were_taken_out_of_the_configuration_stay_in_force_and_that_is_said(backfilled: Path) -> None:
    with running("3.9", backfilled, "--storage.tsdb.retention.time=90d") as program:
        file = program.folder / "prometheus.yml"
        written = yaml.safe_load(file.read_text())
        for storage in ({"tsdb": {"retention": {"size": "40GB"}}}, {}):
            file.write_text(yaml.safe_dump({**written, "storage": storage}), "utf-8")
            with closing(Prometheus(Endpoint(program.url))) as prometheus:
                assert prometheus.reload() == ""
        review = review_of(program)
        (finding,) = retention_configured(review)
        assert (review.limits, review.in_force) == (Retention(90 * DAY), Retention(90 * DAY, 40 * 2**30))
        assert finding.cause == "others-in-force"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_size_that_deletes_is_told_with_what_is_left(version: str, backfilled: Path) -> None:
    half = sum(file.stat().st_size for file in backfilled.rglob("*") if file.is_file()) // 2
    flags = ("--storage.tsdb.retention.time=90d", f"--storage.tsdb.retention.size={size_text(half)}")
    with running(version, backfilled, *flags) as program:
        review = review_of(program)
        (finding,) = retention_effective(review)
        kept = min(meta["minTime"] for meta in metas(program)) / 1000
        assert finding.cause == "size"
        assert review.window == pytest.approx(time.time() - kept, abs=60)


def test_a_server_that_does_not_scrape_itself_is_told(backfilled: Path) -> None:
    with running("3.9", backfilled, "--storage.tsdb.retention.time=90d", itself=False) as program:
        assert facts_of(program).unavailable[0].reason.id == "gap/storage-young"
