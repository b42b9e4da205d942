"""Objects put together as the API server merges them; the sets of fields are those of a real one."""

from typing import Any

import pytest

from maintainer.analyse.drift.field_sets import blocked, counterpart, merged_by, overlaid, owned, united
from maintainer.model.drift import FieldManager

HTTP = 'k:{"port":80,"protocol":"TCP"}'
DNS = 'k:{"port":53,"protocol":"UDP"}'
ITEM: dict[str, Any] = {".": {}, "f:name": {}, "f:port": {}, "f:targetPort": {}}
FIELDS: dict[str, Any] = {"f:spec": {"f:ports": {HTTP: ITEM, DNS: {**ITEM, "f:protocol": {}}}, "f:selector": {}}}


def service(*ports: dict[str, Any], **selector: str) -> dict[str, Any]:
    return {"spec": {"ports": list(ports), "selector": selector}}


def port(number: int, name: str, **more: object) -> dict[str, Any]:
    return {"port": number, "name": name, **more}


def test_a_manager_owns_its_items_of_a_list_and_what_is_owned_as_a_whole() -> None:
    live = service(port(80, "http", protocol="TCP", appProtocol="h2c"), port(81, "x", protocol="TCP"), app="a")
    assert owned(live, FIELDS) == service(port(80, "http"), app="a")
    assert owned({"metadata": {"finalizers": ["a", "b"]}}, {"f:metadata": {"f:finalizers": {'v:"b"': {}}}}) == {
        "metadata": {"finalizers": ["b"]}
    }


def test_items_are_merged_by_their_keys_and_a_key_that_is_not_said_has_its_default() -> None:
    live = service(port(80, "http", protocol="TCP", appProtocol="h2c"), port(53, "dns", protocol="UDP"), app="a", x="y")
    wanted = service(port(80, "web"), app="b")
    assert overlaid(live, wanted, FIELDS) == service(
        port(80, "web", protocol="TCP", appProtocol="h2c"), port(53, "dns", protocol="UDP"), app="b"
    )


def test_an_item_with_the_name_of_a_wanted_one_is_in_its_way() -> None:
    live, wanted = service(port(81, "http"), port(53, "dns", protocol="UDP")), service(port(80, "http"))
    assert list(blocked(live, wanted, FIELDS)) == [("spec", "ports")]
    assert overlaid(live, wanted, FIELDS)["spec"]["ports"] == [port(53, "dns", protocol="UDP"), port(80, "http")]  # type: ignore[index,call-overload] # JSON
    assert counterpart(live, wanted, FIELDS)["spec"]["ports"] == [port(81, "http")]  # type: ignore[index,call-overload] # JSON


def test_two_items_that_have_each_others_name_are_in_nobodys_way() -> None:
    live, wanted = service(port(80, "b"), port(81, "a")), service(port(80, "a"), port(81, "b"))
    assert list(blocked(live, wanted, FIELDS)) == []
    assert overlaid(live, wanted, FIELDS)["spec"]["ports"] == wanted["spec"]["ports"]  # type: ignore[index,call-overload] # JSON


@pytest.mark.parametrize(("fields", "keys"), [({}, ()), (None, ()), ({HTTP: {}}, ("port", "protocol"))])
def test_a_list_without_keys_is_replaced_as_a_whole(fields: Any, keys: tuple[str, ...]) -> None:
    assert merged_by(fields) == keys
    assert overlaid([1, 2], [3], None) == [3]


def test_the_status_does_not_count() -> None:
    managers = (FieldManager("a", "Update", None, {"f:status": {}}, "status"), FieldManager("b", "Apply", None, FIELDS))
    assert united(managers) == FIELDS
