"""Comparing: nothing is found that the API server or a person wrote in another way, and every edit is."""

import json
import random
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from maintainer.analyse.drift.objects import changes
from maintainer.model.drift import Change
from tests.analyse.drift.builders import DEPLOYED, config_map, desired, managed, stored

pytestmark = pytest.mark.extended

WORDS = st.text("abcdefgh", min_size=1, max_size=6)
LABELS = st.dictionaries(WORDS, WORDS, min_size=1, max_size=3)
PORTS = st.lists(
    st.fixed_dictionaries({"port": st.integers(1, 65535)}, optional={"targetPort": st.integers(1, 65535) | WORDS}),
    min_size=1,
    max_size=4,
    unique_by=lambda port: port["port"],
)
TYPES = st.sampled_from(["ClusterIP", "NodePort"])
SERVICES = st.fixed_dictionaries({"selector": LABELS, "ports": PORTS, "type": TYPES})
LISTS = st.lists(WORDS, min_size=1, max_size=3, unique=True)
ROLES = st.lists(
    st.fixed_dictionaries({"apiGroups": LISTS, "resources": LISTS, "verbs": LISTS}),
    min_size=1,
    max_size=4,
    unique_by=lambda rule: (str(sorted(rule["apiGroups"])), str(sorted(rule["resources"]))),
)
ALERTS = st.lists(
    st.fixed_dictionaries(
        {"alert": WORDS, "expr": st.integers(1, 9).map("up > {}".format)},
        optional={"for": st.integers(1, 90).map("{}m".format), "labels": LABELS, "annotations": LABELS},
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda alert: str(alert["alert"]),
)
JOBS = st.lists(
    st.fixed_dictionaries(
        {"job_name": WORDS, "scrape_interval": st.integers(1, 90).map("{}m".format)},
        optional={"honor_labels": st.booleans(), "relabel_configs": st.lists(LABELS, max_size=3)},
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda job: str(job["job_name"]),
)
PANELS = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(1, 99), "title": WORDS},
        optional={"targets": st.lists(WORDS, unique=True, max_size=2).map(lambda ids: [{"refId": id_} for id_ in ids])},
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda panel: panel["id"],
)
VALUES = st.fixed_dictionaries(
    {
        "a.rules.yml": ALERTS.map(lambda rules: {"groups": [{"name": "g", "rules": rules}]}),
        "prometheus.yml": JOBS.map(lambda jobs: {"global": {"scrape_interval": "1m"}, "scrape_configs": jobs}),
        "board.json": PANELS.map(lambda panels: {"title": "b", "panels": panels}),
    }
)
NAMES = {"alert", "job_name", "id", "refId", "name"}
"""What an item is found by: with another name it is another item."""


def service(spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "n"}, "spec": spec}


def role(rules: Any) -> dict[str, Any]:
    head = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}}
    return {**head, "rules": rules}


def as_stored(content: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """An object as an API server may return it: with defaults, and what has no order in another order."""
    found, shuffle = deepcopy(dict(content)), random.Random(seed).shuffle
    spec = found.get("spec", {})
    spec |= {"clusterIP": "10.0.0.1", "sessionAffinity": "None"} if spec else {}
    for port in spec.get("ports", ()):
        port |= {"protocol": "TCP", "targetPort": port.get("targetPort", port["port"])}
    for listed in (spec.get("ports"), found.get("rules"), *(rule["verbs"] for rule in found.get("rules", ()))):
        shuffle(listed or [])
    found["metadata"] = {**found["metadata"], "uid": "1", "creationTimestamp": "2026-11-01T00:00:00Z"}
    return found


def as_written_anew(values: Mapping[str, Any], seed: int) -> dict[str, str]:
    """The values as somebody else would write them: named items in another order, another style, other units."""
    shuffle = random.Random(seed).shuffle
    found: dict[str, Any] = deepcopy(dict(values))
    for rules in (found["a.rules.yml"]["groups"][0]["rules"], found["prometheus.yml"]["scrape_configs"]):
        shuffle(rules)
        for item in rules:
            for field in ("for", "scrape_interval"):
                if field in item:
                    item[field] = f"{int(item[field][:-1]) * 60}s"
    shuffle(found["board.json"]["panels"])
    return written({**found, "board.json": found["board.json"] | {"version": seed}}, flow=True)


def written(values: Mapping[str, Any], *, flow: bool = False) -> dict[str, str]:
    texts = {key: yaml.safe_dump(value, default_flow_style=flow, sort_keys=flow) for key, value in values.items()}
    return {**texts, "board.json": json.dumps(values["board.json"], indent=None if flow else 2, sort_keys=flow)}


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to the single values of a tree."""
    if isinstance(node, (dict, list)):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(value, (*path, key))
    else:
        yield path


def with_another(tree: Any, path: tuple[Any, ...]) -> Any:
    """The tree with another value at the end of the way."""
    found = deepcopy(tree)
    node = found
    for step in path[:-1]:
        node = node[step]
    match node[path[-1]]:
        case bool() as before:
            node[path[-1]] = not before
        case int() as before:
            node[path[-1]] = before + 100
        case before:
            node[path[-1]] = f"{before}z"
    return found


def found_in(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> tuple[Change, ...]:
    return changes(desired(wanted), stored(there))


@given(SERVICES, st.integers(0, 9))
def test_a_service_is_equal_to_what_the_server_makes_of_it(spec: Any, seed: int) -> None:
    assert found_in(service(spec), as_stored(service(spec), seed)) == ()


@given(ROLES, st.integers(0, 9))
def test_a_role_is_equal_in_any_order(rules: Any, seed: int) -> None:
    assert found_in(role(rules), as_stored(role(rules), seed)) == ()


@given(SERVICES, st.data())
def test_every_edit_of_a_service_is_found_where_it_is(spec: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(leaves(spec), key=str)))

    found = found_in(service(spec), service(with_another(spec, path)))

    assert found
    if path[-1] == "port":
        assert {change.what for change in found} == {"missing", "extra"}
    else:
        (change,) = found
        assert (change.what, change.path[1], change.path[-1]) == ("changed", path[0], path[-1])


@given(ROLES, st.data())
def test_every_edit_of_a_role_is_found(rules: Any, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(leaves(rules), key=str)))

    found = found_in(role(rules), role(with_another(rules, path)))

    assert any(change.what != "extra" for change in found)
    assert all(change.path[0] == "rules" for change in found)


@given(VALUES, st.integers(0, 9))
def test_values_that_are_written_in_another_way_are_equal(values: Any, seed: int) -> None:
    assert found_in(config_map(written(values)), config_map(as_written_anew(values, seed))) == ()


@given(VALUES, st.integers(0, 9), st.data())
def test_every_edit_of_a_value_is_found_where_it_is(values: Any, seed: int, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(leaves(values), key=str)))
    there = as_written_anew(with_another(values, path), seed) if path[-1] not in {"for", "scrape_interval"} else None

    found = found_in(config_map(written(values)), config_map(there or written(with_another(values, path))))

    assert {change.key for change in found} == {path[0]}
    if NAMES & {path[-1]}:
        assert "changed" not in {change.what for change in found} or path[-1] == "id"
    else:
        (change,) = found
        assert (change.what, change.path[-1]) == ("changed", path[-1])


@given(VALUES, VALUES)
def test_what_was_added_is_extra_and_never_a_change(values: Any, more: Any) -> None:
    both = deepcopy(values)
    added = []
    for items, others, name in (
        (both["a.rules.yml"]["groups"][0]["rules"], more["a.rules.yml"]["groups"][0]["rules"], "alert"),
        (both["prometheus.yml"]["scrape_configs"], more["prometheus.yml"]["scrape_configs"], "job_name"),
        (both["board.json"]["panels"], more["board.json"]["panels"], "id"),
    ):
        there, titles = {item[name] for item in items}, {item.get("title") for item in items} - {None}
        new = [item for item in others if item[name] not in there and item.get("title") not in titles]
        added += [f"{name}={item[name]}" for item in new]
        items[:0] = new

    found = found_in(config_map(written(values)), config_map({**written(both), "mine.txt": "x"}))

    assert {change.what for change in found} == {"extra"}
    assert sorted(str(change.path[-1]) for change in found) == sorted([*added, "mine.txt"])


@given(VALUES)
def test_an_object_that_its_deployer_owns_is_equal_to_itself(values: Any) -> None:
    there = config_map(written(values))
    there["metadata"]["managedFields"] = [managed("helm", "Apply", DEPLOYED, *(("data", key) for key in values))]

    assert found_in(config_map(written(values)), there) == ()
