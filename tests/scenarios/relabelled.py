"""A second Prometheus that scrapes the pods of a world by several jobs, each with relabelling rules of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import yaml

from maintainer.model.report import Report
from maintainer.sandbox.programs import free_port, new_folder, stop
from maintainer.sandbox.prometheus import CONFIG, launch
from maintainer.sandbox.world import World
from tests.scenarios.audits import audit
from tests.scenarios.small_worlds import INTERVAL, eventually_at

Job = Mapping[str, Any]
"""An entry of ``scrape_configs``; ``labels`` are those of its static targets, ``targets`` (host:port) the world's."""


@dataclass(frozen=True, slots=True)
class Relabelled:
    """The Prometheus at ``url``, which scrapes a world's pods by several jobs."""

    world: World
    url: str

    def audit(self, job: str, *, hurry: float = 1.0, url: str = "") -> Report:
        """An audit of what one of its jobs gives; ``url`` is that of a front."""
        wanted = {"prometheus.url": url or self.url, "prometheus.matchers": [f'job="{job}"']}
        return audit(self.world, wanted, hurry=hurry)

    def target(self, job: str) -> str:
        """The subject that is the leader's target of a job."""
        return f"Target/{job} {next(iter(self.world.instances.values()))}"


@contextmanager
def beside(world: World, jobs: Mapping[str, Job]) -> Iterator[Relabelled]:
    """A Prometheus beside the world's own, with these jobs by name, each of which has been scraped."""
    interval = f"{round(INTERVAL * 1000)}ms"
    scraping = {"scrape_interval": interval, "scrape_timeout": interval}
    written = [_written(world, name, job) for name, job in jobs.items()]
    config = yaml.safe_dump({"global": scraping, "scrape_configs": written})
    running = launch(new_folder(), {CONFIG: config}, port=free_port())
    try:
        running.wait()
        eventually_at(running.url, "count(count by (job) (up))", len(jobs))
        yield Relabelled(world, running.url)
    finally:
        stop([running])


def _written(world: World, name: str, job: Job) -> Mapping[str, Any]:
    own = {key: value for key, value in job.items() if key not in {"labels", "targets"}}
    targets = {"targets": list(job.get("targets", world.instances.values())), "labels": dict(job.get("labels", {}))}
    return {"job_name": name, "static_configs": [targets], **own}
