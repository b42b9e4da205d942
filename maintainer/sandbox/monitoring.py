"""Starts Alertmanager and Prometheus, and waits until Prometheus scrapes its targets and has found Alertmanager."""

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
"""Every target must be scraped twice within two intervals and this number of seconds."""


@dataclass(frozen=True, slots=True)
class Scraping:
    """What Prometheus scrapes. ``interval``, also that of the rules, and ``timeout`` are in seconds.

    ``port`` is its own, 0 for any. ``limits`` are the flags that limit what it keeps.
    """

    jobs: Sequence[ScrapeJob]
    interval: float
    timeout: float
    port: int = 0
    limits: Sequence[str] = prometheus.RETENTION


@dataclass(frozen=True, slots=True)
class Servers:
    """The running programs. ``files`` are the texts of Prometheus' configuration files by name."""

    prometheus: Program
    alertmanager: Program
    files: Mapping[str, str]


def check() -> None:
    """Raise ``ConfigError`` if a program is not installed."""
    find(["prometheus"], ["promtool"], alertmanager.NAMES)


def begin(
    deployed: Stack, scraping: Scraping, *, folder: Path, remember: Callable[[Path], None], end: ExitStack
) -> Servers:
    """Start both programs and return when they work. They are stopped when ``end`` is closed.

    ``folder`` is Prometheus' folder; ``remember`` is called with its data folder before Prometheus starts.
    Raises ``ConfigError`` if a program does not start or does not work.
    """
    running: list[Program] = []
    end.callback(stop, running)
    notifier = alertmanager.launch(new_folder(), deployed.alertmanager, port=free_port())
    running.append(notifier)
    files = _files(deployed, scraping, notifier=notifier.url.removeprefix("http://"))
    remember(folder / "data")
    server = prometheus.launch(folder, files, port=scraping.port or free_port(), limits=scraping.limits)
    running.append(server)
    for program in running:
        program.wait()
    _wait(server.url, scraping)
    return Servers(server, notifier, files)


def _files(deployed: Stack, scraping: Scraping, *, notifier: str) -> Mapping[str, str]:
    config = prometheus.configuration(
        scraping.jobs, interval=scraping.interval, timeout=scraping.timeout, alertmanager=notifier
    )
    return {prometheus.CONFIG: text(config), prometheus.RULES: text(deployed.loaded)}


def _wait(url: str, scraping: Scraping) -> None:
    """Return when each target was scraped twice, each rule was evaluated, and Alertmanager was found.

    A group with an interval of its own is not waited for: its first evaluation is somewhere in that.
    """
    targets = sum(len(job.instances) for job in scraping.jobs)
    deadline = monotonic() + 2 * scraping.interval + SCRAPED_WITHIN
    while monotonic() < deadline:
        if (
            _scraped(url) >= targets
            and _evaluated(url, scraping.interval)
            and _get(url, "alertmanagers")["activeAlertmanagers"]
        ):
            return
        sleep(0.05)
    raise ConfigError(f"Prometheus at {url} did not get to work within {SCRAPED_WITHIN:.0f} s, on {targets} targets")


def _scraped(url: str) -> int:
    result = _get(url, "query", query="count(count_over_time(up[5m]) >= 2)")["result"]
    return int(result[0]["value"][1]) if result else 0


def _evaluated(url: str, interval: float) -> bool:
    groups = [group for group in _get(url, "rules")["groups"] if group["interval"] <= interval]
    return all(rule["health"] == "ok" for group in groups for rule in group["rules"])


def _get(url: str, path: str, **query: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = ask(f"{url}/api/v1/{path}", **query).json()["data"]
    return data
