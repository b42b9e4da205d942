"""What the API server says of itself, so that kubectl finds the path of a resource."""

from collections.abc import Sequence
from typing import Any

from maintainer.sandbox.resources import Resource


def discovery(path: str, served: Sequence[Resource]) -> dict[str, Any] | None:
    """The document at a path such as ``/apis`` or ``/api/v1``; ``None`` for any other path.

    ``served`` are the resources that this API server has.
    """
    match path.strip("/").split("/"):
        case ["api"]:
            return {"kind": "APIVersions", "versions": _versions("", served), "serverAddressByClientCIDRs": []}
        case ["apis"]:
            names = dict.fromkeys(row.group for row in served if row.group)
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(name, served) for name in names]}
        case ["apis", group] if _versions(group, served):
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, served)}
        case ["api", version] if version in _versions("", served):
            return _resources("", version, served)
        case ["apis", group, version] if version in _versions(group, served):
            return _resources(group, version, served)
    return None


def _versions(group: str, served: Sequence[Resource]) -> list[str]:
    return list(dict.fromkeys(row.version for row in served if row.group == group))


def _group(name: str, served: Sequence[Resource]) -> dict[str, Any]:
    versions = [{"groupVersion": f"{name}/{version}", "version": version} for version in _versions(name, served)]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _resources(group: str, version: str, served: Sequence[Resource]) -> dict[str, Any]:
    rows = [row for row in served if (row.group, row.version) == (group, version)]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": rows[0].api_version,
        "resources": [
            {
                "name": row.plural,
                "singularName": row.kind.lower(),
                "namespaced": row.namespaced,
                "kind": row.kind,
                "verbs": list(row.verbs),
            }
            for row in rows
        ],
    }
