"""A whole cluster on this machine: an API, controller pods, and a real Prometheus that scrapes them."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic, sleep, time

from maintainer.errors import ConfigError
from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.churn import Churn
from maintainer.sandbox.cluster import furnish, namespaces
from maintainer.sandbox.exporter import Controller
from maintainer.sandbox.fleet import Expected, Fleet, Placed, expected, read_fleet, states_now
from maintainer.sandbox.history import TargetLabels, samples, write_blocks
from maintainer.sandbox.planting import distortion, emitted, scrape_jobs
from maintainer.sandbox.prometheus import ScrapeJob, ask, configuration, free_port, launch, new_folder
from maintainer.sandbox.rollouts import rollout
from maintainer.sandbox.store import Store

SCRAPED_WITHIN = 30.0
"""Seconds beyond two intervals in which every target must have been scraped twice."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What world to start.

    ``faults`` false takes the faults out of ``fleet`` (``None``: that of ``fleet.yaml``). ``moving`` lets the
    Rollouts so marked change. Intervals in seconds; ``scrape_timeout`` 0 is the interval. ``history`` is how long
    a past Prometheus remembers, ``None`` for none. ``cache_lag`` is the range of seconds by which the
    controller's view of the API is old.
    """

    faults: bool = False
    moving: bool = False
    fleet: Fleet | None = None
    pods: int = 1
    scrape_interval: float = 1.0
    scrape_timeout: float = 0.0
    history: timedelta | None = None
    changes_per_second: float = 2.0
    cache_lag: tuple[float, float] = (0.0, 0.0)
    seed: int = 1

    @property
    def chosen(self) -> Fleet:
        """The fleet with or without its faults."""
        fleet = self.fleet or read_fleet()
        return fleet if self.faults else fleet.healthy()


@dataclass(frozen=True, slots=True)
class World:
    """A running world. ``prometheus`` is a base URL; ``instances`` is host:port by pod, the leader first.

    ``expected`` is what a complete check must find (see ``fleet.expected``). ``stop`` may be called before the end.
    """

    fleet: Fleet
    store: Store
    api: ApiServer
    controllers: tuple[Controller, ...]
    instances: Mapping[str, str]
    prometheus: str
    kubeconfig: Path
    churn: Churn
    expected: Expected
    stop: Callable[[], None]

    @staticmethod
    @contextmanager
    def start(plan: Plan) -> Iterator["World"]:
        """Start it all, wait for two scrapes, stop it all at the end.

        Raises ``ConfigError`` where there is no Prometheus or it does not do as it should.
        """
        with ExitStack() as stack:
            yield _start(plan, stack)

    def put(self, placed: Placed) -> None:
        """Create a Rollout, or bring it into a state."""
        put_rollouts(self.store, self.fleet, rollouts=[placed])

    def environment(self) -> dict[str, str]:
        """The variables with which ``maintainer`` finds this world."""
        return {
            "KUBECONFIG": str(self.kubeconfig),
            "MAINTAINER_PROMETHEUS_URL": self.prometheus,
            "MAINTAINER_CLUSTER_NAME": "sandbox",
        }


def put_rollouts(store: Store, fleet: Fleet, *, rollouts: Iterable[Placed]) -> None:
    """Write the Rollouts in their states, with the phases declared for these."""
    now = datetime.now(UTC)
    for placed in rollouts:
        store.put("rollouts", rollout(fleet, placed, now=now), emits=fleet.states[placed.state].emits)


def _start(plan: Plan, stack: ExitStack) -> World:
    fleet, folder = plan.chosen, new_folder()
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    store, placed = Store(), states_now(fleet)
    put_rollouts(store, fleet, rollouts=placed)
    api = ApiServer(store)
    stack.callback(api.stop)
    api.start()
    controllers = _controllers(plan, fleet, store=store)
    instances = {pod.pod: api.serving.listen(pod.app()).removeprefix("http://") for pod in controllers}
    jobs = scrape_jobs(fleet, tuple(instances.values()))
    url = _prometheus(plan, folder, stack=stack, jobs=jobs, leader=controllers[0])
    _furnish(api, placed, instances=instances, prometheus=url)
    churn = _churn(plan, store, fleet=fleet, placed=placed, stack=stack)
    config = folder / "kubeconfig"
    config.write_text(kubeconfig(api.url, api.token), "utf-8")
    leader = {job.name: job.instances[0] for job in jobs}
    return World(fleet, store, api, controllers, instances, url, config, churn, expected(fleet, leader), stack.close)


def _controllers(plan: Plan, fleet: Fleet, *, store: Store) -> tuple[Controller, ...]:
    """The pods; the first one leads."""
    wrong, random = distortion(fleet, now=datetime.now(UTC)), Random(plan.seed)  # noqa: S311
    names = [f"argo-rollouts-7c5d9f6b84-{suffix}" for suffix in ("x2v9k", "q7m4t", "h8n6d", "z5w3c")[: plan.pods]]
    pods = tuple(
        Controller(store, pod=name, leading=name == names[0], analysis=fleet.analysis, distortion=wrong)
        for name in names
    )
    for pod in pods:
        pod.cache_lag = partial(random.uniform, *plan.cache_lag)
    return pods


def _prometheus(plan: Plan, folder: Path, *, stack: ExitStack, jobs: Sequence[ScrapeJob], leader: Controller) -> str:
    """Make its history, start it, and wait until it has scraped every target twice; returns its URL."""
    if plan.history:
        _remember(jobs, leader, data=folder / "data", length=plan.history)
    interval = plan.scrape_interval
    config = configuration(jobs, interval=interval, timeout=plan.scrape_timeout or interval)
    running = launch(folder, config, port=free_port())
    stack.callback(running.stop)
    _wait_for_scrapes(running.url, targets=sum(len(job.instances) for job in jobs), within=2 * interval)
    return running.url


def _remember(jobs: Sequence[ScrapeJob], leader: Controller, *, data: Path, length: timedelta) -> None:
    emitting = [_labels(job, job.instances[0]) for job in jobs]
    silent = [_labels(job, instance) for job in jobs for instance in job.instances[1:]]
    scrape = samples(emitted(leader.store, leader.distortion), emitting=emitting, silent=silent)
    write_blocks(scrape, data, now=time(), length=length)


def _labels(job: ScrapeJob, instance: str) -> TargetLabels:
    return TargetLabels({"job": job.name, "instance": instance, **job.labels})


def _wait_for_scrapes(url: str, *, targets: int, within: float) -> None:
    query = "count(count_over_time(up[5m]) >= 2)"
    deadline = monotonic() + within + SCRAPED_WITHIN
    while monotonic() < deadline:
        answer = ask(f"{url}/api/v1/query", query=query).json()
        found = answer["data"]["result"]
        if found and int(found[0]["value"][1]) >= targets:
            return
        sleep(0.05)
    raise ConfigError(f"Prometheus at {url} did not scrape its {targets} targets twice in {SCRAPED_WITHIN:.0f} s")


def _furnish(api: ApiServer, placed: Sequence[Placed], *, instances: Mapping[str, str], prometheus: str) -> None:
    port = int(prometheus.rpartition(":")[2])
    namespaces(api.store, sorted({entry.namespace for entry in placed}))
    furnish(api.store, instances, prometheus_port=port, now=datetime.now(UTC))
    api.backend("monitoring", "prometheus", prometheus)


def _churn(plan: Plan, store: Store, *, fleet: Fleet, placed: Sequence[Placed], stack: ExitStack) -> Churn:
    moving = [entry for entry in placed if entry.moving and plan.moving]
    churn = Churn(store, fleet, moving=moving, rate=plan.changes_per_second, seed=plan.seed)
    stack.callback(churn.stop)
    return churn.start()
