"""The monitoring chart: what is rendered is valid to the programs that read it."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

from tests.helm.charts import HELM, Object, monitoring, named, objects, rendered, rules, run, without_discovery, write
from tests.helm.value_sets import ALL_VALUES, VALUES, WEBHOOK


@ALL_VALUES
def test_prometheus_takes_its_configuration_and_its_rules(values: Mapping[str, Any], tmp_path: Path) -> None:
    data = named(objects(rendered(values=values)), "ConfigMap", "prometheus-config")["data"]
    write({**data, "prometheus.yml": without_discovery(data["prometheus.yml"])}, tmp_path)
    run("promtool", "check", "config", "prometheus.yml", folder=tmp_path)
    files = sorted(name for name in data if name.endswith(".rules.yml"))
    output = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", *files, folder=tmp_path)
    assert output.count("SUCCESS") == len(files) >= 3


@ALL_VALUES
def test_alertmanager_takes_its_configuration(values: Mapping[str, Any], tmp_path: Path) -> None:
    made = objects(rendered(values=values))
    if not values.get("alerting", {}).get("enabled", True):
        assert "alertmanager" not in {manifest["metadata"]["name"] for manifest in made}
        return
    write(named(made, "ConfigMap", "alertmanager-config")["data"], tmp_path)
    assert "SUCCESS" in run("amtool", "check-config", "alertmanager.yml", folder=tmp_path)


@ALL_VALUES
def test_the_same_values_give_the_same_text(values: Mapping[str, Any]) -> None:
    assert rendered(values=values) == rendered(values=values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"alerting": {"slack": {"enabled": True}}}, "alerting.slack.enabled needs"),
        ({"alerting": {"email": {"enabled": True}}}, "alerting.email.enabled needs"),
        ({"prometheus": {"retention": {"size": "45Gi"}}}, "45Gi"),
        ({"prometheus": {"retention": {"time": "30"}}}, "'30'"),
        ({"prometheus": {"image": {"tag": "latest"}}}, "/prometheus/image/tag"),
        ({"alerting": {"slack": {"webhook": WEBHOOK}}}, "webhook"),
        ({"alertRules": {"argo-rollouts": {"RolloutFailed": {"for": "5 min"}}}}, "5 min"),
        ({"alertRules": {"argo-rollouts": {"RolloutFialed": {"for": "5m"}}}}, "RolloutFialed"),
    ],
)
def test_wrong_values_are_refused_with_the_place(values: Mapping[str, Any], message: str) -> None:
    with pytest.raises(helm_python.HelmError, match=re.escape(message)):
        rendered(values=values)


def test_helm_lint_has_nothing_to_say() -> None:
    for chart in ("argo-rollouts", "monitoring"):
        messages = helm_python.lint(HELM / chart, strict=True)["messages"]
        assert [message["error"] for message in messages] == ["icon is recommended"]


def test_a_rule_is_switched_off_added_and_given_another_threshold_by_values() -> None:
    made = {rule["alert"]: rule for rule in rules(objects(rendered(values=VALUES["more"])))}
    assert "RolloutStuck" not in made
    assert made["Mine"]["annotations"]["description"] == "{{ $value }}"
    assert "> 2" in made["RolloutHighErrorRate"]["expr"]
    assert "[30m]" in made["RolloutHighErrorRate"]["expr"]


def test_runbooks_are_linked_where_they_are_published() -> None:
    made = rules(objects(rendered(values={"runbooks": {"baseUrl": "https://docs.example.com/runbooks"}})))
    assert {rule["annotations"]["runbook_url"] for rule in made} == {
        f"https://docs.example.com/runbooks/{rule['alert']}.md" for rule in made
    }


def test_the_job_keeps_the_rollouts_own_namespace() -> None:
    jobs = _jobs(monitoring())
    assert list(jobs) == ["argo-rollouts", "prometheus", "alertmanager", "kube-state-metrics"]
    assert jobs["argo-rollouts"]["honor_labels"] is True
    assert jobs["argo-rollouts"]["kubernetes_sd_configs"][0]["namespaces"]["names"] == ["argo-rollouts"]
    targets = [
        relabelling["target_label"]
        for relabelling in jobs["argo-rollouts"]["relabel_configs"]
        if "target_label" in relabelling
    ]
    assert targets == ["pod"]


@ALL_VALUES
def test_a_discovery_has_the_fields_that_prometheus_knows(values: Mapping[str, Any]) -> None:
    jobs = _jobs(objects(rendered(values=values)))
    discoveries = [discovery for job in jobs.values() for discovery in job.get("kubernetes_sd_configs", ())]
    assert discoveries
    for discovery in discoveries:
        assert discovery.keys() == {"role", "namespaces"}
        assert discovery["role"] == "endpointslice"
        assert discovery["namespaces"].keys() == {"names"}


def test_experiments_apart_are_read_once_all_the_same() -> None:
    jobs = _jobs(objects(rendered(values=VALUES["experiments apart"])))
    (drop,) = jobs["argo-rollouts"]["metric_relabel_configs"]
    (keep,) = jobs["argo-experiments"]["metric_relabel_configs"]
    assert (drop["regex"], drop["action"], keep["action"]) == (keep["regex"], "drop", "keep")
    for name in ("analysis_run_info", "experiment_info", "analysis_run_reconcile_bucket"):
        assert re.fullmatch(keep["regex"], name)
    for name in ("rollout_info", "rollout_reconcile_error", "up"):
        assert not re.fullmatch(keep["regex"], name)


@pytest.mark.parametrize("apart", [False, True])
def test_metrics_that_are_dropped_are_dropped_by_each_job_of_the_controller(*, apart: bool) -> None:
    values = {"scrape": {"argoRollouts": {"drop": ["rollout_phase"]}, "experiments": {"enabled": apart}}}
    jobs = _jobs(objects(rendered(values=values)))
    for name in ("argo-rollouts", *(["argo-experiments"] if apart else [])):
        *_, rule = jobs[name]["metric_relabel_configs"]
        assert rule == {"source_labels": ["__name__"], "regex": "rollout_phase", "action": "drop"}


def test_the_notes_are_the_guides_checks_and_say_when_nobody_is_told() -> None:
    notes = rendered()["NOTES.txt"]
    for command in (
        "kubectl get svc -n argo-rollouts argo-rollouts-metrics",
        "kubectl port-forward -n monitoring svc/prometheus 9090:9090",
        "kubectl port-forward -n monitoring svc/grafana 3000:3000",
        "kubectl get clusterrole monitoring-prometheus -o yaml",
        'kubectl get configmap -n monitoring prometheus-config -o yaml | grep -A 20 "RolloutFailed"',
        "kubectl get configmap -n monitoring grafana-dashboard-argo-rollouts",
        "kubectl logs -n monitoring deployment/grafana",
    ):
        assert command in notes
    assert "NOBODY IS TOLD" in notes
    assert "NOBODY IS TOLD" not in rendered(values=VALUES["slack"])["NOTES.txt"]
    assert "#deployments" in rendered(values=VALUES["slack"])["NOTES.txt"]
    assert "cronjob/maintainer" not in notes
    assert "--from=cronjob/maintainer" in rendered(values=VALUES["maintainer"])["NOTES.txt"]
    assert "deployment/maintainer" in rendered(values=VALUES["maintainer, serving"])["NOTES.txt"]


def _jobs(among: Iterable[Object]) -> dict[str, Any]:
    config = yaml.safe_load(named(among, "ConfigMap", "prometheus-config")["data"]["prometheus.yml"])
    return {job["job_name"]: job for job in config["scrape_configs"]}
