"""The overlay reconcile on a real API server: its account may restore what the chart deployed, and nothing else."""

from collections.abc import Iterator

import pytest

from tests.e2e.cronjob import NAMESPACE, Ended, forget, in_pod, install
from tests.e2e.plane import api_server
from tests.e2e.reconciled import Deployed, deployed
from tests.e2e.rights import Right, given, requests, unused, without
from tests.e2e.sites import Site
from tests.helm.test_maintainer import kustomized

RBAC = "rbac.authorization.k8s.io"
ALL = given(kustomized("reconcile")) - given(kustomized("audit"))
GRANTED = {right for right in ALL if right.namespace == "" and right.name == ""}
"""The rights of Prometheus: whoever restores its ClusterRole must have them."""
DOCUMENTS = {right for right in ALL if right.namespace == NAMESPACE}
OBJECTS = ALL - GRANTED - DOCUMENTS


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with api_server(tmp_path_factory.mktemp("plane")) as plane, deployed(plane) as made:
        install(plane, "reconcile")
        yield made


def broken(stack: Deployed, *rights: Right) -> Ended:
    """The report of a run after the objects of these rights were deleted, as the pod of the CronJob makes it."""
    for right in {right._replace(verb="") for right in rights}:
        stack.kubectl(*(("-n", right.namespace) if right.namespace else ()), "delete", right.resource, right.name)
    return in_pod(stack.plane, "run", "reconcile")


def test_a_run_that_restores_uses_every_right_and_needs_no_other(stack: Deployed) -> None:
    ended = broken(stack, *OBJECTS)
    assert (ended.gaps, ended.code, ended.reports) == ([], 0, 1), ended
    assert "objects restored" in ended.printed
    again = in_pod(stack.plane, "run", "reconcile")
    assert (again.gaps, again.code, "restored" in again.printed) == ([], 0, False), again

    made = list(requests(stack.plane))
    assert [request for request in made if not request.allowed] == []
    assert unused(ALL - GRANTED, made) == set()


@pytest.mark.parametrize("right", sorted(OBJECTS), ids=lambda right: f"{right.resource} {right.name} {right.verb}")
def test_a_right_that_is_taken_away_is_a_gap_that_names_it(stack: Deployed, right: Right) -> None:
    with without(Site(stack.plane, {}), right):
        ended = broken(stack, right)
    assert ended.code == 3
    where = right.namespace or "the whole cluster"
    assert any(f"may not create, patch {right.resource} in {where}." in gap for gap in ended.gaps), ended.gaps
    assert in_pod(stack.plane, "run", "reconcile").gaps == []


@pytest.mark.parametrize("right", sorted(GRANTED)[:1], ids=lambda right: f"{right.resource} {right.verb}")
def test_a_right_that_is_to_be_given_and_is_not_there_is_named(stack: Deployed, right: Right) -> None:
    with without(Site(stack.plane, {}), right):
        ended = broken(stack, Right("", RBAC, "clusterroles", "monitoring-prometheus", ""))
    assert ended.code == 3
    (gap,) = [gap for gap in ended.gaps if "may not give rights" in gap]
    assert f'Resources:["{right.resource}"]' in gap
    assert f'Verbs:["{right.verb}"' in gap
    assert in_pod(stack.plane, "run", "reconcile").gaps == []


@pytest.mark.parametrize("right", sorted(DOCUMENTS), ids=lambda right: f"{right.name} {right.verb}")
def test_without_notes_nothing_is_restored(stack: Deployed, right: Right) -> None:
    forget(stack.plane)
    with without(Site(stack.plane, {}), right):
        ended = broken(stack, Right("monitoring", "", "configmaps", "grafana-config", ""))
        assert ended.code == 4  # the ledger is in the same rule
        assert any("may not create, patch configmaps in maintainer." in gap for gap in ended.gaps), ended.gaps
        assert "grafana-config" not in stack.kubectl("-n", "monitoring", "get", "configmaps", "-o", "name")
    assert in_pod(stack.plane, "run", "reconcile").gaps == []
