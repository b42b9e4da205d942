"""A size limit of a real Prometheus begins to delete when the forecast said, as its storage grows day by day."""

import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import pytest
import requests

from maintainer.analyse.reproduce import Access
from maintainer.analyse.storage.crossing import Crossing
from maintainer.analyse.storage.review import StorageReview, with_outlook
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.storage import blocks
from maintainer.model.storage import (
    FileRetention,
    Retention,
    ServerSettings,
    StorageFacts,
    StorageGrowth,
    StorageHistory,
    StorageMetrics,
)
from maintainer.sandbox.programs import Program, free_port, new_folder, start, stop
from tests.e2e.remote_write import Sample, write
from tests.e2e.test_e2e_storage import DAY, HOUR, VERSIONS, program_of

BLOCK, LONGEST = 2 * HOUR, 54 * HOUR
SERIES, STEP = 200, 60
KEPT = 30 * DAY
KNOWN, LIMIT = 8, 12_100_000
"""The forecast is made after so many days. The limit is between what two compactions of 54 hours need."""


@dataclass
class Played:
    """A server into which time is written: ``now`` (epoch seconds) is up to when; ``sizes`` are what it stored."""

    program: Program
    now: int
    session: requests.Session = field(default_factory=requests.Session)
    sizes: list[tuple[float, float]] = field(default_factory=list)

    def number(self, name: str) -> float | None:
        """A metric of its page, the sum of its series; ``None`` if it has none."""
        page = self.session.get(f"{self.program.url}/metrics", timeout=10).text
        found = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", page, re.MULTILINE)
        return sum(map(float, found)) if found else None

    def stored(self) -> StorageMetrics:
        """What it stores."""
        return StorageMetrics(
            now=self.now,
            blocks=self.number("prometheus_tsdb_storage_blocks_bytes"),
            wal=self.number("prometheus_tsdb_wal_storage_size_bytes"),
            head_chunks=self.number("prometheus_tsdb_head_chunks_storage_size_bytes"),
            oldest=self.number("prometheus_tsdb_lowest_timestamp_seconds"),
            limit_bytes=self.number("prometheus_tsdb_retention_limit_bytes"),
            size_deletions=self.number("prometheus_tsdb_size_retentions_total") or 0.0,
        )

    def write_block(self) -> None:
        """Two hours more, and all that Prometheus compacts for it."""
        times = range(self.now, self.now + BLOCK, STEP)
        labels = ({"__name__": "m_total", "idx": f"{number:03}"} for number in range(SERIES))
        write(self.session, self.program.url, ((own, samples(times, int(own["idx"]) + 1)) for own in labels))
        self.now += BLOCK
        deadline = time.monotonic() + 30
        while (self.number("prometheus_tsdb_head_min_time_seconds") or 0) < self.now - 3 * HOUR:
            assert time.monotonic() < deadline, "the head is not written"
            time.sleep(0.005)
        # It waits until the compaction that runs has ended.
        clean = self.session.post(f"{self.program.url}/api/v1/admin/tsdb/clean_tombstones", timeout=60)
        assert clean.status_code == 204, clean.text


def samples(times: range, slope: int) -> list[Sample]:
    return [(at // STEP * slope % 100_003 * 1.5, at * 1000) for at in times]


@contextmanager
def played(version: str) -> Iterator[Played]:
    folder, port = new_folder(), free_port()
    (folder / "prometheus.yml").write_text("{}", "utf-8")
    command = [
        program_of(version),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--storage.tsdb.retention.time={KEPT // DAY}d",
        f"--storage.tsdb.retention.size={LIMIT}B",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-remote-write-receiver",
        "--web.enable-admin-api",
    ]
    program = start("Prometheus", command, folder=folder, port=port)
    try:
        program.wait()
        yield Played(program, int(time.time()) // LONGEST * LONGEST - 27 * DAY)
    finally:
        stop([program])


def forecast(server: Played) -> Crossing:
    """What the review tells of a server that was looked at each quarter of a day."""
    chunks = [
        server.number(f"prometheus_tsdb_compaction_chunk_{name}_sum") or 0.0 for name in ("size_bytes", "samples")
    ]
    with closing(Prometheus(Endpoint(server.program.url))) as prometheus:
        listed = blocks(prometheus)
    facts = StorageFacts(
        server=ServerSettings(Retention(KEPT, LIMIT), blocks_up_to=KEPT / 10),
        file=FileRetention(),
        metrics=server.stored(),
        history=StorageHistory(ingest=SERIES / STEP, window=DAY, chunk_sample=chunks[0] / chunks[1]),
        blocks=listed,
    )
    sizes = tuple(server.sizes)
    ingest = tuple((at, SERIES / STEP) for at, _ in sizes)
    growth = StorageGrowth(sizes, ingest, tuple((at, at - sizes[0][0]) for at, _ in sizes))
    found = with_outlook(StorageReview(facts, Access()), growth).outlook
    assert found
    assert found.cap
    return found.cap


@pytest.mark.parametrize("version", VERSIONS)
def test_a_size_limit_begins_to_delete_on_the_day_that_was_told(version: str) -> None:
    with played(version) as server:
        began, told, stored = server.now, Crossing(None, None, None), server.stored()
        while not stored.size_deletions:
            assert server.now - began < 20 * DAY, "nothing was deleted"
            server.write_block()
            stored = server.stored()
            if server.now % (6 * HOUR) == 0:
                server.sizes.append((server.now, (stored.blocks or 0) + (stored.head or 0)))
            if server.now - began == KNOWN * DAY:
                told = forecast(server)

        assert (stored.oldest or 0) > began
        after = server.now / DAY - (began / DAY + KNOWN)
        expected, earliest, latest = (
            (day or 0) - (began / DAY + KNOWN) for day in (told.expected, told.earliest, told.latest)
        )
        assert expected == pytest.approx(after, rel=0.1)
        assert earliest - BLOCK / DAY <= after <= latest
