"""Restoring on a real API server: the deployer owns again what it declares, and nobody else loses anything."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import helm_python
import pytest

from maintainer.clients.api_request import ObjectChanged
from maintainer.model.drift import DesiredObject, Release
from tests.e2e.plane import Plane, api_server
from tests.e2e.releases import install
from tests.e2e.restorings import Site, desired, site

RULES, DASHBOARD, METRICS = "prometheus-config", "grafana-dashboard-argo-rollouts", "argo-rollouts-metrics"
FILE = "argo-rollouts.rules.yml"
LATER: Mapping[str, Any] = {"alertRules": {"argo-rollouts": {"RolloutFailed": {"for": "10m"}}}}
"""Values of the next release."""
SLOWER, SLOWEST = "s/for: 5m/for: 50m/", "s/for: 50m/for: 55m/"
_numbers = count(1)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with api_server(tmp_path_factory.mktemp("plane")) as made:
        yield made


@pytest.fixture
def helm(plane: Plane) -> Iterator[Site]:
    """A release of the monitoring chart, which no other test has."""
    with site(plane, released(plane, "monitoring")) as made:
        yield made


def released(plane: Plane, chart: str) -> tuple[DesiredObject, ...]:
    name = f"m{next(_numbers)}"
    said = install(plane, chart, (name, name))
    return desired(said["manifest"], name, Release(name, name, said["revision"]))


def upgrade(cluster: Site, chart: str = "monitoring", values: Mapping[str, Any] = LATER) -> None:
    """``helm upgrade`` with other values."""
    release = cluster.deployed[0].release
    assert release
    install(cluster.plane, chart, (release.name, release.namespace), values)


def test_after_an_edit_helm_upgrade_fails_and_after_restoring_the_same_upgrade_succeeds(helm: Site) -> None:
    before = helm.live("ConfigMap", RULES)
    helm.edit("ConfigMap", RULES, SLOWER)
    with pytest.raises(helm_python.HelmError, match="kubectl-edit"):
        upgrade(helm)
    helm.write_all(helm.plan())
    after = helm.live("ConfigMap", RULES)
    assert (after.data, after.owners) == (before.data, before.owners)
    for field in ("labels", "annotations"):
        assert after.metadata[field] == before.metadata[field]
    upgrade(helm)
    assert "for: 10m" in helm.live("ConfigMap", RULES).data[FILE]


def test_what_nobody_declared_keeps_its_manager_and_its_value(helm: Site) -> None:
    helm.merge("ConfigMap", RULES, {"data": {"mine.rules.yml": "groups: []"}, "metadata": {"labels": {"team": "a"}}})
    helm.edit("ConfigMap", RULES, SLOWER)
    mine = helm.live("ConfigMap", RULES).owners["kubectl-patch", "Update"]
    helm.write_all(helm.plan())
    after = helm.live("ConfigMap", RULES)
    assert after.owners["kubectl-patch", "Update"] == mine
    assert (after.data["mine.rules.yml"], after.metadata["labels"]["team"]) == ("groups: []", "a")
    assert helm.plan().writes == ()


def test_a_port_that_was_changed_is_restored_where_an_apply_alone_is_refused(plane: Plane) -> None:
    with site(plane, released(plane, "argo-rollouts")) as helm:
        before = helm.live("Service", METRICS)
        helm.edit("Service", METRICS, "s/ port: 8090/ port: 9090/")
        with pytest.raises(helm_python.HelmError, match="Duplicate value"):
            upgrade(helm, "argo-rollouts", {})
        helm.write_all(helm.plan())
        after = helm.live("Service", METRICS)
        assert (after.content["spec"], after.owners) == (before.content["spec"], before.owners)
        upgrade(helm, "argo-rollouts", {})


def test_an_edit_between_reading_and_writing_is_never_overwritten(helm: Site) -> None:
    helm.edit("ConfigMap", RULES, SLOWER)
    plan = helm.plan()
    helm.edit("ConfigMap", RULES, SLOWEST)
    with pytest.raises(ObjectChanged):
        helm.write_all(plan)
    assert "for: 55m" in helm.live("ConfigMap", RULES).data[FILE]


def test_an_object_that_was_deleted_in_between_is_not_made_from_half_of_what_it_was(helm: Site) -> None:
    helm.edit("ConfigMap", RULES, SLOWER)
    plan = helm.plan()
    helm.kubectl("-n", helm.id_of("ConfigMap", RULES).namespace, "delete", "configmap", RULES)
    with pytest.raises(ObjectChanged):
        helm.write_all(plan)
    assert helm.objects.read(helm.id_of("ConfigMap", RULES)) is None


def test_a_deleted_object_is_made_as_helm_makes_it(helm: Site) -> None:
    before = helm.live("ConfigMap", DASHBOARD)
    helm.kubectl("-n", helm.id_of("ConfigMap", DASHBOARD).namespace, "delete", "configmap", DASHBOARD)
    helm.write_all(helm.plan())
    after = helm.live("ConfigMap", DASHBOARD)
    assert (after.data, after.owners) == (before.data, before.owners)
    assert after.metadata["annotations"] == before.metadata["annotations"]
    upgrade(helm)


def test_an_alert_that_was_added_stays_until_the_next_helm_upgrade(helm: Site) -> None:
    before = helm.live("ConfigMap", RULES).data[FILE]
    added = r"s/^\( *\)- alert: RolloutFailed$/\1- alert: Mine\n\1  expr: vector(1)\n&/"
    helm.edit("ConfigMap", RULES, f"{SLOWER}; {added}")
    plan = helm.plan()
    assert [change.path for change in plan.writes[0].kept] == [("groups", "name=argo-rollouts", "rules", "alert=Mine")]
    helm.write_all(plan)
    assert helm.live("ConfigMap", RULES).data[FILE] == before + "      - alert: Mine\n        expr: vector(1)\n"
    assert helm.plan().writes == ()
    upgrade(helm)
    assert "Mine" not in helm.live("ConfigMap", RULES).data[FILE]
