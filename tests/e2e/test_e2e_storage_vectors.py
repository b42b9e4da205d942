"""What is computed of 200 series of 30 days, against what a real Prometheus 3.9 makes and keeps of them."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maintainer.analyse.storage.options import option
from maintainer.analyse.storage.retention import deleted_by_size
from maintainer.model.storage import Retention, StorageMetrics, Usage
from maintainer.sandbox.programs import Program
from tests.e2e import g200
from tests.e2e.played import played
from tests.e2e.test_e2e_storage import DAY, metas, review_of, running, size_of_blocks

START, END = 1_740_873_600, 1_743_465_600
FAST = "--storage.tsdb.block-reload-interval=1s"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the blocks of two hours of 30 days."""
    folder = tmp_path_factory.mktemp("fresh")
    g200.backfill(folder, START, END)
    return folder / "data"


@pytest.fixture(scope="module")
def c30(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the same blocks as a server with 30 days has compacted them."""
    with running("3.9", fresh, "--storage.tsdb.retention.time=30d", FAST, itself=False) as program:
        _until(lambda: len(metas(program)) == 17, of=program)
        folder = tmp_path_factory.mktemp("c30") / "data"
        for block in (program.folder / "data").glob("0*"):
            shutil.copytree(block, folder / block.name)
        yield folder


def _until(reached: Callable[[], bool], *, of: Program) -> None:
    deadline = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < deadline, (len(metas(of)), (of.folder / "log").read_text("utf-8")[-500:])
        time.sleep(0.2)


def stored(program: Program) -> StorageMetrics:
    metrics = review_of(program).facts.metrics
    assert metrics
    return metrics


def test_blocks_of_two_hours_are_known_to_say_too_much_of_a_sample(fresh: Path) -> None:
    with running("3.9", fresh, "--storage.tsdb.retention.time=30d", itself=False) as program:
        review = review_of(program)
        assert review.facts.blocks
        assert (len(review.facts.blocks), sum(block.samples for block in review.facts.blocks)) == (360, 8_640_000)
        assert stored(program).blocks == size_of_blocks(program) == pytest.approx(21_825_560, rel=0.01)
        assert stored(program).oldest == START
        assert review.basis == "young"
        assert review.sample_bytes == pytest.approx(2.526, rel=0.01)


def test_compacted_they_say_what_90_days_took(c30: Path) -> None:
    with running("3.9", c30, "--storage.tsdb.retention.time=30d", itself=False) as program:
        review = review_of(program)
        assert len(metas(program)) == 17
        assert stored(program).blocks == size_of_blocks(program) == pytest.approx(15_576_871, rel=0.01)
        assert review.basis == "blocks"
        assert review.sample_bytes == pytest.approx(1.8029, rel=0.01)
        assert (review.sample_bytes or 0) * 200 / 60 * 90 * DAY == pytest.approx(46_176_928, rel=0.025)


def test_a_size_keeps_what_was_measured_and_that_it_deletes_is_known(c30: Path) -> None:
    with running("3.9", c30, "--storage.tsdb.retention.size=14MB", itself=False) as program:
        metrics = stored(program)
        assert (len(metas(program)), metrics.oldest) == (16, 1_741_046_400)
        assert metrics.blocks == pytest.approx(14_539_562, rel=0.01)
        assert (metrics.limit_bytes, metrics.size_deletions) == (14_680_064, 1)
        assert deleted_by_size(review_of(program))


def test_a_compaction_near_the_limit_deletes_more_than_it_must_and_no_more_is_promised(c30: Path) -> None:
    with running("3.9", c30, "--storage.tsdb.retention.size=16MB", FAST, itself=False) as program:
        _until(lambda: len(metas(program)) == 7 and stored(program).size_deletions == 3, of=program)
        metrics = stored(program)
        assert metrics.oldest == 1_741_435_200
        assert metrics.blocks == pytest.approx(12_089_320, rel=0.01)
        alone = option(Retention(None, 16 * 2**20), Usage(200 / 60, 1.8029, head=0))
        assert alone.window <= END - metrics.oldest


def test_a_day_that_was_sent_is_11_blocks_and_the_chunks_of_what_was_compacted() -> None:
    with played("3.9", began=START) as server:
        for at in range(START, START + DAY, g200.BLOCK):
            server.write_block(g200.samples(at, at + g200.BLOCK))
        assert server.number("prometheus_tsdb_compaction_chunk_samples_sum") == 264_000
        size = server.number("prometheus_tsdb_compaction_chunk_size_bytes_sum") or 0
        assert size == pytest.approx(433_189, rel=0.01)
        assert size / 264_000 == pytest.approx(1.6409, rel=0.01)
        assert server.number("prometheus_tsdb_head_series") == 200
        assert server.number("prometheus_tsdb_head_series_created_total") == 200
