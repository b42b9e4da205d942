"""Starts Prometheus and Alertmanager side by side, and waits until the one scrapes and knows the other."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from maintainer.errors import ConfigError
from maintainer.sandbox import alertmanager, prometheus
from maintainer.sandbox.programs import Program, ask, find, free_port, new_folder, stop
from maintainer.sandbox.prometheus import ScrapeJob
from maintainer.sandbox.stack import Stack, text

SCRAPED_WITHIN = 30.0
"""Seconds beyond two intervals in which every target must have been scraped twice."""


@dataclass(frozen=True, slots=True)
class Scraping:
    """What Prometheus scrapes and evaluates, and how often; in seconds."""

    jobs: Sequence[ScrapeJob]
    interval: float
    timeout: float


@dataclass(frozen=True, slots=True)
class Servers:
    """What runs. ``files`` are the texts of the configuration that Prometheus has loaded, by name."""

    prometheus: Program
    alertmanager: Program
    files: Mapping[str, str]


def check() -> None:
    """Raise ``ConfigError`` where a program is missing."""
    find(["prometheus"], ["promtool"], alertmanager.NAMES)


def begin(
    deployed: Stack, scraping: Scraping, *, folder: Path, remember: Callable[[Path], None], end: ExitStack
) -> Servers:
    """Start both and return when they work; ``end`` ends them.

    ``folder`` is Prometheus' own, ``remember`` is given its data before it starts. Raises ``ConfigError``.
    """
    running: list[Program] = []
    end.callback(stop, running)
    teller = alertmanager.launch(new_folder(), deployed.alertmanager, port=free_port())
    running.append(teller)
    files = _files(deployed, scraping, alertmanager=teller.url.removeprefix("http://"))
    remember(folder / "data")
    server = prometheus.launch(folder, files, port=free_port())
    running.append(server)
    for program in running:
        program.wait()
    _wait(server.url, scraping)
    return Servers(server, teller, files)


def _files(deployed: Stack, scraping: Scraping, *, alertmanager: str) -> Mapping[str, str]:
    config = prometheus.configuration(
        scraping.jobs, interval=scraping.interval, timeout=scraping.timeout, alertmanager=alertmanager
    )
    return {prometheus.CONFIG: text(config), prometheus.RULES: text(deployed.loaded)}


def _wait(url: str, scraping: Scraping) -> None:
    """Return when each target was scraped twice, each rule evaluated, and Alertmanager found."""
    targets = sum(len(job.instances) for job in scraping.jobs)
    deadline = monotonic() + 2 * scraping.interval + SCRAPED_WITHIN
    while monotonic() < deadline:
        if _scraped(url) >= targets and _evaluated(url) and _get(url, "alertmanagers")["activeAlertmanagers"]:
            return
        sleep(0.05)
    raise ConfigError(f"Prometheus at {url} did not get to work within {SCRAPED_WITHIN:.0f} s, on {targets} targets")


def _scraped(url: str) -> int:
    found = _get(url, "query", query="count(count_over_time(up[5m]) >= 2)")["result"]
    return int(found[0]["value"][1]) if found else 0


def _evaluated(url: str) -> bool:
    groups = _get(url, "rules")["groups"]
    return all(rule["health"] == "ok" for group in groups for rule in group["rules"])


def _get(url: str, path: str, **query: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = ask(f"{url}/api/v1/{path}", **query).json()["data"]
    return data
