"""Measures the semi-annual review of a Prometheus with 2,000 blocks and 10 million series, against a small one.

    python bench/storage.py

The server answers from memory, in a process of its own; each block names the 243 that it is made of. Each review runs
in a new process, which reports its CPU seconds without imports and its peak of memory.
"""

import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl, urlsplit

RUNS = 3
LARGE, SMALL = (2_000, 10_000_000, 10_000), (13, 20_000, 10)
"""The blocks, the series, and the rows of each list of their statistics."""
RATIO_LIMIT, SECONDS_LIMIT, MEMORY_LIMIT = 3.0, 5.0, 150
"""The largest ratio of CPU seconds, the most CPU seconds, and the largest peak in MiB that pass."""

SPAN, DAY = 54 * 3600, 86400
TARGET = {"job": "prometheus", "instance": "localhost:9090"}
SAID = {
    "status/flags": {
        "storage.tsdb.retention.time": "10y", "storage.tsdb.retention.size": "0B",
        "storage.tsdb.max-block-duration": "31d",
    },
    "status/runtimeinfo": {"storageRetention": "10y"},
    "status/buildinfo": {"version": "3.9.1", "revision": "x", "goVersion": "go1.25"},
    "status/config": {"yaml": "global: {scrape_interval: 15s}\n"},
    "targets": {"activeTargets": []},
    "rules": {"groups": []},
    "alertmanagers": {"activeAlertmanagers": []},
}  # fmt: skip


def answers(blocks: int, series: int, rows: int) -> dict[str, object]:
    """The data of the server's answers by path, and the text of its own page."""
    first = int(time.time()) - blocks * SPAN
    listed = [
        {
            "ulid": f"01{number:024}",
            "minTime": (first + number * SPAN) * 1000,
            "maxTime": (first + (number + 1) * SPAN) * 1000,
            "stats": {"numSamples": 10**9, "numSeries": series, "numChunks": 10**7},
            "compaction": {"level": 5, "sources": [f"01{number:020}{part:04}" for part in range(243)]},
        }
        for number in range(blocks)
    ]
    most = [{"name": f"metric_{row}", "value": series // (row + 1)} for row in range(rows)]
    own = {
        "process_start_time_seconds": first, "prometheus_tsdb_head_series": series,
        "prometheus_tsdb_head_samples_appended_total": 10**12, "prometheus_tsdb_storage_blocks_bytes": blocks * 10**9,
        "prometheus_tsdb_wal_storage_size_bytes": 10**9, "prometheus_tsdb_lowest_timestamp_seconds": first,
        "prometheus_tsdb_retention_limit_bytes": 0, "prometheus_tsdb_retention_limit_seconds": 3650 * DAY,
    }  # fmt: skip
    head = {"numSeries": series}
    lists = ("seriesCountByMetricName", "labelValueCountByLabelName", "seriesCountByLabelValuePair")
    return {
        **SAID,
        "status/tsdb/blocks": {"blocks": listed},
        "status/tsdb": {"headStats": head, **dict.fromkeys(lists, most)},
        "/metrics": "".join(f"{name} {value}\n" for name, value in own.items()),
    }


def queried(path: str, query: str) -> object:
    """The result of a query: of the server itself, and of 60 metrics of the controller."""
    now = time.time()
    if path == "query_range":
        times = [now // 21600 * 21600 - step * 21600 for step in reversed(range(121))]
        return {"resultType": "matrix", "result": [{"metric": {}, "values": [[at, str(at)] for at in times]}]}
    if query == "time()":
        return {"resultType": "scalar", "result": [now, str(now)]}
    names = [{"__name__": f"rollout_{name}"} for name in range(60)] if "by (__name__)" in query else [TARGET]
    return {"resultType": "vector", "result": [{"metric": name, "value": [now, "1000"]} for name in names]}


def serve(pipe: Connection, size: tuple[int, int, int]) -> None:
    """Send the server's URL into the pipe, and end with the next message."""
    found = answers(*size)
    texts = {path: json.dumps({"status": "success", "data": data}).encode() for path, data in found.items()}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = urlsplit(self.path).path.removeprefix("/api/v1/")
            text = str(found[path]).encode() if path == "/metrics" else texts.get(path)
            if text is None:
                params = dict(parse_qsl(urlsplit(self.path).query) + parse_qsl(body.decode()))
                data = queried(path, params.get("query", ""))
                text = json.dumps({"status": "success", "data": data}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain" if path == "/metrics" else "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    pipe.send(f"http://127.0.0.1:{server.server_port}")
    pipe.recv()


def review(url: str) -> None:
    """Run the review and print what it cost."""
    from maintainer.commands.machine import spare_collector
    from maintainer.faults import Faults
    from maintainer.model.clock import Clock
    from maintainer.reporting import Machine, make_report
    from maintainer.schedule import run_by_hand
    from maintainer.settings import load

    settings, now = load("", {}, {"prometheus.url": url, "cluster.name": "bench"}), datetime.now(UTC)
    spare_collector()
    began = time.process_time()
    machine = Machine(Clock(time.monotonic, time.sleep), now, "bench", os.devnull)
    report = make_report(run_by_hand("semiannual", now, settings.schedule), settings, machine, faults=Faults())
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "figures": dict(report.figures)}))


def measured(url: str) -> tuple[float, float, dict[str, float]]:
    """CPU seconds, MiB and the figures of a review in a new process."""
    with TemporaryDirectory() as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home}
        command = [sys.executable, __file__, url]
        ran = subprocess.run(command, env=environment, cwd=home, check=True, capture_output=True, text=True)
    found = json.loads(ran.stdout.splitlines()[-1])
    return found["seconds"], found["peak"], found["figures"]


def of_server(size: tuple[int, int, int]) -> tuple[float, float, dict[str, float]]:
    """The medians of all reviews of such a server."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve, args=(theirs, size))
    process.start()
    try:
        url = ours.recv()
        runs = [measured(url) for _ in range(RUNS)]
    finally:
        ours.send("end")
        process.join()
    return statistics.median(run[0] for run in runs), max(run[1] for run in runs), runs[0][2]


def main() -> None:
    """Print both, and exit with 1 if a limit is passed."""
    small, little, _ = of_server(SMALL)
    large, peak, figures = of_server(LARGE)
    print(
        f"semi-annual review of {LARGE[0]} blocks and {figures['storage.series']:.0f} series: {large:.2f} s of CPU"
        f" (at most {SECONDS_LIMIT:g}), {peak:.0f} MiB (at most {MEMORY_LIMIT});"
        f" / of {SMALL[0]} blocks ({small:.2f} s, {little:.0f} MiB): {large / small:.2f} (at most {RATIO_LIMIT:g})"
    )
    sys.exit(large > SECONDS_LIMIT or peak > MEMORY_LIMIT or large / small > RATIO_LIMIT)


if __name__ == "__main__":
    review(sys.argv[1]) if len(sys.argv) > 1 else main()
