"""A size limit of a real Prometheus begins to delete when the forecast said, as its storage grows day by day."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from maintainer.analyse.reproduce import Access
from maintainer.analyse.storage.crossing import Crossing
from maintainer.analyse.storage.review import StorageReview, with_outlook
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.clients.storage import blocks
from maintainer.model.storage import (
    Course,
    FileRetention,
    Retention,
    ServerSettings,
    StorageFacts,
    StorageGrowth,
    StorageHistory,
)
from tests.e2e.played import BLOCK, Played, Written, played
from tests.e2e.test_e2e_storage import DAY, HOUR, VERSIONS

LONGEST = 54 * HOUR
NEVER = Crossing(None, None, None)
SERIES, STEP = 200, 60
KEPT = 30 * DAY
KNOWN, LIMIT = 7.25, 10_400_000
"""The forecast is made after so many days. The limit is between what two compactions of 54 hours need."""


def series(start: int) -> Written:
    """The samples of two hours."""
    times = range(start, start + BLOCK, STEP)
    for number in range(SERIES):
        samples = [(at // STEP * (number + 1) % 100_003 * 1.5, at * 1000) for at in times]
        yield {"__name__": "m_total", "idx": f"{number:03}"}, samples


def forecast(server: Played, sizes: Course) -> Crossing:
    """What the review tells of a server whose sizes are known of each quarter of a day."""
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
    ingest = tuple((at, SERIES / STEP) for at, _ in sizes)
    growth = StorageGrowth(sizes, ingest, tuple((at, at - sizes[0][0]) for at, _ in sizes))
    found = with_outlook(StorageReview(facts, Access()), growth).outlook
    assert found
    assert found.cap
    return found.cap


def deleted_and_told(version: str) -> tuple[float, Crossing]:
    """So many days after the forecast the first block is deleted, and the forecast in days from then on."""
    flags = (f"--storage.tsdb.retention.time={KEPT // DAY}d", f"--storage.tsdb.retention.size={LIMIT}B")
    began, sizes, told = int(time.time()) // LONGEST * LONGEST - 27 * DAY, list[tuple[float, float]](), NEVER
    today = began / DAY + KNOWN
    with played(version, *flags, began=began) as server:
        stored = server.stored()
        while not stored.size_deletions:
            assert server.now - began < 20 * DAY, "nothing was deleted"
            server.write_block(series(server.now))
            stored = server.stored()
            if server.now % (6 * HOUR) == 0:
                sizes.append((server.now, (stored.blocks or 0) + (stored.head or 0)))
            if server.now - began == KNOWN * DAY:
                told = forecast(server, tuple(sizes))
        assert (stored.oldest or 0) > began
        days = (day and day - today for day in (told.expected, told.earliest, told.latest))
        return server.now / DAY - today, Crossing(*days)


def test_a_size_limit_begins_to_delete_on_the_day_that_was_told() -> None:
    with ThreadPoolExecutor(len(VERSIONS)) as pool:
        found = dict(zip(VERSIONS, pool.map(deleted_and_told, VERSIONS), strict=True))

    for version, (after, told) in found.items():
        assert told.expected == pytest.approx(after, rel=0.1), version
        assert told.earliest is not None
        assert told.latest is not None
        assert told.earliest - BLOCK / DAY <= after <= told.latest, version
