"""Measures what a harvest of a day costs Prometheus, and the memory of one with a million samples of alerts.

python bench/harvest.py

The first is the samples that Prometheus had to read, as a ratio to those that it returned; and the requests, also with
an expression that says when users are harmed. Both are measured on a real Prometheus with the past written before.
"""

import multiprocessing
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from maintainer.analyse.alerts.harvested_day import harvested_day
from maintainer.analyse.alerts.impact import impact_promql
from maintainer.analyse.queries.reading import selector_readings
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.alerts.day import read_day
from maintainer.collect.alerts.planning import Wanted, harvest_plan
from maintainer.collect.alerts.reading import Reader
from maintainer.collect.alerts.rules import loaded_alerting
from maintainer.collect.alerts.selectors import selectors
from maintainer.model.clock import Clock
from maintainer.model.guard import unguarded
from maintainer.model.harvest import ImpactQuery
from maintainer.model.scope import Scope
from maintainer.sandbox.programs import find, free_port, new_folder, start, stop
from maintainer.sandbox.serving import HOST

SUBJECTS = 200
MOST_RATIO = 1.2
MOST_REQUESTS = 12
MOST_MEMORY = 200
"""MiB."""
EPISODES = 350
"""Alerts that fire all day: each has 2,880 samples, and as many of ALERTS_FOR_STATE."""

STEP = 30
DAY = 86_400
TODAY = round(datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp())
BEGIN, END = TODAY - 2 * DAY, TODAY - DAY

RULES = """
groups:
- name: rollouts
  interval: 30s
  rules:
  - {alert: RolloutStuck, expr: 'rollout_info{phase="Progressing"} == 1', for: 15m, labels: {severity: warning}}
"""


def ordinary_day() -> Iterator[str]:
    """A day of 200 Rollouts with two deployments each, of which each tenth gets stuck."""
    for number in range(SUBJECTS):
        own = f'namespace="team-{number % 20}",name="service-{number}",job="argo-rollouts",instance="10.0.0.1:8090"'
        for family in ("available", "desired"):
            yield from line(f"rollout_info_replicas_{family}{{{own}}}", BEGIN - 3_600, END, value=3)
        for deployment in range(2):
            at = BEGIN + deployment * DAY // 2 + number * 60
            yield from line(f'rollout_info{{{own},phase="Progressing"}}', at, at + 1_200)
            for reason in ("RolloutUpdated", "RolloutCompleted"):
                labels = f'{own},reason="{reason}",type="Normal"'
                until = END if deployment else BEGIN + DAY // 2 + number * 60
                yield from line(f"rollout_events_total{{{labels}}}", at, until, value=deployment + 1)
        if number % 10 == 0:
            at = BEGIN + number * 60
            yield from alert(number, at, at + 1_200)


def chronic_day() -> Iterator[str]:
    """A day in which many alerts fire all the time."""
    for number in range(EPISODES):
        yield from alert(number, BEGIN, END)


def alert(number: int, first: int, last: int) -> Iterator[str]:
    """An alert that is there from ``first`` to before ``last``, and fires after 15 minutes."""
    own = f'alertname="RolloutStuck",namespace="team-{number % 20}",name="service-{number}",severity="warning"'
    yield from line(f'ALERTS{{{own},alertstate="pending"}}', first, first + 900)
    yield from line(f'ALERTS{{{own},alertstate="firing"}}', first + 900, last)
    yield from line(f"ALERTS_FOR_STATE{{{own}}}", first, last, value=first)


def line(series: str, first: int, last: int, *, value: float = 1) -> Iterator[str]:
    """The samples of a series, as promtool reads them."""
    return (f"{series} {value} {at}\n" for at in range(first, last, STEP))


@contextmanager
def prometheus_with(past: Iterator[str]) -> Iterator[str]:
    """The URL of a Prometheus with this past."""
    server, promtool = find(["prometheus"], ["promtool"])
    folder, port = new_folder(), free_port()
    text = folder / "past.om"
    with text.open("w", encoding="utf-8") as file:
        file.writelines(past)
        file.write("# EOF\n")
    make = [promtool, "tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=486h"]
    subprocess.run([*make, text, folder / "data"], check=True)
    text.unlink()
    (folder / "rules.yml").write_text(RULES, "utf-8")
    (folder / "prometheus.yml").write_text("rule_files: [rules.yml]\n", "utf-8")
    command = [server, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    command += [f"--web.listen-address={HOST}:{port}", "--log.level=warn"]
    running = start("Prometheus", command, folder=folder, port=port)
    try:
        running.wait()
        yield running.url
    finally:
        stop([running])


IMPACT = 'sum by (namespace, name) (rate(rollout_events_total{reason="RolloutCompleted"}[5m])) > 1'


def harvest(url: str, *, impact: ImpactQuery | None = None) -> tuple[int, int, int, int]:
    """Read the day: how many requests, samples that Prometheus has read, samples it returned, episodes."""
    with closing(Prometheus(Endpoint(url))) as prometheus:
        reader = Reader(prometheus, Clock(lambda: 0.0, lambda _: None))
        rules = loaded_alerting(prometheus).rules
        wanted = Wanted(rules, selectors(rules, Scope(), watchdog=False), impact=impact)
        plan = harvest_plan(reader, wanted, [(BEGIN * 1000, END * 1000)], most=100_000_000)
        read = read_day(reader, plan.days[0], wanted.asked_on(plan.days[0]), guard=unguarded)
        returned = sum(len(series.times) for found in read.series.values() for series in found)
        kept = harvested_day(read, rules, same_server=True)
        return prometheus.cost.requests, prometheus.cost.samples, returned, len(kept.episodes)


def measured(url: str, answers: "multiprocessing.SimpleQueue[tuple[int, ...]]") -> None:
    """Harvest in this process, and answer with what it took; the last are the memory in MiB, and the requests with an
    expression about users.
    """
    taken = (*harvest(url), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
    reads = selector_readings(IMPACT)
    about_users = ImpactQuery(impact_promql(IMPACT, [read.selector for read in reads]), reads)
    answers.put((*taken, harvest(url, impact=about_users)[0]))


def in_new_process(past: Iterator[str]) -> tuple[int, ...]:
    """What a harvest of this past took."""
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.SimpleQueue[tuple[int, ...]] = context.SimpleQueue()
    with prometheus_with(past) as url:
        process = context.Process(target=measured, args=(url, answers))
        process.start()
        found = answers.get()
        process.join()
    return found


def main() -> None:
    """Print what was measured, and exit with 1 if something is above its limit."""
    requests, read, returned, episodes, _, most = in_new_process(ordinary_day())
    ratio = read / returned
    print(f"harvest of a day of {SUBJECTS} Rollouts: {requests} requests, {read:,} samples read, {returned:,} returned")
    print(f"  ratio {ratio:.2f} (at most {MOST_RATIO}), {episodes} episodes")
    print(f"  {most} requests with an expression about users (at most {MOST_REQUESTS})")
    *_, samples, chronic, memory, _ = in_new_process(chronic_day())
    print(f"harvest of {samples:,} samples of {chronic} alerts: {memory} MiB (at most {MOST_MEMORY})")
    sys.exit(ratio > MOST_RATIO or most > MOST_REQUESTS or memory > MOST_MEMORY)


if __name__ == "__main__":
    main()
