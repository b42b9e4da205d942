"""Measures the monthly audit of 10,000 Rollouts as a ratio to only sending its requests and decoding the responses.

The fleet runs in a separate process. First the requests of a job are recorded. Then the job and the two baselines
(``floor`` and ``bare``) each run in a new process, and report their CPU seconds without imports and their peak memory.
"""

import json
import multiprocessing
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl

ROLLOUTS = 10_000
INTERVAL = 5.0
"""Seconds between two scrapes."""

RUNS = 5
CPU_LIMIT, MEMORY_LIMIT = 1.5, 150
"""The largest ratio of CPU seconds and the largest peak in MiB that pass."""

GROUPED = " by (namespace, name"


@dataclass(frozen=True, slots=True)
class Request:
    """A recorded request of the job."""

    server: str
    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def query(self) -> str:
        """The PromQL of a query, or "" for any other request."""
        return dict(parse_qsl(self.body)).get("query", "")

    @property
    def at(self) -> float:
        """The evaluation time of a query in epoch seconds, or 0 for the current time."""
        return float(dict(parse_qsl(self.body)).get("time", 0))


def serve(pipe: Connection) -> None:
    """Run the fleet: send its environment variables into the pipe, and end with the next message."""
    from maintainer.sandbox.fleet import read_fleet, synthetic
    from maintainer.sandbox.world import Plan, World

    plan = Plan(fleet=read_fleet().with_rollouts(synthetic(ROLLOUTS)), scrape_interval=INTERVAL, tls=False)
    with World.start(plan) as world:
        pipe.send(world.environment())
        pipe.recv()


def job(environment: dict[str, str]) -> None:
    """Run the job and print what it cost."""
    from maintainer.commands.machine import spare_collector
    from maintainer.faults import Faults
    from maintainer.model.clock import Clock
    from maintainer.reporting import Machine, make_report
    from maintainer.schedule import run_by_hand
    from maintainer.settings import load

    settings, now = load("", environment, {}), datetime.now(UTC)
    spare_collector()
    began = time.process_time()
    machine = Machine(Clock(time.monotonic, time.sleep), now, "bench", environment["KUBECONFIG"])
    report = make_report(run_by_hand("monthly", now, settings.schedule), settings, machine, faults=Faults())
    seconds = time.process_time() - began
    assert report.verdict == "ok", (report.findings, report.gaps)
    report_cost(seconds, {name: int(value) for name, value in report.figures.items()})


def recorded(environment: dict[str, str]) -> None:
    """Run the job and write every request that it sends into the file ``$WIRE``."""
    sent: list[tuple[str, bytes]] = []

    def record(event: str, details: tuple[Any, ...]) -> None:
        if event == "http.client.send":
            connection, data = details
            sent.append((f"http://{connection.host}:{connection.port}", bytes(data)))

    sys.addaudithook(record)
    job(environment)
    wire: list[dict[str, Any]] = []
    for server, data in sent:
        if data.split(b" ", 1)[0] in {b"GET", b"POST"}:
            line, _, rest = data.partition(b"\r\n")
            method, path, _ = line.decode().split(" ")
            head, _, body = rest.partition(b"\r\n\r\n")
            headers = dict(BytesHeaderParser().parsebytes(head).items())
            wire.append({"server": server, "method": method, "path": path, "headers": headers, "body": body.decode()})
        else:
            wire[-1]["body"] += data.decode()
    Path(environment["WIRE"]).write_text(json.dumps(wire), "utf-8")


def floor(environment: dict[str, str]) -> None:
    """Send the recorded requests through the job's own clients, which decode the responses into facts."""
    from maintainer.clients.cluster import connect
    from maintainer.clients.endpoint import Endpoint
    from maintainer.clients.prometheus import Prometheus
    from maintainer.commands.machine import spare_collector

    requests = recorded_requests(environment)
    others = [request for request in requests if "/rollouts" not in request.path and not request.query]
    queries = [request for request in requests if request.query]
    spare_collector()
    began = time.process_time()
    cluster, prometheus = connect("", environment["KUBECONFIG"]), Prometheus(Endpoint(queries[0].server))
    assert len(cluster.rollouts("")) == len(cluster.rollout_versions("")) == ROLLOUTS
    for request in queries:
        if request.query == "time()":
            prometheus.time()
        elif request.query.endswith("[1ms])"):
            prometheus.rollout_series(request.query, at=request.at)
        elif GROUPED in request.query:
            prometheus.groups(request.query, ("namespace", "name"), at=request.at)
        else:
            prometheus.vector(request.query, at=request.at or None)
    send(others, environment)
    report_cost(time.process_time() - began, {})


def bare(environment: dict[str, str]) -> None:
    """Send the recorded requests through the SDKs only, decode the responses into structs and drop them."""
    import msgspec
    from kubernetes import config
    from prometheus_api_client import PrometheusConnect

    from maintainer.clients.endpoint import Endpoint
    from maintainer.clients.session import PrometheusSession
    from maintainer.clients.wire import QueryData
    from maintainer.commands.machine import spare_collector

    requests = recorded_requests(environment)
    lists = [request for request in requests if "/rollouts" in request.path]
    queries = [request for request in requests if request.query]
    others = [request for request in requests if request not in lists and not request.query]
    spare_collector()
    began = time.process_time()
    api, server = config.new_client_from_config(environment["KUBECONFIG"]), queries[0].server
    sdk = PrometheusConnect(url=server, session=PrometheusSession(Endpoint(server), "Prometheus"))
    for request in lists:
        body = api.call_api("GET", request.server + request.path, request.headers).read()
        msgspec.json.decode(body, type=page_type(request.headers["Accept"]))
    for request in queries:
        params = {"stats": "all", **({"time": request.at} if request.at else {})}
        data = msgspec.json.decode(sdk.custom_query(request.query, params=params).envelope.data, type=QueryData)
        msgspec.json.decode(data.result, type=result_type(request.query))
    send(others, environment)
    report_cost(time.process_time() - began, {})


def recorded_requests(environment: dict[str, str]) -> list[Request]:
    """The requests of the file ``$WIRE``."""
    return [Request(**fields) for fields in json.loads(Path(environment["WIRE"]).read_text("utf-8"))]


def send(others: list[Request], environment: dict[str, str]) -> None:
    """Send the few small requests through the SDK that sent them first, and read the responses without decoding."""
    import requests
    from kubernetes import config

    api, session = config.new_client_from_config(environment["KUBECONFIG"]), requests.Session()
    for request in others:
        url = request.server + request.path
        if "requests" in request.headers.get("User-Agent", ""):
            session.get(url, headers=request.headers, timeout=60)
        else:
            body = json.loads(request.body) if request.body else None
            api.call_api(request.method, url, request.headers, body).read()


def page_type(accept: str) -> type:
    """The struct of a page of Rollouts, by the Accept header of its request."""
    from maintainer.clients.objects import RolloutPage, VersionPage

    return VersionPage if "PartialObjectMetadataList" in accept else RolloutPage


def result_type(query: str) -> Any:
    """The type as which the clients decode the result of a query."""
    from maintainer.clients.wire import RolloutSeries, SeriesStruct, groups_with

    kinds = {"[1ms])": list[RolloutSeries], GROUPED: groups_with(("namespace", "name")), "time()": tuple[float, str]}
    return next((type_ for part, type_ in kinds.items() if part in query), list[SeriesStruct])


def report_cost(seconds: float, figures: dict[str, int]) -> None:
    """Print the CPU seconds, the peak memory in MiB and the figures of this process as JSON."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "figures": figures}))


def measured(function: str, environment: dict[str, str]) -> dict[str, Any]:
    """The cost of a function of this file, which runs in a new process."""
    command = [sys.executable, __file__, function, json.dumps(environment)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    cost: dict[str, Any] = json.loads(done.stdout)
    return cost


def cpu_ratio(runs: list[dict[str, Any]], baseline: str) -> float:
    """The median ratio of the job's CPU seconds to those of the baseline in the same run."""
    ratios: list[float] = [run["job"]["seconds"] / run[baseline]["seconds"] for run in runs]
    return statistics.median(ratios)


def main() -> None:
    """Print the ratios, and exit with 1 if a limit is exceeded."""
    context = multiprocessing.get_context("spawn")
    pipe, fleet_end = context.Pipe()
    fleet = context.Process(target=serve, args=(fleet_end,), daemon=True)
    fleet.start()
    environment = pipe.recv()
    with TemporaryDirectory() as folder:
        environment["WIRE"] = f"{folder}/wire.json"
        measured("recorded", environment)
        runs = [{name: measured(name, environment) for name in ("job", "floor", "bare")} for _ in range(RUNS)]
    pipe.send("end")
    fleet.join()
    cpu, dropped = cpu_ratio(runs, "floor"), cpu_ratio(runs, "bare")
    peak = max(run["job"]["peak"] for run in runs)
    print(f"CPU of the job / fetching the same and decoding it into facts: {cpu:.2f} (at most {CPU_LIMIT})")
    print(f"CPU of the job / fetching the same and decoding it into structs that are dropped: {dropped:.2f}")
    print(f"peak memory of the job: {peak:.0f} MiB (at most {MEMORY_LIMIT})")
    print(f"figures of the job: {runs[0]['job']['figures']}")
    sys.exit(cpu > CPU_LIMIT or peak > MEMORY_LIMIT)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        {"job": job, "recorded": recorded, "floor": floor, "bare": bare}[sys.argv[1]](json.loads(sys.argv[2]))
    else:
        main()
