"""What was deployed on a real API server and that nobody touches: no change is reported, and each edit is."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from maintainer.collect.drift.deployed import Wanted
from maintainer.settings import defaults
from tests.e2e.drifts import compared
from tests.e2e.operated import PROMETHEUS, RELEASE, RULE, SERVICE_MONITOR, define, prometheus, rule, service_monitor
from tests.e2e.plane import Plane, api_server
from tests.e2e.releases import MONITORING, SERVICE, install
from tests.helm.value_sets import VALUES

RUNS = 20
CLAIM = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "51200Mi"}}}}
"""Quantities that can be written in another way."""


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with api_server(tmp_path_factory.mktemp("plane")) as plane:
        yield plane


@pytest.mark.parametrize("name", VALUES)
def test_a_release_that_was_left_alone_has_no_changes_in_20_runs(name: str, plane: Plane) -> None:
    install(plane, "argo-rollouts", SERVICE)
    install(plane, "monitoring", MONITORING, VALUES[name])
    kinds: Mapping[str, Any] = defaults()["desired"]
    wanted = Wanted(tuple(kinds["helmReleases"]), (), frozenset(kinds["kinds"]))
    for _ in range(RUNS):
        audit = compared(plane, wanted)

        assert [change for compared in audit.objects for change in compared.changes] == []
        assert all(compared.stored for compared in audit.objects)
        assert len(audit.objects) >= 5


@pytest.fixture(scope="module")
def operated(plane: Plane) -> Wanted:
    """Objects of the operator with its own CRDs, which add defaults, and the file of which they were applied."""
    define(plane.kube)
    objects = (
        prometheus(retention="15d", resources={"limits": {"memory": "2048Mi"}}, storage={"volumeClaimTemplate": CLAIM}),
        service_monitor(**RELEASE),
        rule(**RELEASE),
    )
    for namespace in {found["metadata"]["namespace"] for found in objects}:
        plane.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    plane.kube.apply(*objects)
    file = plane.folder / "operated.yaml"
    file.write_text(yaml.safe_dump_all(objects))
    return Wanted((), (str(file),), frozenset(defaults()["desired"]["kinds"]))


def test_objects_of_the_operator_that_were_left_alone_have_no_changes(plane: Plane, operated: Wanted) -> None:
    for _ in range(RUNS):
        audit = compared(plane, operated)

        assert [each.desired.id.kind for each in audit.objects] == ["Prometheus", "PrometheusRule", "ServiceMonitor"]
        assert [change for each in audit.objects for change in each.changes] == []
    stored = {each.desired.id.kind: each.stored for each in audit.objects}
    assert "evaluationInterval" in str(stored["Prometheus"]), "the CRD adds no default, so the test shows nothing"


EDITS: Mapping[str, tuple[tuple[str, str], tuple[str, str], Mapping[str, Any], str]] = {
    "retention": (PROMETHEUS, ("monitoring", "k8s"), {"retention": "3d"}, "spec/retention"),
    "port": (
        SERVICE_MONITOR,
        ("argo-rollouts", "argo-rollouts"),
        {"endpoints": [{"port": "metrics"}]},
        "spec/endpoints/0/port",
    ),
    "alert": (
        RULE,
        ("argo-rollouts", "rollouts"),
        {"groups": [{"name": "rollouts", "rules": [{"alert": "RolloutDegraded", "expr": "up == 0"}]}]},
        "spec/groups/name=rollouts/rules/alert=RolloutDegraded/expr",
    ),
}
"""By a name: the kind, the object, its edited spec, and the place of the change."""


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_an_object_of_the_operator_is_found_with_its_author(
    plane: Plane, operated: Wanted, edit: str
) -> None:
    kind, key, spec, place = EDITS[edit]
    before = plane.kube.get(kind, *key)["spec"]
    plane.kube.patch(kind, key, {"spec": spec}, manager="kubectl-edit")
    try:
        audit = compared(plane, operated)
    finally:
        plane.kube.patch(kind, key, {"spec": before}, manager="e2e")

    assert [(change.place, change.manager) for each in audit.objects for change in each.changes] == [
        (place, "kubectl-edit")
    ]
