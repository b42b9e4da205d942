"""A monitoring that Helm has deployed, and that people have edited since: for the demo of the job reconcile."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import Any

import requests
import yaml

from maintainer.errors import ConfigError
from maintainer.sandbox.deployment import Installed, Writer, edit, install
from maintainer.sandbox.kubelet import Kubelet
from maintainer.sandbox.programs import ask
from maintainer.sandbox.prometheus import CONFIG, RULES
from maintainer.sandbox.stack import text
from maintainer.sandbox.store import Object, Store
from maintainer.sandbox.world import World

NAMESPACE = "monitoring"
CONFIGURATION, DASHBOARD, PIPELINE = (
    (NAMESPACE, "prometheus-config"),
    (NAMESPACE, "grafana-dashboard-argo-rollouts"),
    (NAMESPACE, "prometheus-pipeline-rules"),
)
DATA_SOURCES = (NAMESPACE, "grafana-datasources")
METRICS = ("argo-rollouts", "argo-rollouts-metrics")
PIPELINE_RULES = "pipeline.rules.yml"
DASHBOARD_FILE = "argo-rollouts-dashboard.json"

INSTALLED = timedelta(days=20)
"""How long ago the releases were installed."""

EDITED, TAKEN_OVER = ("kubectl-edit", timedelta(hours=26)), ("argocd-controller", timedelta(days=3))
"""Who has changed objects since, and how long ago: a person, and another deployer."""

LOADED_WITHIN = 30.0
"""Seconds that Prometheus may take to load its rules."""

_NO_TARGET: Object = {
    "alert": "ArgoRolloutsTargetDown",
    "expr": "absent(rollout_info)",
    "for": "10m",
    "labels": {"severity": "warning"},
    "annotations": {"summary": "No metrics of Rollouts are scraped"},
}
_SOURCES = {
    "apiVersion": 1,
    "datasources": [{"name": "Prometheus", "type": "prometheus", "url": "http://prometheus.monitoring:9090"}],
}


@contextmanager
def deployed(world: World, *, edited: bool) -> Iterator[None]:
    """Deploy the monitoring of the world by two releases; if ``edited``, change it in the ways of :data:`EDITS`.

    Prometheus runs with what is stored at the end, but for rules that it has not loaded if it was edited. Changes of
    ConfigMaps reach its files until the context ends.
    """
    now = datetime.now(UTC)
    _install(world.store, now - INSTALLED)
    if edited:
        for plural, key, change, (who, ago) in EDITS:
            edit(world.store, plural, key, change, by=Writer(who, now - ago))
    mounted = Kubelet(world.store, world.kubeconfig.parent, (CONFIGURATION, *(() if edited else (PIPELINE,))))
    mounted.sync()
    _reload(world.prometheus, _alerts(world.store, edited=edited))
    kubelet = Kubelet(world.store, world.kubeconfig.parent, (CONFIGURATION, PIPELINE))
    kubelet.start()
    try:
        yield
    finally:
        kubelet.stop()


def _install(store: Store, at: datetime) -> None:
    files = dict(_stored(store, "configmaps", CONFIGURATION)["data"])
    config = yaml.safe_load(files[CONFIG])
    files[CONFIG] = text({**config, "rule_files": [RULES, PIPELINE_RULES]})
    pipeline = text({"groups": [{"name": "argo-rollouts-pipeline", "rules": [_NO_TARGET]}]})
    objects = [
        _config_map(CONFIGURATION, files),
        _config_map(PIPELINE, {PIPELINE_RULES: pipeline}),
        _config_map(DASHBOARD, dict(_stored(store, "configmaps", DASHBOARD)["data"])),
        _config_map(DATA_SOURCES, {"datasources.yaml": text(_SOURCES)}),
        _declared(store, "clusterroles", ("", "monitoring-prometheus")),
        _declared(store, "clusterrolebindings", ("", "monitoring-prometheus")),
    ]
    install(store, Installed(NAMESPACE, "monitoring", objects, at))
    service = _declared(store, "services", METRICS)
    spec = {name: value for name, value in service["spec"].items() if name != "clusterIP"}
    install(store, Installed(METRICS[0], "argo-rollouts-monitoring", [{**service, "spec": spec}], at))


def _stored(store: Store, plural: str, key: tuple[str, str]) -> Object:
    found = store.get(plural, key)
    if found is None:
        raise KeyError(key)
    return found


def _declared(store: Store, plural: str, key: tuple[str, str]) -> Object:
    """An object of the world as its manifest declares it."""
    found = _stored(store, plural, key)
    metadata = {name: found["metadata"][name] for name in ("namespace", "name", "labels") if name in found["metadata"]}
    return {**found, "metadata": metadata}


def _config_map(key: tuple[str, str], data: dict[str, str]) -> Object:
    labels = {"app.kubernetes.io/part-of": "monitoring", **({"grafana_dashboard": "1"} if key == DASHBOARD else {})}
    metadata = {"namespace": key[0], "name": key[1], "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def _reload(url: str, alerts: set[str]) -> None:
    """Make Prometheus read its files, and wait until it has these alerts and no others."""
    with requests.Session() as session:
        session.trust_env = False
        session.post(f"{url}/-/reload", timeout=30).raise_for_status()
    deadline = monotonic() + LOADED_WITHIN
    while _loaded(url) != alerts:
        if monotonic() > deadline:
            raise ConfigError(f"Prometheus at {url} has not loaded its rules within {LOADED_WITHIN:.0f} s")
        sleep(0.05)


def _loaded(url: str) -> set[str]:
    groups = ask(f"{url}/api/v1/rules").json()["data"]["groups"]
    return {rule["name"] for group in groups for rule in group["rules"]}


def _alerts(store: Store, *, edited: bool) -> set[str]:
    """The alerts that Prometheus is to run with."""
    rules = yaml.safe_load(_stored(store, "configmaps", CONFIGURATION)["data"][RULES])["groups"][0]["rules"]
    return {rule["alert"] for rule in rules} | (set() if edited else {_NO_TARGET["alert"]})


def _edit_rules(live: Any) -> None:
    """Make an alert ask for a phase that only the API has, and delete another."""
    document = yaml.safe_load(live["data"][RULES])
    (group,) = document["groups"]
    failed = next(rule for rule in group["rules"] if rule["alert"] == "RolloutFailed")
    failed["expr"] = 'rollout_info{phase="Degraded"} == 1'
    group["rules"] = [rule for rule in group["rules"] if rule["alert"] != "RolloutStuck"]
    live["data"][RULES] = text(document)


def _add_panel(live: Any) -> None:
    document = json.loads(live["data"][DASHBOARD_FILE])
    document["panels"].append(
        {
            "id": 99,
            "title": "Rollouts by namespace",
            "type": "stat",
            "gridPos": {"h": 8, "w": 12, "x": 0, "y": 40},
            "targets": [{"refId": "A", "expr": "count by (namespace) (rollout_info)"}],
        }
    )
    live["data"][DASHBOARD_FILE] = json.dumps(document, indent=2, ensure_ascii=False)


def _select_others(live: Any) -> None:
    live["spec"]["selector"] = {"app.kubernetes.io/name": "argo-rollouts-dashboard"}


def _take_over(live: Any) -> None:
    """What Argo CD changes where an Application has the object too."""
    tracking = "observability:/ConfigMap:monitoring/grafana-datasources"
    live["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = tracking
    sources = yaml.safe_load(live["data"]["datasources.yaml"])
    sources["datasources"][0]["url"] = "http://thanos-query.observability:9090"
    live["data"]["datasources.yaml"] = text(sources)


EDITS: tuple[tuple[str, tuple[str, str], Callable[[Any], object], tuple[str, timedelta]], ...] = (
    ("configmaps", CONFIGURATION, _edit_rules, EDITED),
    ("configmaps", DASHBOARD, _add_panel, EDITED),
    ("services", METRICS, _select_others, EDITED),
    ("configmaps", DATA_SOURCES, _take_over, TAKEN_OVER),
)
"""What was edited since: the resource and key of the object, the edit, and who made it when."""
