"""What the monthly audit of 10,000 Rollouts costs, as ratios to fetching and decoding the same bytes.

The fleet runs in a process of its own. What one run of the job sends is recorded; after that the job and its floor each
run in a fresh process and report their CPU seconds without imports and waits, and their peak memory.
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
RUNS = 5
CPU_LIMIT, MEMORY_LIMIT = 1.5, 150
GROUPED = " by (namespace, name"


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the job."""

    server: str
    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def query(self) -> str:
        """The PromQL of a query, "" for anything else."""
        return dict(parse_qsl(self.body)).get("query", "")

    @property
    def at(self) -> float:
        """The time that a query is asked for, 0 for now."""
        return float(dict(parse_qsl(self.body)).get("time", 0))


def serve(told: Connection) -> None:
    """The fleet: tells its environment, and ends when the other end is closed."""
    from maintainer.sandbox.fleet import read_fleet, synthetic
    from maintainer.sandbox.world import Plan, World

    plan = Plan(fleet=read_fleet().with_rollouts(synthetic(ROLLOUTS)), scrape_interval=INTERVAL)
    with World.start(plan) as world:
        told.send(world.environment())
        told.recv()


def job(environment: dict[str, str]) -> None:
    """One run of the job, measured."""
    from maintainer.cli import spare_collector
    from maintainer.model.clock import Clock
    from maintainer.runner import Machine, make_report
    from maintainer.schedule import scheduled_run
    from maintainer.settings import load

    settings, now = load("", environment, {}), datetime.now(UTC)
    spare_collector()
    began = time.process_time()
    machine = Machine(Clock(time.monotonic, time.sleep), now, "bench", environment["KUBECONFIG"])
    report = make_report(scheduled_run("monthly", now, "UTC"), settings, machine)
    seconds = time.process_time() - began
    assert report.verdict == "ok", (report.findings, report.gaps)
    tell(seconds, {name: int(value) for name, value in report.figures.items()})


def recorded(environment: dict[str, str]) -> None:
    """One run of the job, not measured, that writes down every request as it goes over the wire."""
    sent: list[tuple[str, bytes]] = []

    def heard(event: str, details: tuple[Any, ...]) -> None:
        if event == "http.client.send":
            connection, data = details
            sent.append((f"http://{connection.host}:{connection.port}", bytes(data)))

    sys.addaudithook(heard)
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
    """What the job asked for, through the job's own clients: fetched, and decoded into the facts that they give."""
    from maintainer.cli import spare_collector
    from maintainer.clients.cluster import connect
    from maintainer.clients.endpoint import Endpoint
    from maintainer.clients.prometheus import Prometheus

    others = [one for one in asked(environment) if "/rollouts" not in one.path and not one.query]
    queries = [one for one in asked(environment) if one.query]
    spare_collector()
    began = time.process_time()
    cluster, prometheus = connect("", environment["KUBECONFIG"]), Prometheus(Endpoint(queries[0].server))
    assert len(cluster.rollouts("")) == len(cluster.rollout_versions("")) == ROLLOUTS
    for one in queries:
        if one.query == "time()":
            prometheus.time()
        elif one.query.endswith("[1ms]"):
            prometheus.rollout_series(one.query, at=one.at)
        elif GROUPED in one.query:
            prometheus.groups(one.query, ("namespace", "name"), at=one.at)
        else:
            prometheus.vector(one.query, at=one.at or None)
    send(others, environment)
    tell(time.process_time() - began, {})


def bare(environment: dict[str, str]) -> None:
    """The same requests through the SDKs alone, decoded into the clients' structs and dropped."""
    import msgspec
    from kubernetes import config
    from prometheus_api_client import PrometheusConnect

    from maintainer.cli import spare_collector
    from maintainer.clients.endpoint import Endpoint
    from maintainer.clients.session import PrometheusSession
    from maintainer.clients.wire import QueryData

    everything = asked(environment)
    lists = [one for one in everything if "/rollouts" in one.path]
    queries = [one for one in everything if one.query]
    spare_collector()
    began = time.process_time()
    api, server = config.new_client_from_config(environment["KUBECONFIG"]), queries[0].server
    sdk = PrometheusConnect(url=server, session=PrometheusSession(Endpoint(server)))
    for one in lists:
        body = api.call_api("GET", one.server + one.path, one.headers).read()
        msgspec.json.decode(body, type=page_type(one.headers["Accept"]))
    for one in queries:
        params = {"stats": "all", **({"time": one.at} if one.at else {})}
        data = msgspec.json.decode(sdk.custom_query(one.query, params=params).envelope.data, type=QueryData)
        msgspec.json.decode(data.result, type=result_type(one.query))
    send([one for one in everything if one not in lists and not one.query], environment)
    tell(time.process_time() - began, {})


def asked(environment: dict[str, str]) -> list[Request]:
    """What was recorded."""
    return [Request(**one) for one in json.loads(Path(environment["WIRE"]).read_text("utf-8"))]


def send(requested: list[Request], environment: dict[str, str]) -> None:
    """The few small requests, each of a kind of its own, through the SDK that sent it; their answers are read."""
    import requests
    from kubernetes import config

    api, session = config.new_client_from_config(environment["KUBECONFIG"]), requests.Session()
    for one in requested:
        url = one.server + one.path
        if "requests" in one.headers.get("User-Agent", ""):
            session.get(url, headers=one.headers, timeout=60)
        else:
            api.call_api(one.method, url, one.headers, json.loads(one.body) if one.body else None).read()


def page_type(accept: str) -> type:
    """What a page of Rollouts is decoded as."""
    from maintainer.clients.objects import RolloutPage, VersionPage

    return VersionPage if "PartialObjectMetadataList" in accept else RolloutPage


def result_type(query: str) -> Any:
    """What the job's clients decode the result of a query as."""
    from maintainer.clients.wire import RolloutGroup, RolloutSeries, SeriesStruct

    kinds = {"[1ms]": list[RolloutSeries], GROUPED: list[RolloutGroup], "time()": tuple[float, str]}
    return next((type_ for part, type_ in kinds.items() if part in query), list[SeriesStruct])


def tell(seconds: float, figures: dict[str, int]) -> None:
    """What a measured process says of itself."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak, "figures": figures}))


def measured(what: str, environment: dict[str, str]) -> dict[str, object]:
    """One run in a fresh process."""
    command = [sys.executable, __file__, what, json.dumps(environment)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def main() -> None:
    """Print the ratios, and fail where one is over its limit."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    fleet = context.Process(target=serve, args=(theirs,), daemon=True)
    fleet.start()
    environment = ours.recv()
    with TemporaryDirectory() as folder:
        environment["WIRE"] = f"{folder}/wire.json"
        measured("recorded", environment)
        runs = [{what: measured(what, environment) for what in ("job", "floor", "bare")} for _ in range(RUNS)]
    ours.send("end")
    fleet.join()
    cpu, dropped = (
        statistics.median(float(str(one["job"]["seconds"])) / float(str(one[what]["seconds"])) for one in runs)
        for what in ("floor", "bare")
    )
    peak = max(float(str(one["job"]["peak"])) for one in runs)
    print(f"CPU of the job / fetching the same and decoding it into facts: {cpu:.2f} (at most {CPU_LIMIT})")
    print(f"CPU of the job / fetching the same and decoding it into structs that are dropped: {dropped:.2f}")
    print(f"peak memory of the job: {peak:.0f} MiB (at most {MEMORY_LIMIT})")
    print(f"asked for: {runs[0]['job']['figures']}")
    sys.exit(cpu > CPU_LIMIT or peak > MEMORY_LIMIT)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        {"job": job, "recorded": recorded, "floor": floor, "bare": bare}[sys.argv[1]](json.loads(sys.argv[2]))
    else:
        main()
