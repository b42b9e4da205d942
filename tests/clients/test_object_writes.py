"""What others own together with the deployer is taken out of their entries; their own stays."""

from typing import Any

from maintainer.clients.object_writes import disowned

ITEM: dict[str, Any] = {".": {}, "f:name": {}, "f:port": {}}
HTTP, DNS = 'k:{"port":80,"protocol":"TCP"}', 'k:{"port":53,"protocol":"UDP"}'


def entry(manager: str, operation: str, fields: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"manager": manager, "operation": operation, "time": "2026-11-30T15:00:00Z", "fieldsV1": fields, **more}


def test_others_keep_only_what_the_deployer_has_not_applied() -> None:
    helm = entry("helm", "Apply", {"f:data": {"f:a": {}}, "f:spec": {"f:ports": {HTTP: ITEM}, "f:selector": {}}})
    theirs = {"f:data": {"f:a": {}, "f:b": {}}, "f:spec": {"f:ports": {".": {}, HTTP: {**ITEM, "f:x": {}}, DNS: ITEM}}}
    left = disowned(
        [helm, entry("me", "Update", theirs), entry("maintainer", "Update", {"f:data": {"f:a": {}, "f:default": {}}})],
        "helm",
    )
    assert left == [
        helm,
        entry("me", "Update", {"f:data": {"f:b": {}}, "f:spec": {"f:ports": {".": {}, HTTP: {"f:x": {}}, DNS: ITEM}}}),
    ]


def test_entries_of_a_subresource_and_of_another_operation_of_the_deployer_are_no_exception() -> None:
    status = entry("controller", "Update", {"f:status": {}}, subresource="status")
    helm = entry("helm", "Apply", {"f:data": {"f:a": {}}})
    assert disowned([helm, status, entry("helm", "Update", {"f:data": {"f:a": {}}})], "helm") == [helm, status]


def test_without_an_entry_of_the_deployer_nothing_changes() -> None:
    entries = [entry("me", "Update", {"f:data": {".": {}, "f:a": {}}})]
    assert disowned(entries, "helm") == entries
