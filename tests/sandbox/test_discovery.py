from typing import Any

import pytest

from maintainer.sandbox.discovery import discovery
from maintainer.sandbox.resources import RESOURCES


def names(document: dict[str, Any] | None, of: str) -> list[str]:
    assert document
    return [item["name"] for item in document[of]]


def test_the_groups_and_their_versions_are_named() -> None:
    groups = discovery("/apis", RESOURCES)
    assert "" not in names(groups, "groups")
    assert discovery("/api", RESOURCES) == {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [],
    }
    operator = discovery("/apis/monitoring.coreos.com", RESOURCES)
    assert operator
    assert [version["version"] for version in operator["versions"]] == ["v1", "v1alpha1"]
    assert operator["preferredVersion"]["groupVersion"] == "monitoring.coreos.com/v1"


def test_a_version_names_its_resources_only() -> None:
    assert names(discovery("/apis/apps/v1", RESOURCES), "resources") == ["deployments", "replicasets", "statefulsets"]
    assert "pods" in names(discovery("/api/v1/", RESOURCES), "resources")


@pytest.mark.parametrize("path", ["/", "/api/v2", "/apis/apps/v2", "/apis/none", "/apis/apps/v1/deployments", "/x"])
def test_other_paths_are_no_documents(path: str) -> None:
    assert discovery(path, RESOURCES) is None


def test_what_is_not_installed_is_not_named() -> None:
    served = [row for row in RESOURCES if not row.custom]
    assert "argoproj.io" not in names(discovery("/apis", served), "groups")
    assert discovery("/apis/argoproj.io/v1alpha1", served) is None
