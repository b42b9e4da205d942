"""Faults of the monitoring: context managers that inject a fault and remove it again."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import yaml

from tests.e2e.kube import Object
from tests.e2e.parts import found
from tests.e2e.processes import start, start_as_pod
from tests.e2e.releases import MONITORING, rendered
from tests.e2e.sites import CONFIG_MAP, IN_CLUSTER, Site
from tests.servers import guide

CONFIG = "monitoring", "prometheus-config"
DASHBOARD = "monitoring", "grafana-dashboard-argo-rollouts"
SERVICE = "argo-rollouts", "argo-rollouts-metrics"
ROLE_KIND, ROLE = ("rbac.authorization.k8s.io/v1", "ClusterRole"), ("", "monitoring-prometheus")


@contextmanager
def changed(site: Site, kind: tuple[str, str], key: tuple[str, str], change: Mapping[str, Any]) -> Iterator[None]:
    """An object with a change merged into it, and the old values after that."""
    kube = site.plane.kube
    before = kube.get(kind, *key)
    kube.patch(kind, key, change)
    try:
        yield
    finally:
        kube.patch(kind, key, {name: before[name] for name in change})


@contextmanager
def configured(site: Site, edit: Callable[[Object, Object], None]) -> Iterator[None]:
    """Prometheus with an edited ``prometheus.yml``; ``edit`` gets the configuration and the controller's job."""
    config = yaml.safe_load(site.config_map(CONFIG)["prometheus.yml"])
    edit(config, next(job for job in config["scrape_configs"] if job["job_name"] == "argo-rollouts"))
    try:
        with changed(site, CONFIG_MAP, CONFIG, {"data": {"prometheus.yml": yaml.safe_dump(config)}}):
            _load(site)
            yield
    finally:
        site.mount("prometheus-config")
        site.forget()


def dropping(regex: str, *labels: str) -> Callable[[Object, Object], None]:
    """Relabelling that drops series whose name, joined with the values of ``labels`` by ";", matches ``regex``."""
    rule = {"source_labels": ["__name__", *labels], "regex": regex, "action": "drop"}
    return lambda _, job: job.update(metric_relabel_configs=[rule])


def converting_histograms(_: Object, job: Object) -> None:
    """Native histograms in place of the classic ones that the controller exposes."""
    job.update(convert_classic_histograms_to_nhcb=True)


def overwriting_the_namespace(_: Object, job: Object) -> None:
    """A job with the relabelling of a job for pods."""
    namespace = {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"}
    job.update(honor_labels=False, relabel_configs=[*job["relabel_configs"], namespace])


def scraping_twice(config: Object, job: Object) -> None:
    """A second job finds the same endpoint, as a job that discovers by annotations would."""
    config["scrape_configs"].append({**job, "job_name": "by-annotation"})


@contextmanager
def emptied_rules(site: Site) -> Iterator[None]:
    """Prometheus' rules file without rules, although its ConfigMap has rules."""
    file = site.configs / "prometheus-config" / "argo-rollouts.rules.yml"
    text = file.read_text()
    file.write_text("groups: []\n")
    site.reload()
    try:
        yield
    finally:
        file.write_text(text)
        site.reload()


@contextmanager
def stopped_controller(site: Site) -> Iterator[None]:
    """The controller's process has ended, while its pod is still ready."""
    site.stop("controller")
    try:
        yield
    finally:
        site.start_controller()


@contextmanager
def second_controller(site: Site, instance_id: str) -> Iterator[None]:
    """Another controller, which only acts on the Rollouts with its instance id, with its metrics at port 8091."""
    account = site.plane.account("argo-rollouts", "argo-rollouts")
    ports = ("--metricsPort=8091", "--healthzPort=8081")
    command = [found("rollouts-controller"), f"--instance-id={instance_id}", "--leader-elect=false", *ports]
    process = start_as_pod("second-controller", command, account=account, environment=IN_CLUSTER)
    try:
        process.wait_for("http://127.0.0.1:8091/metrics")
        yield
    finally:
        process.stop()


def scraping_beside(address: str) -> Callable[[Object, Object], None]:
    """A job for a target at this address."""
    return lambda config, _: config["scrape_configs"].append(
        {"job_name": "beside", "static_configs": [{"targets": [address]}]}
    )


@contextmanager
def edited_dashboard(site: Site, replace: tuple[str, str]) -> Iterator[None]:
    """The dashboard's ConfigMap with a text replaced by another."""
    data = site.config_map(DASHBOARD)
    assert any(replace[0] in text for text in data.values()), replace
    edited = {file: text.replace(*replace) for file, text in data.items()}
    with changed(site, CONFIG_MAP, DASHBOARD, {"data": edited}):
        yield


@contextmanager
def worded_as_the_guide(site: Site) -> Iterator[None]:
    """The rules and the dashboard with the guide's own queries."""
    rules = rendered("monitoring", MONITORING, {**site.values, **guide.VALUES})[CONFIG]
    panels = {file: guide.dashboard(text) for file, text in site.config_map(DASHBOARD).items()}
    try:
        with changed(site, CONFIG_MAP, CONFIG, {"data": rules}), changed(site, CONFIG_MAP, DASHBOARD, {"data": panels}):
            _load(site)
            yield
    finally:
        _load(site)


def aged(site: Site) -> None:
    """Make the rules' ConfigMap look as if its last change was long ago."""
    site.plane.kube.patch(CONFIG_MAP, CONFIG, {"metadata": {"managedFields": [{}]}})


@contextmanager
def stale_prometheus(site: Site) -> Iterator[str]:
    """A Prometheus that starts with a copy of the data and scrapes nothing; yields its URL."""
    folder = site.plane.folder / "stale"
    site.stop("prometheus")
    shutil.copytree(site.plane.folder / "data", folder / "data")
    site.start_prometheus()
    (folder / "prometheus.yml").write_text(json.dumps({"global": {"scrape_interval": "3s"}}))
    flags = (f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}")
    server = start([found("prometheus"), *flags, "--web.listen-address=127.0.0.1:9091"], folder)
    try:
        server.wait_for("http://127.0.0.1:9091/-/ready")
        yield "http://127.0.0.1:9091"
    finally:
        server.stop()


def _load(site: Site) -> None:
    site.mount("prometheus-config")
    site.reload()
