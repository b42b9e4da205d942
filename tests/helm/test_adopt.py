"""``maintainer adopt``: after its patch, which git applies, Helm renders what is live."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helm.adopting import Deployment, deployment
from tests.helm.charts import named, rules
from tests.helm.placings import edit_rules
from tests.servers.scripted import Scripted, says

pytestmark = pytest.mark.extended

DASHBOARD, KEY = "grafana-dashboard-argo-rollouts", "argo-rollouts-dashboard.json"
FILE = "helm/management-base/monitoring/dashboards/argo-rollouts-dashboard.json"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Deployment]:
    with deployment(tmp_path) as made:
        yield made


def edited(cluster: Deployment) -> Any:
    """Edit the dashboard in the cluster as Grafana would, and return it as it is meant."""

    def edit(live: Any) -> None:
        wanted["panels"][0]["title"] = "Phases of all Rollouts"
        wanted["panels"][1]["targets"][0]["legendFormat"] = "{{namespace}}/{{name}} {{phase}}"
        wanted["panels"].append({"id": 77, "type": "text", "title": "Read me", "options": {"content": "한국어"}})
        live["data"][KEY] = json.dumps({**wanted, "id": 3, "version": 12})

    stored = cluster.api.store.get("configmaps", ("monitoring", DASHBOARD))
    assert stored is not None
    wanted = json.loads(stored["data"][KEY])
    cluster.edit("configmaps", DASHBOARD, edit)
    return wanted


def test_a_dashboard_that_was_edited_becomes_a_patch_of_its_file(cluster: Deployment) -> None:
    wanted = edited(cluster)
    done = cluster.adopt("dashboard")
    assert (done.returncode, done.stderr) == (
        0,
        "maintainer: Dashboard argo-rollouts-monitoring: 3 changes go into dashboards/argo-rollouts-dashboard.json.\n",
    )
    cluster.apply(done.stdout)
    assert cluster.changed() == [FILE]
    text = named(cluster.rendered(), "ConfigMap", DASHBOARD)["data"][KEY]
    assert json.loads(text) == wanted
    assert "한국어" in text


def test_a_dashboard_that_stands_in_a_template_is_edited_there(tmp_path: Path) -> None:
    with deployment(tmp_path, inline=True) as cluster:
        wanted = edited(cluster)
        done = cluster.adopt("dashboard")
        assert done.returncode == 0, done.stderr
        cluster.apply(done.stdout)
        assert cluster.changed() == ["helm/management-base/monitoring/templates/grafana-configmap.yaml"]
        assert json.loads(named(cluster.rendered(), "ConfigMap", DASHBOARD)["data"][KEY]) == wanted
        assert "{{ .Values.scrape.interval }}" in (cluster.folder / cluster.changed()[0]).read_text("utf-8")


def test_where_nothing_was_edited_the_patch_is_empty_and_that_is_said(cluster: Deployment) -> None:
    done = cluster.adopt()
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == (
        "maintainer: Nothing in the cluster differs from what was deployed: there is nothing to adopt.\n"
    )


def test_the_copy_of_grafana_is_asked_where_its_url_is_set(cluster: Deployment) -> None:
    live = json.loads((cluster.folder / FILE).read_text("utf-8"))
    live |= {"refresh": "5m", "id": 9, "version": 4}
    with Scripted(says({"meta": {"provisioned": True}, "dashboard": live})) as grafana:
        done = cluster.adopt("dashboard/argo-rollouts-monitoring", MAINTAINER_GRAFANA_URL=grafana.url)
    assert [asked.path for asked in grafana.asked] == ["/api/dashboards/uid/argo-rollouts-monitoring"]
    cluster.apply(done.stdout)
    assert json.loads((cluster.folder / FILE).read_text("utf-8"))["refresh"] == "5m"


def test_a_grafana_that_does_not_have_it_is_told_and_nothing_is_patched(cluster: Deployment) -> None:
    with Scripted(says({"message": "Dashboard not found"}, 404)) as grafana:
        done = cluster.adopt("dashboard", MAINTAINER_GRAFANA_URL=grafana.url)
    assert (done.returncode, done.stdout) == (3, "")
    assert "Dashboard not found" in done.stderr


def test_a_name_that_was_not_deployed_is_an_error_that_names_those_that_were(cluster: Deployment) -> None:
    done = cluster.adopt("dashboard/other")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing that was deployed is dashboard/other; there is dashboard/argo-rollouts-monitoring" in done.stderr


def test_a_folder_without_a_chart_is_an_error(cluster: Deployment) -> None:
    done = cluster.adopt(chart=".")
    assert (done.returncode, done.stderr) == (
        2,
        "maintainer: --chart helm/management-base is no chart: it has no file Chart.yaml\n",
    )


def edit_alert(cluster: Deployment, **fields: Any) -> None:
    cluster.edit("configmaps", "prometheus-config", edit_rules(lambda rules: rules["RolloutStuck"].update(fields)))


def test_an_alert_that_was_edited_becomes_a_patch_of_the_values(cluster: Deployment) -> None:
    edit_alert(cluster, **{"for": "30m"})
    done = cluster.adopt("alert/RolloutStuck")
    assert (done.returncode, done.stderr) == (
        0,
        "maintainer: ConfigMap/monitoring/prometheus-config, argo-rollouts.rules.yml: "
        "groups/name=argo-rollouts/rules/alert=RolloutStuck/for: placed in values.yaml, "
        "alertRules.argo-rollouts.RolloutStuck.for.\n",
    )
    cluster.apply(done.stdout)
    (stuck,) = [rule for rule in rules(cluster.rendered()) if rule["alert"] == "RolloutStuck"]
    assert stuck["for"] == "30m"
    again = cluster.adopt()
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr == "maintainer: 1 change is in the chart already, and is not deployed yet.\n"


def test_without_helm_it_is_said_that_the_chart_must_be_rendered(cluster: Deployment) -> None:
    edit_alert(cluster, **{"for": "30m"})
    (cluster.folder.parent / "bin" / "helm").unlink()
    done = cluster.adopt()
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "maintainer: ConfigMap/monitoring/prometheus-config is edited in 1 place. Where that is to be written can only "
        "be said by rendering the chart: install helm, so that it is on PATH.\n"
    )


def test_a_value_of_the_deployment_is_heeded_and_not_written_into_the_chart(tmp_path: Path) -> None:
    given = {"alertRules": {"argo-rollouts": {"RolloutStuck": {"for": "20m"}}}}
    with deployment(tmp_path, given) as cluster:
        edit_alert(cluster, **{"for": "30m", "keep_firing_for": "4m"})
        done = cluster.adopt()
        assert done.returncode == 3
        assert "RolloutStuck/for: no place was found in the chart" in done.stderr
        cluster.apply(done.stdout)
        (stuck,) = [rule for rule in rules(cluster.rendered(values=given)) if rule["alert"] == "RolloutStuck"]
        assert (stuck["for"], stuck["keep_firing_for"]) == ("20m", "4m")


def test_the_chart_of_the_controllers_service_takes_over_its_selector(cluster: Deployment) -> None:
    def edit(live: Any) -> None:
        live["spec"]["selector"] = {"app.kubernetes.io/name": "rollouts"}

    cluster.edit("services", "argo-rollouts-metrics", edit, namespace="argo-rollouts")
    done = cluster.adopt("service/argo-rollouts-metrics", chart="argo-rollouts")
    assert done.returncode == 0
    cluster.apply(done.stdout)
    (service,) = cluster.rendered("argo-rollouts")
    assert service["spec"]["selector"] == {"app.kubernetes.io/name": "rollouts"}


def test_a_kind_that_is_not_there_is_an_error(cluster: Deployment) -> None:
    done = cluster.adopt("panel/7")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing that was deployed is panel/7; there is alert/ArgoRolloutsNoEmitter, " in done.stderr
