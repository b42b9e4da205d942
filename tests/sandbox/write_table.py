"""Requests that write, in the order in which they are sent. Two API servers that are asked the same answer the same."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

APPLY, MERGE, JSON = "application/apply-patch+yaml", "application/merge-patch+json", "application/json"
NAMESPACE = "writes"
MAPS, SERVICES = f"/api/v1/namespaces/{NAMESPACE}/configmaps", f"/api/v1/namespaces/{NAMESPACE}/services"
ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
LAST = "$LAST"
"""Stands for the version of the object in the answer before; ``$UID`` for its uid."""


@dataclass(frozen=True)
class Call:
    """A request. ``query`` begins with the field manager."""

    method: str
    path: str
    query: str
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        if self.method != "PATCH":
            return JSON
        return APPLY if "kind" in self.body else MERGE


def config_map(name: str, data: Mapping[str, str] | None = None, **metadata: Any) -> dict[str, Any]:
    content = {"data": dict(data)} if data is not None else {}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}, **content}


def service(name: str, *ports: Mapping[str, Any], **selector: str) -> dict[str, Any]:
    spec = {"ports": [dict(port) for port in ports], "selector": selector}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def port(number: int, **more: Any) -> dict[str, Any]:
    return {"port": number, **more}


def apply(item: Mapping[str, Any], manager: str, more: str = "") -> Call:
    paths = {"ConfigMap": MAPS, "Service": SERVICES, "ClusterRole": ROLES, "ClusterRoleBinding": BINDINGS}
    return Call("PATCH", f"{paths[item['kind']]}/{item['metadata']['name']}", f"fieldManager={manager}{more}", item)


def merge(path: str, change: Mapping[str, Any], manager: str, more: str = "") -> Call:
    return Call("PATCH", path, f"fieldManager={manager}{more}", change)


FORCE, DRY = "&force=true", "&dryRun=All"
HTTP, DNS = port(80, name="http", targetPort=8080), port(53, name="dns", protocol="UDP")
ROLE: dict[str, Any] = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRole",
    "metadata": {"name": "writes"},
    "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
}
BINDING: dict[str, Any] = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "writes"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "writes"},
    "subjects": [{"kind": "ServiceAccount", "name": "a", "namespace": NAMESPACE}],
}

CASES: Mapping[str, tuple[Call, ...]] = {
    "an apply of what somebody has edited is a conflict until it is forced": (
        apply(config_map("a", {"x": "1", "y": "1"}, labels={"app": "a"}), "helm"),
        merge(f"{MAPS}/a", {"data": {"x": "2", "mine": "3"}, "metadata": {"labels": {"team": "b"}}}, "edit"),
        apply(config_map("a", {"x": "1", "y": "1"}, labels={"app": "a"}), "helm"),
        apply(config_map("a", {"x": "1", "y": "1"}, labels={"app": "a"}), "helm", FORCE),
        apply(config_map("a", {"x": "1", "y": "1"}, labels={"app": "a"}), "helm", FORCE),
        Call("GET", f"{MAPS}/a", ""),
    ),
    "several conflicts are told one by one": (
        apply(config_map("b", {"x": "1", "y": "1"}), "one"),
        apply(config_map("b", {"x": "2", "y": "2"}), "two"),
        merge(f"{MAPS}/b", {"data": {"y": "3"}}, "three"),
        apply(config_map("b", {"x": "2", "y": "2"}), "two"),
    ),
    "the same value has two owners, and goes with the last of them": (
        apply(config_map("c", {"x": "1", "y": "1"}), "one"),
        apply(config_map("c", {"x": "1"}), "two"),
        apply(config_map("c", {"y": "1"}), "one"),
        apply(config_map("c"), "two"),
        apply(config_map("c", {"z": "1"}), "two"),
    ),
    "a dry run leaves all as it is": (
        apply(config_map("d", {"x": "1"}), "helm"),
        apply(config_map("d", {"x": "2"}), "helm", DRY),
        merge(f"{MAPS}/d", {"data": {"x": "3"}}, "edit", DRY),
        Call("GET", f"{MAPS}/d", ""),
    ),
    "another version and another uid are refused": (
        apply(config_map("e", {"x": "1"}), "helm"),
        apply(config_map("e", {"x": "2"}, resourceVersion="1"), "helm", FORCE),
        merge(f"{MAPS}/e", {"metadata": {"resourceVersion": "1"}, "data": {"x": "3"}}, "edit"),
        apply(config_map("none", {"x": "1"}, uid="0b9d6a5e-0000-4000-8000-000000000000"), "helm"),
        apply(config_map("e", {"x": "1"}, uid="0b9d6a5e-0000-4000-8000-000000000000"), "helm"),
        Call("GET", f"{MAPS}/e", ""),
        apply(config_map("e", {"x": "2"}, resourceVersion=LAST, uid="$UID"), "helm", FORCE),
    ),
    "with a version that no object has, an apply makes an object, and changes none": (
        apply(config_map("absent", {"x": "1"}, resourceVersion="1"), "helm", DRY),
        apply(config_map("absent", {"x": "1"}, resourceVersion="1"), "helm"),
        apply(config_map("absent", {"x": "2"}, resourceVersion="1"), "helm"),
        apply(config_map("absent", {"x": "2"}, resourceVersion="1"), "helm", DRY),
        Call("GET", f"{MAPS}/absent", ""),
    ),
    "an object that is made by a post belongs to an update": (
        Call("POST", MAPS, "fieldManager=helm", config_map("f", {"x": "1"}, labels={"a": "b"})),
        Call("POST", MAPS, "fieldManager=helm", config_map("f", {"x": "1"})),
        merge(f"{MAPS}/f", {"data": {"x": "2"}}, "edit"),
        merge(f"{MAPS}/f", {"data": {"x": "1"}}, "helm"),
        merge(f"{MAPS}/f", {"data": {"x": None}}, "edit"),
    ),
    "entries can be taken out, and all at once": (
        apply(config_map("g", {"x": "1"}), "helm"),
        merge(f"{MAPS}/g", {"data": {"y": "1"}}, "edit"),
        merge(f"{MAPS}/g", {"metadata": {"managedFields": [{}]}}, "edit"),
        apply(config_map("g", {"x": "1"}), "helm"),
        apply({**config_map("g", {"x": "1"}), "metadata": {"name": "g", "managedFields": []}}, "helm"),
    ),
    "what is immutable is refused": (
        apply({**config_map("h", {"x": "1"}), "immutable": True}, "helm"),
        apply({**config_map("h", {"x": "2"}), "immutable": True}, "helm"),
        merge(f"{MAPS}/h", {"data": {"x": None}}, "edit"),
        apply(BINDING, "helm"),
        apply({**BINDING, "roleRef": {**BINDING["roleRef"], "name": "other"}}, "helm"),
    ),
    "ports are merged by number and protocol, and a selector is one field": (
        apply(service("i", HTTP, DNS, app="a"), "helm"),
        merge(f"{SERVICES}/i", {"spec": {"selector": {"x": "y"}, "ports": [HTTP, DNS, port(81, name="more")]}}, "edit"),
        apply(service("i", HTTP, DNS, app="a"), "helm"),
        apply(service("i", HTTP, DNS, app="a"), "helm", FORCE),
        apply(service("i", HTTP, app="a"), "helm"),
    ),
    "a port with another number stands in the way of the old one": (
        apply(service("j", HTTP, app="a"), "helm"),
        merge(f"{SERVICES}/j", {"spec": {"ports": [port(81, name="http", targetPort=8080)]}}, "edit"),
        apply(service("j", HTTP, app="a"), "helm", FORCE),
        merge(f"{SERVICES}/j", {"spec": {"ports": [HTTP]}}, "maintainer"),
        apply(service("j", HTTP, app="a"), "helm", FORCE),
    ),
    "the rules of a role are one field": (
        apply(ROLE, "helm"),
        merge(f"{ROLES}/writes", {"rules": [*ROLE["rules"], ROLE["rules"][0] | {"verbs": ["list"]}]}, "edit"),
        apply(ROLE, "helm"),
        apply(ROLE, "helm", FORCE),
    ),
    "a request that is not sound is refused": (
        Call("PATCH", f"{MAPS}/k", "", config_map("k")),
        apply(config_map("k") | {"kind": "ConfigMap", "metadata": {"name": "l"}}, "helm"),
        Call("PATCH", MAPS.replace(NAMESPACE, "nowhere") + "/k", "fieldManager=a", config_map("k")),
        Call("POST", MAPS.replace(NAMESPACE, "nowhere"), "fieldManager=a", config_map("k")),
        merge(f"{MAPS}/k", {"data": {}}, "a"),
    ),
}  # fmt: skip


def answers(url: str, http: requests.Session, calls: tuple[Call, ...]) -> Iterator[tuple[int, Any]]:
    """The code and the answer of each call, without what no two API servers have in common."""
    versions: dict[str, str] = {}
    last: Mapping[str, Any] = {}
    for call in calls:
        body = json.dumps(call.body).replace(LAST, last.get("resourceVersion", "")).replace("$UID", last.get("uid", ""))
        sent = http.request(
            call.method,
            f"{url}{call.path}?{call.query}",
            data=body if call.body else None,
            headers={"Content-Type": call.media_type},
            timeout=30,
        )
        said = sent.json()
        last = said.get("metadata", {})
        yield sent.status_code, _plain(said, versions)


def _plain(said: dict[str, Any], versions: dict[str, str]) -> Any:
    if said["kind"] == "Status":
        return said["reason"], said["message"].replace(said.get("details", {}).get("uid", "$"), "$")
    metadata = {key: value for key, value in said["metadata"].items() if key not in {"uid", "creationTimestamp"}}
    metadata.pop("generation", None)
    if version := metadata.pop("resourceVersion", ""):
        metadata["version"] = versions.setdefault(version, f"version {len(versions) + 1}")
    entries = [{key: entry[key] for key in entry if key != "time"} for entry in metadata.pop("managedFields", ())]
    metadata["managers"] = sorted(entries, key=lambda entry: (entry["manager"], entry["operation"]))
    spec = {key: value for key, value in said.get("spec", {}).items() if key not in _ALLOCATED}
    ports = sorted(spec.pop("ports", ()), key=lambda found: json.dumps(found, sort_keys=True))
    return {
        **{key: value for key, value in said.items() if key != "status"},
        "metadata": metadata,
        "spec": spec,
        "ports": ports,
    }


_ALLOCATED = frozenset(("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"))
