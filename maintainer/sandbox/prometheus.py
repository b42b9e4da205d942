"""Configures and starts a real Prometheus."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from maintainer.sandbox.programs import Program, find, start
from maintainer.sandbox.serving import HOST

CONFIG, RULES = "prometheus.yml", "alert-rules.yml"
"""The names of the configuration files, both in the folder and in the ConfigMap."""

RETENTION = ("--storage.tsdb.retention.time=30d",)


@dataclass(frozen=True, slots=True)
class ScrapeJob:
    """An entry of ``scrape_configs`` with static targets (host:port) and their labels.

    ``interval`` is its own in seconds, 0 for that of all jobs. The metrics ``dropped`` are not stored.
    """

    name: str
    instances: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    interval: float = 0.0
    dropped: tuple[str, ...] = ()


def configuration(jobs: Sequence[ScrapeJob], *, interval: float, timeout: float, alertmanager: str) -> dict[str, Any]:
    """The content of ``prometheus.yml``; ``interval`` and ``timeout`` are in seconds, ``alertmanager`` is host:port."""
    return {
        "global": {
            "scrape_interval": _duration(interval),
            "scrape_timeout": _duration(timeout),
            "evaluation_interval": _duration(interval),
        },
        "rule_files": [RULES],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [_scrape_config(job) for job in jobs],
    }


def launch(folder: Path, files: Mapping[str, str], *, port: int, limits: Sequence[str] = RETENTION) -> Program:
    """Start Prometheus in the folder, with the texts of its files by name, and with flags that limit what it keeps.

    Raises ``ConfigError`` if it is not installed.
    """
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    [program] = find(["prometheus"])
    command = [
        program,
        f"--config.file={folder / CONFIG}",
        f"--storage.tsdb.path={folder / 'data'}",
        *limits,
        f"--web.listen-address={HOST}:{port}",
        "--web.enable-lifecycle",
        "--scrape.discovery-reload-interval=100ms",
        "--log.level=warn",
    ]
    return start("Prometheus", command, folder=folder, port=port)


def hides_log() -> bool:
    """Whether this Prometheus has no metric of the size of its write-ahead log, as those before 2.45."""
    [program] = find(["prometheus"])
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"version (\d+)\.(\d+)", said.stdout + said.stderr)
    return found is not None and (int(found[1]), int(found[2])) < (2, 45)


def _scrape_config(job: ScrapeJob) -> dict[str, Any]:
    own: dict[str, Any] = {"job_name": job.name, "static_configs": [_static(job)]}
    if job.interval:
        own |= {"scrape_interval": _duration(job.interval), "scrape_timeout": _duration(min(job.interval, 10))}
    if job.dropped:
        drop = {"source_labels": ["__name__"], "regex": "|".join(job.dropped), "action": "drop"}
        own["metric_relabel_configs"] = [drop]
    return own


def _static(job: ScrapeJob) -> dict[str, Any]:
    labels = {"labels": dict(job.labels)} if job.labels else {}
    return {"targets": list(job.instances), **labels}


def _duration(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"
