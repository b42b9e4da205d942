"""VictoriaMetrics and vmalert beside a world of the sandbox: one that scrapes, and one that a Prometheus writes to."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import yaml

from maintainer.sandbox.programs import free_port
from maintainer.sandbox.prometheus import CONFIG, RULES
from maintainer.sandbox.world import World
from tests.e2e.parts import found
from tests.e2e.processes import Command, start, until

OURS = Path("/run/hosts")
"""What ``tools/e2e.sh`` leaves in the namespaces that it makes; they end programs that a crashed test leaves behind."""
SERVICE = "prometheus.monitoring.svc"
"""The world's Service in front of Prometheus, of which ``tools/e2e.sh`` makes this machine."""
Config = Mapping[str, Any]


def scraping(world: World, *relabelling: Mapping[str, Any]) -> Config:
    """The scrape jobs of the world's own Prometheus, with ``relabelling`` of the metrics of each job."""
    config = yaml.safe_load(_files(world)[CONFIG])
    jobs = [{**job, "metric_relabel_configs": [*relabelling]} for job in config["scrape_configs"]]
    interval = {"scrape_interval": config["global"]["scrape_interval"]}
    return {"global": interval, "scrape_configs": jobs}


@contextmanager
def victoria_metrics(folder: Path, config: Config | None = None) -> Iterator[str]:
    """A VictoriaMetrics, which scrapes if it is given a configuration; gives its URL."""
    port, own = free_port(), _folder(folder)
    command = [
        found("victoria-metrics"),
        f"-storageDataPath={own / 'data'}",
        f"-httpListenAddr=127.0.0.1:{port}",
        "-loggerLevel=WARN",
    ]
    if config:
        (own / "scrape.yml").write_text(yaml.safe_dump(config))
        command.append(f"-promscrape.config={own / 'scrape.yml'}")
    with _running(command, own, port, "/health") as url:
        yield url


@contextmanager
def vmalert(folder: Path, world: World, datasource: str) -> Iterator[str]:
    """A vmalert that evaluates the rules of the world's Prometheus on the samples of a datasource; gives its URL."""
    port, own = free_port(), _folder(folder)
    (own / RULES).write_text(_files(world)[RULES])
    command = [
        found("vmalert"),
        f"-rule={own / RULES}",
        f"-datasource.url={datasource}",
        f"-notifier.url={world.alertmanager}",
        f"-httpListenAddr=127.0.0.1:{port}",
        "-loggerLevel=WARN",
    ]
    with _running(command, own, port, "/health") as url:
        yield url


@contextmanager
def prometheus(folder: Path, world: World, storage: str) -> Iterator[str]:
    """A Prometheus with the configuration of the world's own that also writes to a VictoriaMetrics; gives its URL."""
    port, own, files = free_port(), _folder(folder), _files(world)
    config = yaml.safe_load(files[CONFIG])
    (own / RULES).write_text(files[RULES])
    (own / CONFIG).write_text(yaml.safe_dump({**config, "remote_write": [{"url": f"{storage}/api/v1/write"}]}))
    command = [
        found("prometheus"),
        f"--config.file={own / CONFIG}",
        f"--storage.tsdb.path={own / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with _running(command, own, port, "/-/ready") as url:
        yield url


def wait_for(url: str, promql: str) -> None:
    """Wait until a query for the present finds something."""

    def result() -> Sequence[Any]:
        answer = requests.get(f"{url}/api/v1/query", {"query": promql, "nocache": "1"}, timeout=10).json()
        found: Sequence[Any] = answer["data"]["result"]
        return found

    until(result, 60, lambda: f"{promql} at {url}")


@contextmanager
def _running(command: Command, folder: Path, port: int, ready: str) -> Iterator[str]:
    assert OURS.exists(), "only tools/e2e.sh ends what a crashed test leaves behind: make e2e"
    process, url = start(command, folder), f"http://{SERVICE}:{port}"
    try:
        process.wait_for(f"{url}{ready}")
        yield url
    finally:
        process.stop()


def _files(world: World) -> Mapping[str, str]:
    """The configuration files of the world's own Prometheus, by name."""
    return {name: (world.kubeconfig.parent / name).read_text("utf-8") for name in (CONFIG, RULES)}


def _folder(folder: Path) -> Path:
    folder.mkdir()
    return folder
