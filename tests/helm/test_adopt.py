"""``maintainer adopt``: after its patch, which git applies, Helm renders what is live."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helm.adopting import Deployment, deployment
from tests.helm.charts import named
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

    wanted = json.loads((cluster.folder / FILE).read_text("utf-8"))
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
    assert "dashboard/other was not deployed; there is dashboard/argo-rollouts-monitoring" in done.stderr


def test_a_folder_without_a_chart_is_an_error(cluster: Deployment) -> None:
    done = cluster.adopt(chart=".")
    assert (done.returncode, done.stderr) == (
        2,
        "maintainer: --chart helm/management-base is no chart: it has no file Chart.yaml\n",
    )
