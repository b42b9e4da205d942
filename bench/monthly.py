"""What the monthly audit of 10,000 Rollouts costs, as ratios to fetching and decoding the same bytes.

The fleet runs in a process of its own. The job and its floor each run in a fresh process and report their CPU seconds
without imports and waits, and their peak memory.
"""

import json
import multiprocessing
import resource
import statistics
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

ROLLOUTS = 10_000
INTERVAL = 5.0
RUNS = 5
CPU_LIMIT, MEMORY_LIMIT = 1.5, 150
_FAILED = 'phase=~"Timeout|Error|Abort|InvalidSpec"'
PANELS = (
    "sum by (namespace, name, phase) (rollout_info)",
    *(f"sum by (namespace, name) (rollout_info_replicas_{kind})" for kind in ("available", "desired", "updated")),
    *(
        f"count by (namespace, name) (rollout_info{{{phase}}})"
        for phase in ('phase="Progressing"', 'phase="Completed"', _FAILED)
    ),
)
"""What the audit asks for the panels of the sandbox's dashboard."""


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
    from maintainer.collect.connections import open_sources
    from maintainer.jobs.given import endpoint
    from maintainer.jobs.monthly import monthly
    from maintainer.jobs.world import World
    from maintainer.model.clock import Clock
    from maintainer.schedule import last_month
    from maintainer.settings import load

    settings, now = load("", environment, {}), datetime.now(UTC)
    spare_collector()
    began = time.process_time()
    with closing(open_sources("", environment["KUBECONFIG"], endpoint(settings))) as sources:
        clock = Clock(time.monotonic, time.sleep)
        report = monthly(settings, World(sources, clock, now, last_month(now, "UTC"), "bench"))
    seconds = time.process_time() - began
    assert report.verdict == "ok", (report.findings, report.gaps)
    tell(seconds, {name: int(value) for name, value in report.figures.items()})


def floor(environment: dict[str, str]) -> None:
    """The same requests for Rollouts, versions, series and panels, decoded into the same structs and dropped."""
    import msgspec
    import requests
    import urllib3
    from kubernetes import config

    from maintainer.clients.objects import RolloutPage, VersionPage
    from maintainer.clients.wire import Envelope, QueryData, RolloutGroup, RolloutSeries
    from maintainer.model.contract import GAUGES, INFO

    api = config.new_client_from_config(environment["KUBECONFIG"])
    token = api.configuration.auth_settings()["BearerToken"]["value"]
    pool, session = urllib3.PoolManager(), requests.Session()
    metadata = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
    began = time.process_time()
    pages: tuple[tuple[str, Any], ...] = (("application/json", RolloutPage), (metadata, VersionPage))
    for accept, type_ in pages:
        resume = ""
        while True:
            headers = {"Accept": accept, "Accept-Encoding": "gzip", "Authorization": token}
            fields = {"limit": "500", "continue": resume} if resume else {"limit": "500"}
            url = f"{api.configuration.host}/apis/argoproj.io/v1alpha1/rollouts"
            page = msgspec.json.decode(pool.request("GET", url, fields=fields, headers=headers).data, type=type_)
            resume = page.metadata.next_page
            if not resume:
                break
    query = f"{environment['MAINTAINER_PROMETHEUS_URL']}/api/v1/query"
    newest = session.post(query, data={"query": f"max(timestamp({INFO}))"}, timeout=60).json()["data"]["result"][0]
    asked: list[tuple[str, Any]] = [(f"{family}[1ms]", list[RolloutSeries]) for family in (INFO, *GAUGES)]
    asked += [(promql, list[RolloutGroup]) for promql in PANELS]
    for promql, type_ in asked:
        data = {"query": promql, "time": newest["value"][1], "stats": "all"}
        body = session.post(query, data=data, timeout=60).content
        envelope = msgspec.json.decode(body, type=Envelope)
        msgspec.json.decode(msgspec.json.decode(envelope.data, type=QueryData).result, type=type_)
    tell(time.process_time() - began, {})


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
    pairs = [(measured("job", environment), measured("floor", environment)) for _ in range(RUNS)]
    ours.send("end")
    fleet.join()
    cpu = statistics.median(float(str(one["seconds"])) / float(str(other["seconds"])) for one, other in pairs)
    peak = max(float(str(one["peak"])) for one, _ in pairs)
    print(f"CPU of the job / fetching and decoding the same bytes: {cpu:.2f} (at most {CPU_LIMIT})")
    print(f"peak memory of the job: {peak:.0f} MiB (at most {MEMORY_LIMIT})")
    print(f"asked for: {pairs[0][0]['figures']}")
    sys.exit(cpu > CPU_LIMIT or peak > MEMORY_LIMIT)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        {"job": job, "floor": floor}[sys.argv[1]](json.loads(sys.argv[2]))
    else:
        main()
