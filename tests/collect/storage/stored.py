"""A server that says of its storage what Prometheus 3.9.1 said with 30 days of 200 series, and 2.42 besides."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.sources import Sources
from tests.scenarios.front import Answer, Asked, Front

NOW, STARTED = 1743476400.0, 1743400000.5
TARGET = {"job": "prometheus", "instance": "localhost:9090"}
METRICS: Mapping[str, float] = {
    "process_start_time_seconds": STARTED,
    "prometheus_tsdb_head_series": 200,
    'prometheus_tsdb_head_samples_appended_total{type="float"}': 250000,
    'prometheus_tsdb_head_samples_appended_total{type="histogram"}': 0,
    "prometheus_tsdb_storage_blocks_bytes": 15576871,
    "prometheus_tsdb_wal_storage_size_bytes": 900000,
    "prometheus_tsdb_head_chunks_storage_size_bytes": 100000,
    "prometheus_tsdb_lowest_timestamp_seconds": 1740873600,
    "prometheus_tsdb_retention_limit_bytes": 0,
    "prometheus_tsdb_retention_limit_seconds": 2592000,
    "prometheus_tsdb_size_retentions_total": 0,
}
FLAGS = {
    "storage.tsdb.path": "data/",
    "storage.tsdb.retention.time": "30d",
    "storage.tsdb.retention.size": "0B",
    "storage.tsdb.max-block-duration": "3d",
}
BLOCKS = [
    {
        "ulid": f"01JNB{number:021}",
        "minTime": (1740873600 + number * 194400) * 1000,
        "maxTime": (1740873600 + (number + 1) * 194400) * 1000,
        "stats": {"numSamples": 648000, "numSeries": 200, "numChunks": 5400},
        "compaction": {"level": 4, "sources": ["01JNB000000000000000000001"] * 27},
    }
    for number in range(13)
]
ANSWERS: Mapping[str, Any] = {
    "status/flags": FLAGS,
    "status/runtimeinfo": {"storageRetention": "30d"},
    "status/buildinfo": {"version": "3.9.1", "revision": "x", "goVersion": "go1.25"},
    "status/config": {"yaml": "global: {scrape_interval: 1m}\n"},
    "status/tsdb/blocks": {"blocks": BLOCKS},
}
"""By path, the ``data`` of the answer; ``None`` is a refusal."""


def page(metrics: Mapping[str, float] = METRICS) -> bytes:
    """The server's own page."""
    return "".join(f"{name} {value!r}\n" for name, value in metrics.items()).encode()


def queried(promql: str) -> list[dict[str, Any]]:
    """The result of each query of a server that scrapes itself."""
    if promql.startswith(("count by", "process_start_time_seconds ==")):
        return [_sample(TARGET, 1)]
    if promql.startswith("sum(rate("):
        return [_sample({}, 3.3333)] if "[1d]" in promql else []
    if "chunk_size_bytes" in promql:
        return [_sample({}, "NaN")]
    if promql.startswith("sum(max_over_time"):
        return [_sample({}, 1200000)]
    if promql.startswith("{__name__=~"):
        return [_sample({**TARGET, "__name__": name.partition("{")[0]}, value) for name, value in METRICS.items()]
    return []


def course(promql: str) -> list[list[Any]]:
    """Ten days of sizes that grow by a MiB a day, of a steady ingest, and of a window that grows by a day a day."""
    times = [NOW - (40 - number) * 21600 for number in range(41)]
    if "rate(" in promql:
        return [[at, "3.3333"] for at in times]
    if "timestamp(" in promql:
        return [[at, str(at - METRICS["prometheus_tsdb_lowest_timestamp_seconds"])] for at in times]
    return [[at, str(16576871 - (NOW - at) / 86400 * 2**20)] for at in times]


def _sample(metric: Mapping[str, str], value: object) -> dict[str, Any]:
    return {"metric": metric, "value": [NOW, str(value)]}


@contextmanager
def stored(
    answers: Mapping[str, Any] = ANSWERS,
    *,
    metrics: bytes | None = page(),
    results: Callable[[str], list[dict[str, Any]]] | None = queried,
    scalar: bool = True,
) -> Iterator[Sources]:
    """The sources with such a server. ``None`` is what it refuses; without ``scalar`` it answers as MetricsQL does."""

    def answer(asked: Asked, _forward: Callable[[], Answer]) -> Answer:
        path = asked.target.partition("?")[0].removeprefix("/api/v1/")
        if path == "/metrics":
            return Answer(404, b"no", {"Content-Type": "text/plain"}) if metrics is None else Answer(body=metrics)
        if path == "query" and asked.query == "time()":
            vector = {"resultType": "vector", "result": [_sample({}, NOW)]}
            return _success({"resultType": "scalar", "result": [NOW, str(NOW)]} if scalar else vector)
        if path == "query" and results is not None:
            return _success({"resultType": "vector", "result": results(asked.query)})
        if path == "query_range" and results is not None:
            return _success({"resultType": "matrix", "result": [{"metric": {}, "values": course(asked.query)}]})
        found = answers.get(path)
        return _refusal() if found is None else _success(found)

    with Front("http://127.0.0.1:9", answer) as front:
        prometheus = Prometheus(Endpoint(front.url))
        try:
            yield Sources(None, prometheus)
        finally:
            prometheus.close()


def _success(data: Any) -> Answer:
    return Answer(body=json.dumps({"status": "success", "data": data}).encode())


def _refusal() -> Answer:
    return Answer(400, json.dumps({"status": "error", "errorType": "bad_data", "error": "no"}).encode())
