"""Who deployed an object, who keeps it, and who wrote which of its fields."""

from typing import Any

import pytest

from maintainer.analyse.drift.managers import owners, owns, whole
from maintainer.analyse.drift.owners import ForeignOwner, deployer, foreign_owner
from tests.analyse.drift.builders import DEPLOYED, EDITED, config_map, desired, managed, recorded, stored

KEY, MINE = ("data", "a"), ("data", "mine")
RELEASE = "metadata", "annotations", "meta.helm.sh/release-name"


def who(*entries: dict[str, Any]) -> str:
    there = config_map({"a": "1"})
    there["metadata"]["managedFields"] = list(entries)
    found = deployer(desired(config_map({"a": "1", "b": "2"})), stored(there))
    return f"{found.name} {found.operation}" if found else ""


def test_the_deployer_is_who_owns_what_helm_adds_or_else_the_most_declared_fields() -> None:
    helm = managed("python", "Apply", DEPLOYED, RELEASE)
    first, both = managed("a", "Update", DEPLOYED, KEY), managed("b", "Update", EDITED, KEY, ("data", "b"))

    assert who(first, both) == "b Update"
    assert who(both, first, helm) == "python Apply"
    assert who(managed("mine", "Update", EDITED, MINE)) == ""
    assert who({**managed("status", "Update", EDITED, KEY), "subresource": "status"}) == ""
    assert who() == ""


@pytest.mark.parametrize(
    ("name", "manager"),
    [
        ("helm-4", "python Apply"),
        ("edited", "python Apply"),
        ("applied", "e2e Apply"),
        ("created", "helm Update"),
        ("kubectl-applied", "kubectl-client-side-apply Update"),
    ],
)
def test_the_deployer_of_each_recorded_object_is_known(name: str, manager: str) -> None:
    found = [deployer(wanted, there) for wanted, there in recorded(name)]

    assert {f"{one.name} {one.operation}" if one else "" for one in found} == {manager}


@pytest.mark.parametrize(
    ("metadata", "owner"),
    [
        ({}, None),
        ({"labels": {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "mon"}}, None),
        ({"labels": {"argocd.argoproj.io/instance": "mon"}}, ("argocd", "applications.argoproj.io", "", "mon")),
        (
            {"annotations": {"argocd.argoproj.io/tracking-id": "apps_mon:/ConfigMap:n/x"}},
            ("argocd", "applications.argoproj.io", "apps", "mon"),
        ),
        (
            {"labels": {"helm.toolkit.fluxcd.io/name": "mon", "helm.toolkit.fluxcd.io/namespace": "flux"}},
            ("flux-helmrelease", "helmreleases.helm.toolkit.fluxcd.io", "flux", "mon"),
        ),
        (
            {
                "ownerReferences": [
                    {"apiVersion": "v1", "kind": "Node", "name": "n"},
                    {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "controller": True},
                ]
            },
            ("owner", "deployment.apps", "monitoring", "d"),
        ),
        ({"ownerReferences": "broken", "labels": ["broken"], "annotations": None}, None),
    ],
)
def test_a_foreign_owner_is_who_would_write_it_again(metadata: dict[str, Any], owner: tuple[Any, ...] | None) -> None:
    there = config_map({})
    there["metadata"] |= metadata

    assert foreign_owner(stored(there)) == (ForeignOwner(*owner) if owner else None)


def test_a_field_is_found_by_the_keys_of_its_item() -> None:
    port = 'k:{"port":80,"protocol":"TCP"}'
    entry = managed(
        "helm", "Apply", DEPLOYED, ("spec", "ports", port, "name"), ("spec", "selector"), ("spec", "set", 'v:"a"')
    )
    fields = entry["fieldsV1"]
    item: dict[str, Any] = {"port": 80, "protocol": "TCP", "name": "x"}

    assert owns(fields, ("spec", "ports", item, "name"))
    assert not owns(fields, ("spec", "ports", {**item, "port": 81}, "name"))
    assert not owns(fields, ("spec", "ports", item, "targetPort"))
    assert owns(fields, ("spec", "set", "a"))
    assert not owns(fields, ("spec", "set", "b"))
    assert owns(fields, ("spec", "selector", "app"))
    assert whole(fields, ("spec", "selector"))
    assert not whole(fields, ("spec", "ports"))


def test_the_last_writer_comes_first_and_broken_fields_own_nothing() -> None:
    there = config_map({"a": "1"})
    there["metadata"]["managedFields"] = [
        managed("helm", "Apply", DEPLOYED, KEY),
        {"manager": "old", "operation": "Update", "fieldsV1": {"f:data": {"f:a": {}}}},
        managed("kubectl-edit", "Update", EDITED, KEY),
        {"manager": "broken", "operation": "Update", "fieldsV1": {"f:data": {"k:{": {}, "f:a": 7}}},
    ]

    assert [found.name for found in owners(stored(there).managers, KEY)] == ["kubectl-edit", "helm", "old"]
