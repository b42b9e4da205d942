"""Who owns which field after each kind of write; test_e2e_writes.py compares the answers with a real server."""

from typing import Any

import pytest
import requests

from maintainer.sandbox.api import ApiServer
from maintainer.sandbox.cluster import namespaces
from tests.sandbox.write_table import CASES, NAMESPACE, answers


@pytest.fixture
def writes(api: ApiServer) -> ApiServer:
    namespaces(api.store, [NAMESPACE])
    return api


def after(writes: ApiServer, http: requests.Session, name: str) -> list[tuple[int, Any]]:
    return list(answers(writes.url, http, CASES[name]))


def owners(said: Any) -> dict[tuple[str, str], Any]:
    return {(entry["manager"], entry["operation"]): entry["fieldsV1"] for entry in said["metadata"]["managers"]}


def test_a_forced_apply_takes_the_field_and_leaves_what_it_does_not_declare(
    writes: ApiServer, http: requests.Session
) -> None:
    said = after(writes, http, "an apply of what somebody has edited is a conflict until it is forced")
    assert [code for code, _ in said] == [201, 200, 409, 200, 200, 200]
    assert said[2][1][1] == 'Apply failed with 1 conflict: conflict with "edit" using v1: .data.x'
    assert said[3] == said[4] == said[5]
    assert owners(said[3][1]) == {
        ("helm", "Apply"): {"f:data": {"f:x": {}, "f:y": {}}, "f:metadata": {"f:labels": {"f:app": {}}}},
        ("edit", "Update"): {"f:data": {"f:mine": {}}, "f:metadata": {"f:labels": {"f:team": {}}}},
    }


def test_a_field_goes_with_its_last_owner(writes: ApiServer, http: requests.Session) -> None:
    said = after(writes, http, "the same value has two owners, and goes with the last of them")
    assert [answer["data"] for _, answer in said] == [
        {"x": "1", "y": "1"},
        {"x": "1", "y": "1"},
        {"x": "1", "y": "1"},
        {"y": "1"},
        {"y": "1", "z": "1"},
    ]


def test_a_dry_run_and_a_refusal_leave_the_object(writes: ApiServer, http: requests.Session) -> None:
    first, *_, last = after(writes, http, "a dry run leaves all as it is")
    assert first[1] == last[1]
    first, *refused, last, done = after(writes, http, "another version and another uid are refused")
    assert [code for code, _ in refused] == [409, 409, 409, 422]
    assert (first[1], done[0]) == (last[1], 200)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("what is immutable is refused", [201, 422, 422, 201, 422]),
        ("a port with another number stands in the way of the old one", [201, 200, 422, 200, 200]),
        ("a request that is not sound is refused", [422, 201, 404, 404, 404]),
        ("the rules of a role are one field", [201, 200, 409, 200]),
    ],
)
def test_what_is_refused(writes: ApiServer, http: requests.Session, name: str, codes: list[int]) -> None:
    assert [code for code, _ in after(writes, http, name)] == codes
