"""The charts' files in a real Prometheus of each supported line: what it shows of them is what was deployed."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
import yaml

from maintainer.analyse.drift.documents import documents
from maintainer.analyse.drift.loaded import config_not_loaded, pools_not_running, rules_not_loaded
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.drift.loaded import loaded_configurations
from maintainer.collect.sources import Sources
from tests.analyse.drift.builders import config_map, desired
from tests.e2e.parts import found
from tests.e2e.processes import start, until
from tests.e2e.releases import MONITORING, rendered
from tests.helm.value_sets import VALUES

URL = "http://127.0.0.1:9243"
CONFIG_MAP = "monitoring", "prometheus-config"


def files_of(name: str, *, discovery: bool) -> dict[str, str]:
    """The files of the chart with a set of values; Debian's Prometheus is built without Kubernetes discovery."""
    files = dict(rendered("monitoring", MONITORING, VALUES[name])[CONFIG_MAP])
    if not discovery:
        config = yaml.safe_load(files["prometheus.yml"])
        for job in config["scrape_configs"]:
            job.pop("kubernetes_sd_configs", None)
        files["prometheus.yml"] = yaml.safe_dump(config)
    return files


@pytest.fixture(scope="module", params=["Debian's", "3.9"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, bool]]:
    """The folder of a Prometheus that can be reloaded, and whether it knows Kubernetes."""
    discovery, folder = request.param == "3.9", tmp_path_factory.mktemp("prometheus")
    debians = shutil.which("prometheus")
    assert debians, "prometheus is not on PATH: apt-get install prometheus"
    write(folder, files_of("default", discovery=discovery))
    flags = (f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}")
    listens = ("--web.listen-address=127.0.0.1:9243", "--web.enable-lifecycle")
    server = start([found("prometheus") if discovery else debians, *flags, *listens], folder)
    try:
        server.wait_for(f"{URL}/-/ready")
        yield folder, discovery
    finally:
        server.stop()


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")


def lacking(files: Mapping[str, str]) -> list[str]:
    """What the server lacks of these files."""
    with closing(Prometheus(Endpoint(URL))) as prometheus:
        (loaded,), why = loaded_configurations(Sources(None, prometheus))
    assert why == ()
    held = documents(desired(config_map(files)))
    assert held.configs
    assert held.groups
    lacks = [lack for config in held.configs for lack in config_not_loaded(config, loaded)]
    return [lack.place for lack in (*lacks, *rules_not_loaded(held.groups, loaded))]


@pytest.mark.parametrize("name", VALUES)
def test_the_files_of_the_chart_are_loaded_as_they_were_deployed(running: tuple[Path, bool], name: str) -> None:
    folder, discovery = running
    files = files_of(name, discovery=discovery)
    write(folder, files)
    answer = requests.post(f"{URL}/-/reload", timeout=30)
    assert answer.ok, answer.text

    assert lacking(files) == []
    assert lacking({**files, "prometheus.yml": files["prometheus.yml"].replace("argo-rollouts", "other")}) != []


def test_a_job_whose_certificate_is_missing_is_loaded_and_does_not_run(running: tuple[Path, bool]) -> None:
    folder, discovery = running
    files = files_of("default", discovery=discovery)
    config = yaml.safe_load(files["prometheus.yml"])
    target = {"static_configs": [{"targets": ["127.0.0.1:9"]}]}
    broken = {"job_name": "broken", "scheme": "https", "tls_config": {"ca_file": "/nowhere/ca.crt"}, **target}
    config["scrape_configs"] += [{"job_name": "works", **target}, broken]
    files["prometheus.yml"] = yaml.safe_dump(config)
    write(folder, files)
    assert requests.post(f"{URL}/-/reload", timeout=30).ok, "what this is about is that the reload is called a success"

    with closing(Prometheus(Endpoint(URL))) as prometheus:
        until(lambda: "works" in (prometheus.scrape_pools() or ()), 60, lambda: "no job begins")
        (loaded,), _ = loaded_configurations(Sources(None, prometheus))

    assert lacking(files) == []
    (held,) = documents(desired(config_map(files))).configs
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert [lack.place for lack in pools_not_running(held, loaded, later)] == ["scrape_configs/job_name=broken"]
