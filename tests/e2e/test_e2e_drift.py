"""Drift on a real API server, with releases of Helm 4 and a real Prometheus."""

from collections.abc import Iterator

import pytest
import yaml

from tests.e2e.plane import control_plane
from tests.e2e.processes import until
from tests.e2e.product import Report, reconcile_outside
from tests.e2e.sites import CONFIG_MAP, QUICK, Site, site, volume

CONFIG = "monitoring", "prometheus-config"
ROLE = "rbac.authorization.k8s.io/v1", "ClusterRole"
STATEFUL_SET, PROMETHEUS = ("apps/v1", "StatefulSet"), ("monitoring", "prometheus")
RULES = "argo-rollouts.rules.yml"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with control_plane(tmp_path_factory.mktemp("plane")) as plane, site(plane, QUICK) as made:
        yield made


def edited(deployed: Site, key: str, text: str) -> Report:
    """The report after a person has edited a value of Prometheus' ConfigMap; the value is put back afterwards."""
    before = deployed.config_map(CONFIG)[key]
    deployed.plane.kube.patch(CONFIG_MAP, CONFIG, {"data": {key: text}}, manager="kubectl-edit")
    try:
        return reconcile_outside(deployed.plane)
    finally:
        deployed.plane.kube.patch(CONFIG_MAP, CONFIG, {"data": {key: before}}, manager="kubectl-edit")


def test_what_was_deployed_and_loaded_has_not_drifted(deployed: Site) -> None:
    report = reconcile_outside(deployed.plane)

    assert (report.found, report.gaps, report.code) == (set(), [], 0), report
    assert report.json["figures"]["objects.compared"] >= 8


def test_each_replica_is_asked_by_itself_through_the_api_server(deployed: Site) -> None:
    kube = deployed.plane.kube
    kube.apply(volume("prometheus-of-a-second-replica", "50Gi"))
    kube.patch(STATEFUL_SET, PROMETHEUS, {"spec": {"replicas": 2}})
    until(lambda: ready(deployed) == 2, 60, lambda: f"{ready(deployed)} replicas are ready")
    both = reconcile_outside(deployed.plane)
    deployed.stop("prometheus")
    lost = reconcile_outside(deployed.plane)
    kube.patch(STATEFUL_SET, PROMETHEUS, {"spec": {"replicas": 1}})
    until(lambda: ready(deployed) == 1, 60, lambda: f"{ready(deployed)} replicas are ready")
    deployed.start_prometheus()

    assert (both.found, both.gaps, both.code) == (set(), [], 0), both
    assert both.json["figures"]["prometheus.requests"] == 12  # six of each
    for pod in ("prometheus-0", "prometheus-1"):
        assert any(f"monitoring/{pod}" in gap["reason"] for gap in lost.gaps), lost


def ready(deployed: Site) -> int:
    """How many replicas of Prometheus are ready."""
    count: int = deployed.plane.kube.get(STATEFUL_SET, *PROMETHEUS)["status"].get("readyReplicas", 0)
    return count


def test_an_edit_of_a_rule_is_found_with_its_author_and_what_it_means(deployed: Site) -> None:
    rules = deployed.config_map(CONFIG)[RULES]
    report = edited(deployed, RULES, rules.replace("Timeout|Error|Abort|InvalidSpec", "Degraded"))

    assert report.found == {("drift/changed", "ConfigMap/monitoring/prometheus-config")}, report
    (finding,) = report.json["findings"]
    assert "kubectl-edit" in str(finding["evidence"])


def test_an_alert_that_somebody_added_is_told_and_is_no_fault(deployed: Site) -> None:
    rules = yaml.safe_load(deployed.config_map(CONFIG)[RULES])
    rules["groups"][0]["rules"].append({"alert": "Mine", "expr": "up == 0"})
    report = edited(deployed, RULES, yaml.safe_dump(rules))

    assert report.found == {("drift/extra", "ConfigMap/monitoring/prometheus-config")}, report
    assert report.json["verdict"] == "ok"


def test_an_object_that_is_gone_is_missing(deployed: Site) -> None:
    kube = deployed.plane.kube
    before = kube.get(ROLE, "", "monitoring-prometheus")
    kube.delete(ROLE, "", "monitoring-prometheus")
    try:
        report = reconcile_outside(deployed.plane)
    finally:
        kube.create({**before, "metadata": {"name": "monitoring-prometheus"}})

    assert report.found == {("drift/missing", "ClusterRole/monitoring-prometheus")}, report
