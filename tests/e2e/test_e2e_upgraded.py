"""A cluster that is upgraded: what an older API server stores has not drifted, there and read by the present one."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
import requests

from maintainer.collect.drift.deployed import Wanted
from maintainer.settings import defaults
from tests.e2e.drifts import compared
from tests.e2e.plane import Plane, api_server, newer_api_server
from tests.e2e.releases import MONITORING, SERVICE, install
from tests.helm.value_sets import VALUES

OLDER = "kube-apiserver-1.31"
DESIRED = defaults()["desired"]
WANTED = Wanted(tuple(DESIRED["helmReleases"]), (), frozenset(DESIRED["kinds"]))
CONFIG_MAP, CONFIG = ("v1", "ConfigMap"), ("monitoring", "prometheus-config")
ROLE = "rbac.authorization.k8s.io/v1", "ClusterRole"


class Cluster(NamedTuple):
    """Both API servers of the same objects."""

    older: Plane
    newer: Plane


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with api_server(tmp_path_factory.mktemp("plane"), OLDER) as older, newer_api_server(older) as newer:
        install(older, "argo-rollouts", SERVICE)
        yield Cluster(older, newer)


def version(plane: Plane) -> str:
    """The version of an API server."""
    headers = {"Authorization": f"Bearer {plane.kube.token}"}
    answer = requests.get(f"{plane.kube.url}/version", headers=headers, verify=str(plane.kube.ca_file), timeout=10)
    return str(answer.json()["gitVersion"])


def changes(plane: Plane) -> list[tuple[str, str]]:
    """The place of each change, and who made it."""
    return [(change.place, change.manager) for found in compared(plane, WANTED).objects for change in found.changes]


def test_the_api_servers_are_of_two_versions(cluster: Cluster) -> None:
    assert [version(plane).rsplit(".", 1)[0] for plane in cluster] == ["v1.31", "v1.34"]


@pytest.mark.parametrize("name", VALUES)
def test_what_the_older_one_stores_has_no_changes(name: str, cluster: Cluster) -> None:
    install(cluster.older, "monitoring", MONITORING, VALUES[name])
    for plane in cluster:
        audit = compared(plane, WANTED)
        assert [change for found in audit.objects for change in found.changes] == []
        assert all(found.stored for found in audit.objects)
        assert len(audit.objects) >= 5


@pytest.mark.parametrize("author", Cluster._fields)
def test_an_edit_is_found_by_whichever_it_was_made_and_is_read(author: str, cluster: Cluster) -> None:
    install(cluster.older, "monitoring", MONITORING)
    kube = getattr(cluster, author).kube
    rules = kube.get(ROLE, "", "monitoring-prometheus")["rules"]
    text = kube.get(CONFIG_MAP, *CONFIG)["data"]["argo-rollouts.rules.yml"]
    edited = text.replace("for: 5m", "for: 50m", 1)
    kube.patch(ROLE, ("", "monitoring-prometheus"), {"rules": rules[:-1]}, manager="kubectl-edit")
    kube.patch(CONFIG_MAP, CONFIG, {"data": {"argo-rollouts.rules.yml": edited}}, manager="kubectl-edit")
    try:
        found = [changes(plane) for plane in cluster]
    finally:
        kube.patch(ROLE, ("", "monitoring-prometheus"), {"rules": rules}, manager="kubectl-edit")
        kube.patch(CONFIG_MAP, CONFIG, {"data": {"argo-rollouts.rules.yml": text}}, manager="kubectl-edit")

    assert found[0] == found[1]
    assert {author for _, author in found[0]} == {"kubectl-edit"}
    assert [place for place, _ in found[0] if place.endswith("for")], found
    assert [place for place, _ in found[0] if place.startswith("rules")], found
