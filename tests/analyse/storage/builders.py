"""A server that keeps 30 days of 5,000 samples a second on a volume of 50 GiB, and what may be otherwise with it."""

from dataclasses import replace
from typing import Any

from maintainer.analyse.reproduce import Access
from maintainer.analyse.storage.arithmetic import DAY, HOUR
from maintainer.analyse.storage.review import Plans, StorageReview
from maintainer.model.byte_size import GIB
from maintainer.model.drift import DesiredObject, ObjectId
from maintainer.model.facts import Unavailable
from maintainer.model.message import message
from maintainer.model.storage import (
    Block,
    FileRetention,
    Retention,
    ServerSettings,
    StorageFacts,
    StorageHistory,
    StorageMetrics,
    Volume,
)

NOW = 1_796_064_000.0
SAMPLES = 5_000 * 54 * 3600
BLOCKS = tuple(
    Block(NOW - 3 * HOUR - (number + 1) * 54 * HOUR, NOW - 3 * HOUR - number * 54 * HOUR, SAMPLES, 4)
    for number in reversed(range(13))
)
METRICS = StorageMetrics(
    now=NOW,
    blocks=13 * SAMPLES * 1.4,
    wal=1.0 * GIB,
    head_chunks=0.2 * GIB,
    oldest=BLOCKS[0].start,
    limit_bytes=45.0 * GIB,
    limit_seconds=30 * DAY,
    series=75_000,
    started=NOW - 20 * DAY,
    appended=5_000 * 20 * DAY,
)
SERVER = ServerSettings(Retention(30 * DAY, 45 * GIB), "30d or 45GiB", "3.9.1", 3 * DAY)
HISTORY = StorageHistory(ingest=5_000, window=DAY, head_peak=1.5 * GIB, chunk_sample=1.3)
VOLUME = Volume(50 * GIB, "claim", claim="monitoring/data-prometheus-0", storage_class="ssd", expandable=True)
FACTS = StorageFacts(
    server=SERVER,
    file=FileRetention(),
    metrics=METRICS,
    history=HISTORY,
    self_scraped=True,
    blocks=BLOCKS,
    volume=VOLUME,
)
UNREADABLE = Unavailable("deployed", message("gap/cluster-forbidden"), permanent=True)


def review(facts: StorageFacts = FACTS, **otherwise: Any) -> StorageReview:
    return StorageReview(replace(facts, **otherwise), Access(), Plans((45 * GIB,), 0.1), looks_back={"monthly": DAY})


def metrics(**otherwise: Any) -> StorageMetrics:
    return replace(METRICS, **otherwise)


def limited(time: float | None, size: int | None, **otherwise: Any) -> StorageReview:
    """The review of a server with these limits by flags, in force."""
    text = " or ".join(part for part in (f"{time / DAY:.0f}d" if time else "", f"{size}B" if size else "") if part)
    return review(
        server=replace(SERVER, started=Retention(time, size), runtime=text),
        metrics=metrics(limit_bytes=float(size or 0), limit_seconds=time or 0.0, **otherwise),
    )


def stateful_set(*arguments: str) -> DesiredObject:
    content = {"spec": {"template": {"spec": {"containers": [{"args": list(arguments)}]}}}}
    return DesiredObject(ObjectId("apps/v1", "StatefulSet", "monitoring", "prometheus"), content, "release monitoring")


def operated(**spec: str) -> DesiredObject:
    id_ = ObjectId("monitoring.coreos.com/v1", "Prometheus", "monitoring", "k8s")
    return DesiredObject(id_, {"spec": spec}, "prometheus.yaml")
