import json
from typing import Any

import pytest
import requests

from maintainer.sandbox.api import ApiServer
from maintainer.sandbox.patches import JSON_PATCH, MERGE, patched
from maintainer.sandbox.statuses import Refusal
from maintainer.sandbox.store import Object

ITEM: Object = {"metadata": {"name": "cart", "labels": {"a/b": "1"}}, "spec": {"ports": ["x", "y"], "on": True}}
PATH = "/apis/argoproj.io/v1alpha1/namespaces/team-0/rollouts/svc-00001"


def after(change: Any, media_type: str) -> dict[str, Any]:
    return dict(patched(ITEM, media_type=media_type, body=json.dumps(change).encode()))


def test_a_merge_patch_sets_fields_and_takes_away_those_that_are_null() -> None:
    made = after({"metadata": {"labels": {"a/b": None, "c": "2"}}, "spec": {"ports": ["z"]}}, MERGE)
    assert made == {"metadata": {"name": "cart", "labels": {"c": "2"}}, "spec": {"ports": ["z"], "on": True}}


@pytest.mark.parametrize(
    ("operation", "path", "ports", "labels"),
    [
        ("add", "/spec/ports/0", ["new", "x", "y"], "1"),
        ("replace", "/spec/ports/0", ["new", "y"], "1"),
        ("add", "/spec/ports/-", ["x", "y", "new"], "1"),
        ("add", "/metadata/labels/a~1b", ["x", "y"], "new"),
    ],
)
def test_a_json_patch_adds_and_replaces_at_its_path(operation: str, path: str, ports: list[str], labels: str) -> None:
    made = after([{"op": operation, "path": path, "value": "new"}], JSON_PATCH)
    assert (made["spec"]["ports"], made["metadata"]["labels"]["a/b"]) == (ports, labels)
    assert ITEM["spec"]["ports"] == ["x", "y"]


@pytest.mark.parametrize(
    ("change", "media_type", "code"),
    [
        ({"spec": {}}, "application/strategic-merge-patch+json", 415),
        ({"metadata": {"name": "other"}}, MERGE, 400),
        ({"metadata": None}, MERGE, 400),
        ("text", MERGE, 400),
        ([{"op": "remove", "path": "/spec"}], JSON_PATCH, 400),
        ([{"op": "add", "path": "/spec/none/0", "value": 1}], JSON_PATCH, 400),
    ],
)
def test_a_patch_that_cannot_be_applied_is_refused(change: Any, media_type: str, code: int) -> None:
    with pytest.raises(Refusal) as refused:
        after(change, media_type)
    assert refused.value.code == code


def test_a_patched_object_is_stored_with_a_new_version(api: ApiServer, http: requests.Session) -> None:
    before = http.get(api.url + PATH, timeout=5).json()
    body = {"spec": {"replicas": 7}}
    answer = http.patch(api.url + PATH, json=body, headers={"Content-Type": MERGE}, timeout=5)
    stored = http.get(api.url + PATH, timeout=5).json()

    assert (answer.status_code, answer.json()) == (200, stored)
    assert stored["spec"] == {**before["spec"], "replicas": 7}
    assert stored["metadata"]["generation"] == before["metadata"]["generation"] + 1
    assert http.patch(f"{api.url}{PATH}x", json=body, headers={"Content-Type": MERGE}, timeout=5).status_code == 404
    assert http.patch(api.url + PATH.rpartition("/")[0], json=body, timeout=5).status_code == 405


def test_a_patch_of_no_json_is_a_bad_request() -> None:
    with pytest.raises(Refusal, match="error decoding patch"):
        patched(ITEM, media_type=MERGE, body=b"{")
