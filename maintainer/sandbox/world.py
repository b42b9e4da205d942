"""A cluster on this machine: a simulated API and controller, with a real Prometheus and a real Alertmanager."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from time import time

from maintainer.sandbox.api import ApiServer, kubeconfig
from maintainer.sandbox.certificates import new_certificate
from maintainer.sandbox.churn import Churn
from maintainer.sandbox.cluster import Addresses, configure, furnish, namespaces
from maintainer.sandbox.exporter import Controller
from maintainer.sandbox.fleet import Expected, Fleet, Placed, expected, read_fleet, states_now
from maintainer.sandbox.history import (
    GAP,
    KNOWN_FOR_DAYS,
    Past,
    TargetLabels,
    counted,
    samples,
    write_blocks,
    write_days,
)
from maintainer.sandbox.monitoring import Scraping, Servers, begin, check
from maintainer.sandbox.planting import distortion, emitted, led, scrape_jobs
from maintainer.sandbox.programs import free_port, new_folder
from maintainer.sandbox.prometheus import RULES, ScrapeJob
from maintainer.sandbox.rollouts import rollout
from maintainer.sandbox.serving import HOST
from maintainer.sandbox.stack import Document, Stack, stack, text
from maintainer.sandbox.storage import Storage, keep_month, kubelet, put_volume
from maintainer.sandbox.store import Store, key_of


@dataclass(frozen=True, slots=True)
class Plan:
    """The world to start.

    ``fleet`` is the fleet, by default that of ``fleet.yaml``; its faults are planted only if ``faults`` is true. If
    ``moving`` is true, its moving Rollouts change ``changes_per_second`` times a second. ``pods`` is the number of
    controller pods, from 1 to 4. ``scrape_interval`` and ``scrape_timeout`` are in seconds, and a timeout of 0 is the
    interval. ``history`` is the length of the history in Prometheus, and ``past`` are days before it; ``remember``
    writes another one into its data folder. ``rules`` is the rule file, by default that of ``stack.yaml``.
    ``cache_lag`` is the range, in seconds, of the age of the controller's informer cache. The API is served over TLS,
    as kubectl needs it, if ``tls`` is true. With ``storage`` Prometheus has stored for a month on a volume, in place of
    a history.
    """

    faults: bool = False
    moving: bool = False
    fleet: Fleet | None = None
    pods: int = 1
    scrape_interval: float = 1.0
    scrape_timeout: float = 0.0
    history: timedelta | None = None
    past: Past | None = None
    remember: Callable[[Path], None] | None = None
    rules: Document | None = None
    changes_per_second: float = 2.0
    cache_lag: tuple[float, float] = (0.0, 0.0)
    seed: int = 1
    tls: bool = True
    storage: Storage | None = None

    @property
    def age(self) -> float:
        """For how many seconds the controllers have been running: longer than Prometheus' history, if there is any."""
        return (self.history + timedelta(minutes=10)).total_seconds() if self.history else 0.0

    @property
    def chosen(self) -> Fleet:
        """The fleet with or without its faults."""
        fleet = self.fleet or read_fleet()
        return fleet if self.faults else fleet.healthy()


@dataclass(frozen=True, slots=True)
class World:
    """A running world.

    ``instances`` is host:port by controller pod, the leader first. ``prometheus`` and ``alertmanager`` are base URLs.
    ``rules_file`` is the path of the rules that Prometheus has loaded.
    ``expected`` is what a complete audit must find (see ``fleet.expected``). ``stop`` stops the world early.
    """

    fleet: Fleet
    store: Store
    api: ApiServer
    controllers: tuple[Controller, ...]
    instances: Mapping[str, str]
    prometheus: str
    alertmanager: str
    rules_file: str
    kubeconfig: Path
    churn: Churn
    expected: Expected
    stop: Callable[[], None]

    @staticmethod
    @contextmanager
    def start(plan: Plan) -> Iterator["World"]:
        """Start the world, wait until every target was scraped twice, and stop the world at the end.

        Raises ``ConfigError`` if Prometheus or Alertmanager is not installed, does not start or does not work.
        """
        with ExitStack() as end:
            yield _start(plan, end)

    def put(self, placed: Placed) -> None:
        """Create the Rollout in its state, or change it to this state."""
        put_rollouts(self.store, self.fleet, rollouts=[placed])

    def environment(self) -> dict[str, str]:
        """The environment variables with which ``maintainer`` finds this world."""
        return {
            "KUBECONFIG": str(self.kubeconfig),
            "MAINTAINER_PROMETHEUS_URL": self.prometheus,
            "MAINTAINER_CLUSTER_NAME": "sandbox",
        }


def put_rollouts(store: Store, fleet: Fleet, *, rollouts: Iterable[Placed], age: timedelta = timedelta(0)) -> None:
    """Write the Rollouts in their states, with the phases of these states; ``age`` is the age of new Rollouts."""
    now = datetime.now(UTC)
    for placed in rollouts:
        item = rollout(fleet, placed, now=now, age=age)
        store.put("rollouts", item, emits=fleet.states[placed.state].emits)


def _start(plan: Plan, end: ExitStack) -> World:
    check()
    fleet, folder = plan.chosen, new_folder()
    end.callback(shutil.rmtree, folder, ignore_errors=True)
    store, placed = Store(), states_now(fleet)
    put_rollouts(store, fleet, rollouts=placed, age=timedelta(days=100 if plan.history else 0))
    api = ApiServer(store, certificate=new_certificate() if plan.tls else None)
    end.callback(api.stop)
    api.start()
    controllers = _controllers(plan, fleet, store=store)
    instances = {pod.pod: api.serving.listen(pod.app()).removeprefix("http://") for pod in controllers}
    jobs, deployed = scrape_jobs(fleet, tuple(instances.values())), _deployed(plan, fleet)
    scraping = Scraping(jobs, plan.scrape_interval, plan.scrape_timeout or plan.scrape_interval)
    remember = plan.remember or partial(_remember, plan=plan, jobs=jobs, leader=controllers[0])
    if plan.storage:
        scraping = _stored(plan.storage, scraping, folder / "data", api=api, leader=controllers[0])
    servers = begin(deployed, scraping, folder=folder, remember=remember, end=end)
    _furnish(api, fleet, instances=instances, deployed=deployed, servers=servers)
    churn = _churn(plan, store, fleet=fleet, placed=placed, end=end)
    config = folder / "kubeconfig"
    config.write_text(kubeconfig(api.url, api.token, authority=api.authority), "utf-8")
    urls = servers.prometheus.url, servers.alertmanager.url
    wanted = expected(fleet, {job.name: job.instances[0] for job in jobs})
    rules = str(folder / RULES)
    return World(fleet, store, api, controllers, instances, *urls, rules, config, churn, wanted, end.close)


def _deployed(plan: Plan, fleet: Fleet) -> Stack:
    deployed = stack(fleet.faults)
    return replace(deployed, rules=plan.rules, loaded=plan.rules) if plan.rules else deployed


def _stored(storage: Storage, scraping: Scraping, data: Path, *, api: ApiServer, leader: Controller) -> Scraping:
    """Write a month of blocks, and put the volume in the cluster. Returns what is scraped then, with the limits."""
    port = free_port()
    itself, (controller, *_) = f"{HOST}:{port}", scraping.jobs
    kept = keep_month(storage, data, page=leader.metrics(), controller=controller, itself=itself)
    put_volume(api.store, kept)
    measured = api.serving.listen(kubelet(data, kept)).removeprefix("http://")
    jobs = storage.jobs(scraping.jobs, itself=itself, kubelet=measured)
    return replace(scraping, jobs=jobs, port=port, limits=kept.flags)


def _controllers(plan: Plan, fleet: Fleet, *, store: Store) -> tuple[Controller, ...]:
    """The controller pods. The first is the leader, unless the fleet has the fault ``silent``."""
    wrong, random = distortion(fleet, now=datetime.now(UTC)), Random(plan.seed)  # noqa: S311
    names = [f"argo-rollouts-7c5d9f6b84-{suffix}" for suffix in ("x2v9k", "q7m4t", "h8n6d", "z5w3c")[: plan.pods]]
    pods = tuple(
        Controller(
            store,
            pod=name,
            leading=led(fleet) and name == names[0],
            analysis=fleet.analysis,
            distortion=wrong,
        )
        for name in names
    )
    for pod in pods:
        pod.cache_lag = partial(random.uniform, *plan.cache_lag)
        pod.grow_old(plan.age)
    return pods


def _remember(data: Path, plan: Plan, *, jobs: Sequence[ScrapeJob], leader: Controller) -> None:
    """Write the history into Prometheus' data folder, if the plan has a history."""
    if not plan.history:
        return
    emitting = [_labels(job, job.instances[0]) for job in jobs]
    silent = [_labels(job, instance) for job in jobs for instance in job.instances[1:]]
    scrape = samples(emitted(leader.store, leader.distortion), emitting=emitting, silent=silent)
    keys = leader.store.seen("rollouts", float("inf")).keys() - leader.distortion.missing
    for target in emitting:
        for family, values in counted(leader, sorted(keys), target=target).items():
            scrape.setdefault(family, {}).update(values)
    now = time()
    write_blocks(scrape, data, now=now, length=plan.history)
    if plan.past:
        rollouts = sorted(emitted(leader.store, leader.distortion), key=lambda observed: key_of(observed.object))
        known = samples(rollouts[:KNOWN_FOR_DAYS], emitting=emitting, silent=silent)
        days = {family: known[family] for family in ("up", "rollout_info")}
        write_days(days, data, plan.past, until=now - GAP - plan.history.total_seconds())


def _labels(job: ScrapeJob, instance: str) -> TargetLabels:
    return TargetLabels({"job": job.name, "instance": instance, **job.labels})


def _furnish(api: ApiServer, fleet: Fleet, *, instances: Mapping[str, str], deployed: Stack, servers: Servers) -> None:
    """Put the other objects of the cluster in the store, and the servers behind their Services."""
    prometheus, alertmanager = servers.prometheus.url, servers.alertmanager.url
    ports = Addresses(instances, *(int(url.rpartition(":")[2]) for url in (prometheus, alertmanager)))
    namespaces(api.store, sorted({entry.namespace for entry in fleet.rollouts}))
    furnish(api.store, ports, led=led(fleet), now=datetime.now(UTC))
    configure(api.store, prometheus={**servers.files, RULES: text(deployed.rules)}, dashboard=deployed.dashboard)
    api.backend("monitoring", "prometheus", prometheus)
    api.backend("monitoring", "alertmanager", alertmanager)


def _churn(plan: Plan, store: Store, *, fleet: Fleet, placed: Sequence[Placed], end: ExitStack) -> Churn:
    moving = [entry for entry in placed if entry.moving and plan.moving]
    churn = Churn(store, fleet, moving=moving, rate=plan.changes_per_second, seed=plan.seed)
    end.callback(churn.stop)
    return churn.start()
