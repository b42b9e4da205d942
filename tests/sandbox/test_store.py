from typing import Any

import pytest

from maintainer.sandbox.selectors import selector
from maintainer.sandbox.store import Store

KEY = ("a", "x")


def config_map(name: str, namespace: str = "a", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"namespace": namespace, "name": name}, "spec": spec}


def test_every_write_of_any_object_gets_a_higher_version() -> None:
    store = Store()
    first = store.put("configmaps", config_map("x"))
    second = store.put("pods", config_map("y"))
    assert int(second["metadata"]["resourceVersion"]) == int(first["metadata"]["resourceVersion"]) + 1


def test_the_generation_grows_with_the_spec_only() -> None:
    store = Store()
    store.put("rollouts", config_map("x", image="1"))
    same = store.put("rollouts", {**config_map("x", image="1"), "status": {"phase": "Healthy"}})
    other = store.put("rollouts", config_map("x", image="2"))
    assert [item["metadata"]["generation"] for item in (same, other)] == [1, 2]
    assert other["metadata"]["uid"] == same["metadata"]["uid"]


def test_a_snapshot_is_in_the_order_of_the_paths() -> None:
    store = Store()
    for namespace in ("a", "a-b", "b"):
        store.put("pods", config_map("x", namespace))
    assert [item["metadata"]["namespace"] for item in store.snapshot("pods").objects] == ["a-b", "a", "b"]
    assert len(store.snapshot("pods", "a").objects) == 1


def test_a_delete_is_a_write_and_deleting_nothing_is_an_error() -> None:
    store = Store()
    store.put("pods", config_map("x"))
    before = store.snapshot("pods").version
    store.delete("pods", KEY)
    assert store.snapshot("pods").version == before + 1
    with pytest.raises(KeyError):
        store.delete("pods", KEY)


def test_the_past_can_be_seen() -> None:
    moment = [0.0]
    store = Store(clock=lambda: moment[0])
    store.put("rollouts", config_map("x", image="1"), emits="Completed")
    moment[0] = 10.0
    store.put("rollouts", config_map("x", image="2"), emits="Paused")
    store.put("rollouts", config_map("y"))
    then = store.seen("rollouts", 5.0)
    assert {key: entry.emits for key, entry in then.items()} == {KEY: "Completed"}
    assert store.seen("rollouts", 10.0)[KEY].emits == "Paused"
    assert store.seen("rollouts", -1.0) == {}


def test_the_declared_phase_is_kept_when_a_write_does_not_name_one() -> None:
    store = Store()
    store.put("rollouts", config_map("x"), emits="Paused")
    store.put("rollouts", config_map("x", image="2"))
    entry = store.entry("rollouts", KEY)
    assert entry is not None
    assert entry.emits == "Paused"


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("team=a", True),
        ("team==a,tier!=db", True),
        ("team!=a", False),
        ("team,!tier", True),
        ("!team", False),
        ("team in (a, b),tier notin (db)", True),
        ("team in (b)", False),
        ("app.kubernetes.io/name=cart", True),
    ],
)
def test_label_selectors(text: str, *, matches: bool) -> None:
    assert selector(text)({"team": "a", "app.kubernetes.io/name": "cart"}) is matches


def test_a_selector_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="unable to parse"):
        selector("team in a")
