"""A real Prometheus on this machine, which ends when we do."""

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import requests
import yaml

from maintainer.errors import ConfigError
from maintainer.sandbox import leash
from maintainer.sandbox.serving import HOST

HOW_TO_GET = (
    "Debian/Ubuntu: apt-get install prometheus; macOS: brew install prometheus; or https://prometheus.io/download"
)

READY_WITHIN = 20.0
"""Seconds in which Prometheus must answer /-/ready."""


@dataclass(frozen=True, slots=True)
class ScrapeJob:
    """A ``scrape_configs`` entry with static targets (host:port) and labels of their own."""

    name: str
    instances: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running Prometheus. ``folder`` holds its configuration, its log and its data, and goes with it."""

    url: str
    folder: Path
    process: "subprocess.Popen[bytes]"

    def stop(self) -> None:
        """End it and remove its folder; takes at most a bit more than a second."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def new_folder() -> Path:
    """A temporary folder with an empty ``data`` inside. Raises ``ConfigError`` where Prometheus is missing."""
    missing = [name for name in ("prometheus", "promtool") if shutil.which(name) is None]
    if missing:
        raise ConfigError(f"{' and '.join(missing)} not found on PATH. {HOW_TO_GET}")
    folder = Path(tempfile.mkdtemp(prefix="maintainer-sandbox-"))
    (folder / "data").mkdir()
    return folder


def free_port() -> int:
    """A TCP port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def configuration(jobs: Sequence[ScrapeJob], *, interval: float, timeout: float) -> dict[str, Any]:
    """``prometheus.yml``; interval and timeout in seconds."""
    return {
        "global": {
            "scrape_interval": _duration(interval),
            "scrape_timeout": _duration(timeout),
            "evaluation_interval": _duration(interval),
        },
        "scrape_configs": [
            {"job_name": job.name, "static_configs": [{"targets": list(job.instances), "labels": dict(job.labels)}]}
            for job in jobs
        ],
    }


def launch(folder: Path, config: Mapping[str, Any], *, port: int) -> Prometheus:
    """Start Prometheus in the folder and wait until it is ready. Raises ``ConfigError`` when it does not start."""
    (folder / "prometheus.yml").write_text(yaml.safe_dump(dict(config), sort_keys=False), "utf-8")
    supervised = [sys.executable, "-I", leash.__file__, "--remove", str(folder), "--", *_command(folder, port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            supervised, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    running = Prometheus(f"http://{HOST}:{port}", folder, process)
    try:
        _wait(running)
    except BaseException:
        running.stop()
        raise
    return running


def ask(url: str, **query: str) -> requests.Response:
    """GET from this machine, past any proxy that the environment names. Raises ``requests.ConnectionError``."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, params=query, timeout=5)


def _command(folder: Path, port: int) -> list[str]:
    return [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={HOST}:{port}",
        "--web.enable-lifecycle",
        "--scrape.discovery-reload-interval=100ms",
        "--log.level=warn",
    ]


def _wait(running: Prometheus) -> None:
    deadline = monotonic() + READY_WITHIN
    while monotonic() < deadline:
        if running.process.poll() is not None:
            break
        try:
            if ask(f"{running.url}/-/ready").ok:
                return
        except requests.ConnectionError:
            pass
        sleep(0.05)
    log = (running.folder / "log").read_text("utf-8", "replace").strip()
    raise ConfigError(f"Prometheus did not start: {log[-800:] or 'it says nothing'}")


def _duration(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"
