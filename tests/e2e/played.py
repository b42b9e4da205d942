"""A Prometheus into which time is written: two hours of samples, and all that it compacts for them, at once."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from maintainer.model.storage import StorageMetrics
from maintainer.sandbox.programs import Program, free_port, new_folder, start, stop
from tests.e2e.remote_write import Sample, write
from tests.e2e.test_e2e_storage import HOUR, program_of

BLOCK = 2 * HOUR
Written = Iterable[tuple[Mapping[str, str], Sequence[Sample]]]
"""Series by their labels, with their samples."""


@dataclass
class Played:
    """The server; ``now`` (epoch seconds) is up to when time was written."""

    program: Program
    now: int
    session: requests.Session = field(default_factory=requests.Session)

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

    def write_block(self, series: Written) -> None:
        """Write two hours more, and wait until all is compacted."""
        write(self.session, self.program.url, series)
        self.now += BLOCK
        deadline = time.monotonic() + 30
        while (self.number("prometheus_tsdb_head_min_time_seconds") or 0) < self.now - 3 * HOUR:
            assert time.monotonic() < deadline, "the head is not written"
            time.sleep(0.005)
        # It waits until the compaction that runs has ended.
        clean = self.session.post(f"{self.program.url}/api/v1/admin/tsdb/clean_tombstones", timeout=60)
        assert clean.status_code == 204, clean.text


@contextmanager
def played(version: str, *flags: str, began: int) -> Iterator[Played]:
    """A server that is empty at the time ``began``."""
    folder, port = new_folder(), free_port()
    (folder / "prometheus.yml").write_text("{}", "utf-8")
    command = [
        program_of(version),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-remote-write-receiver",
        "--web.enable-admin-api",
        *flags,
    ]
    program = start("Prometheus", command, folder=folder, port=port)
    try:
        program.wait()
        yield Played(program, began)
    finally:
        stop([program])
