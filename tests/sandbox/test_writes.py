"""Writes as the store sends them; what is refused was seen on a real API server (1.34)."""

import base64
import json
from typing import Any

import pytest
import requests

from maintainer.sandbox.api import ApiServer
from maintainer.sandbox.cluster import namespaces

FOLDER = "/api/v1/namespaces/maintainer/configmaps"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/maintainer/leases"
APPLY, MERGE = "application/apply-patch+yaml", "application/merge-patch+json"


class Writes:
    def __init__(self, api: ApiServer, http: requests.Session) -> None:
        self.api, self.http = api, http

    def patch(self, path: str, body: Any, media_type: str) -> requests.Response:
        return self.http.patch(
            self.api.url + path, data=json.dumps(body), headers={"Content-Type": media_type}, timeout=5
        )

    def apply(self, path: str, name: str, *, kind: str = "ConfigMap", version: str = "v1") -> requests.Response:
        body = {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "maintainer"}}
        return self.patch(path, body, APPLY)


@pytest.fixture
def writes(api: ApiServer, http: requests.Session) -> Writes:
    namespaces(api.store, ["maintainer"])
    return Writes(api, http)


def made(writes: Writes, name: str = "ledger") -> dict[str, Any]:
    answer = writes.apply(f"{FOLDER}/{name}?fieldManager=me", name)
    assert answer.status_code in {200, 201}
    item: dict[str, Any] = answer.json()
    return item


def test_an_apply_makes_an_object_and_leaves_one_that_is_there(writes: Writes) -> None:
    first = made(writes)
    content = {"binaryData": {"a": "AA=="}, "metadata": {"resourceVersion": first["metadata"]["resourceVersion"]}}
    second = writes.patch(f"{FOLDER}/ledger", content, MERGE).json()

    assert second["binaryData"] == {"a": "AA=="}
    assert made(writes) == second


def test_a_patch_of_an_older_version_is_refused(writes: Writes) -> None:
    version = made(writes)["metadata"]["resourceVersion"]
    change = {"metadata": {"resourceVersion": version}, "data": {"a": "b"}}

    assert writes.patch(f"{FOLDER}/ledger", change, MERGE).status_code == 200
    refused = writes.patch(f"{FOLDER}/ledger", change, MERGE)
    assert (refused.status_code, refused.json()["reason"]) == (409, "Conflict")
    assert refused.json()["message"].startswith('Operation cannot be fulfilled on configmaps "ledger": the object has')


def test_a_deletion_of_an_older_version_is_refused(writes: Writes) -> None:
    version = made(writes)["metadata"]["resourceVersion"]
    url = f"{writes.api.url}{FOLDER}/ledger"

    refused = writes.http.delete(url, json={"preconditions": {"resourceVersion": "1"}}, timeout=5)
    assert refused.status_code == 409
    assert f"(1) does not match the ResourceVersion in record ({version})" in refused.json()["message"]
    assert writes.http.delete(url, json={"preconditions": {"resourceVersion": version}}, timeout=5).status_code == 200
    assert writes.http.delete(url, timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("path", "named", "code", "message"),
    [
        (f"{FOLDER}/q", {}, 422, 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required'),
        (f"{FOLDER}/zz?fieldManager=a", {}, 400, "the name of the object (q) does not match the name on the URL (zz)"),
        (f"{FOLDER}/q?fieldManager=a", {"kind": "Secret"}, 400, "invalid object type: v1, Kind=Secret"),
        ("/api/v1/namespaces/none/configmaps/q?fieldManager=a", {}, 404, 'namespaces "none" not found'),
    ],
)
def test_an_apply_that_the_real_server_refuses_is_refused(
    writes: Writes, path: str, named: dict[str, str], code: int, message: str
) -> None:
    refused = writes.apply(path, "q", **named)

    assert refused.status_code == code
    assert refused.json()["message"].startswith(message)


@pytest.mark.parametrize("verb", ["patch", "create"])
def test_an_apply_that_makes_an_object_needs_both_rights(writes: Writes, verb: str) -> None:
    made(writes, "old")
    writes.api.forbid(verb, "configmaps")

    refused = writes.apply(f"{FOLDER}/new?fieldManager=a", "new")
    assert refused.status_code == 403
    assert f'cannot {verb} resource "configmaps"' in refused.json()["message"]
    assert writes.apply(f"{FOLDER}/old?fieldManager=a", "old").status_code == (403 if verb == "patch" else 200)


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        ({"a": base64.b64encode(bytes(2**20 + 1)).decode()}, 422, 'ConfigMap "ledger" is invalid: []: Too long: may'),
        ({"a": "%%"}, 400, "illegal base64 data"),
    ],
)
def test_data_that_a_config_map_cannot_hold_is_refused(
    writes: Writes, content: dict[str, str], code: int, message: str
) -> None:
    made(writes)
    refused = writes.patch(f"{FOLDER}/ledger", {"binaryData": content}, MERGE)

    assert refused.status_code == code
    assert refused.json()["message"].startswith(message)


def test_a_lease_needs_a_duration(writes: Writes) -> None:
    path = f"{LEASES}/maintainer?fieldManager=a"
    assert writes.apply(path, "maintainer", kind="Lease", version="coordination.k8s.io/v1").status_code == 201

    refused = writes.patch(path, {"spec": {"leaseDurationSeconds": 0}}, MERGE)
    assert refused.status_code == 422
    assert "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0" in refused.json()["message"]
