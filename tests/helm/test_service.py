"""The chart of the metrics Service, also in a cluster that already has a Service of that name."""

import json
from collections.abc import Mapping
from typing import Any

import helm_python
import pytest
import yaml

from tests.helm.charts import HELM, objects, rendered
from tests.helm.stub_api import serving

PATH = "/api/v1/namespaces/argo-rollouts/services/argo-rollouts-metrics"
FOREIGN = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {
        "name": "argo-rollouts-metrics",
        "namespace": "argo-rollouts",
        "labels": {"app.kubernetes.io/part-of": "argo-rollouts"},
    },
}


def owned(release: str, namespace: str = "argo-rollouts") -> dict[str, Any]:
    """The Service as Helm has put it there for a release."""
    notes = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace}
    return {**FOREIGN, "metadata": {**FOREIGN["metadata"], "annotations": notes}}  # type: ignore[dict-item]


def against(there: Mapping[str, Any] | None, create: object = "auto") -> tuple[str, str]:
    """The Service and the notes that are rendered on a cluster that has this Service, or none."""
    with (
        serving({PATH: there} if there else {}) as (url, paths),
        helm_python.Chart.load(HELM / "argo-rollouts") as chart,
    ):
        kubeconfig = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": url}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
            "users": [{"name": "c", "user": {}}],
        }
        with helm_python.Config(kubeconfig_content=json.dumps(kubeconfig), namespace="argo-rollouts") as cluster:
            values = {"metricsService": {"create": create}}
            texts = cluster.render(chart, values, name="argo-rollouts-monitoring", namespace="argo-rollouts")
        assert (PATH in paths) == (create == "auto")
    return texts["argo-rollouts/templates/metrics-service.yaml"].strip(), texts["argo-rollouts/templates/NOTES.txt"]


def test_the_service_is_the_guides() -> None:
    (service,) = objects(rendered("argo-rollouts"))
    assert (service["kind"], service["metadata"]["name"]) == ("Service", "argo-rollouts-metrics")
    assert service["metadata"]["namespace"] == "argo-rollouts"
    assert service["metadata"]["annotations"] == {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "8090",
        "prometheus.io/path": "/metrics",
    }
    assert service["spec"]["selector"] == {"app.kubernetes.io/name": "argo-rollouts"}
    (port,) = service["spec"]["ports"]
    assert (port["name"], port["port"], port["targetPort"]) == ("metrics", 8090, 8090)


@pytest.mark.parametrize("there", [None, owned("argo-rollouts-monitoring")], ids=["none", "ours"])
def test_it_is_created_and_stays_at_the_next_upgrade(there: Mapping[str, Any] | None) -> None:
    service, notes = against(there)
    assert yaml.safe_load(service)["kind"] == "Service"
    assert "LEFT ALONE" not in notes


@pytest.mark.parametrize(
    "there",
    [FOREIGN, owned("argo-rollouts"), owned("argo-rollouts-monitoring", "elsewhere")],
    ids=["of install.yaml", "of another release", "of a release of this name elsewhere"],
)
def test_a_foreign_service_is_left_unchanged_and_the_notes_say_so(there: Mapping[str, Any]) -> None:
    service, notes = against(there)
    assert service == ""
    assert "LEFT ALONE: the Service argo-rollouts/argo-rollouts-metrics" in notes


def test_true_and_false_do_not_ask() -> None:
    assert yaml.safe_load(against(FOREIGN, create=True)[0])["kind"] == "Service"
    service, notes = against(FOREIGN, create=False)
    assert service == ""
    assert "metricsService.create is false" in notes


@pytest.mark.parametrize(
    ("value", "shows"),
    [
        ({"name": "other"}, "name: other"),
        ({"port": 9102}, "targetPort: 9102"),
        (
            {"selector": {"app.kubernetes.io/component": "rollouts-controller"}},
            "app.kubernetes.io/component: rollouts-controller",
        ),
        ({"annotations": {"team": "platform"}}, "team: platform"),
    ],
    ids=["name", "port", "selector", "annotations"],
)
def test_a_value_of_the_service_shows(value: Mapping[str, Any], shows: str) -> None:
    assert shows not in rendered("argo-rollouts")["metrics-service.yaml"]
    assert shows in rendered("argo-rollouts", {"metricsService": value})["metrics-service.yaml"]


@pytest.mark.parametrize("value", [{"create": "perhaps"}, {"port": "8090"}, {"selector": None}, {"ports": 1}])
def test_a_wrong_value_of_the_service_is_refused(value: Mapping[str, Any]) -> None:
    with pytest.raises(helm_python.HelmError):
        rendered("argo-rollouts", {"metricsService": value})


def test_the_notes_are_the_guides_checks_of_the_service() -> None:
    notes = rendered("argo-rollouts")["NOTES.txt"]
    assert "kubectl get svc -n argo-rollouts argo-rollouts-metrics" in notes
    assert "kubectl describe svc -n argo-rollouts argo-rollouts-metrics" in notes
    assert "curl http://localhost:8090/metrics" in notes
