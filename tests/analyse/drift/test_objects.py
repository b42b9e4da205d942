"""Objects as they were deployed and as they are stored: what counts as a change, and who made it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from maintainer.analyse.drift.objects import changes
from maintainer.model.drift import Change
from tests.analyse.drift.builders import DEPLOYED, EDITED, RECORDED, config_map, desired, managed, recorded, stored

EXPECTED = {
    ("Service", "argo-rollouts-metrics"): [("changed", ("spec", "ports", "name=metrics", "port"), 8090, 8091)],
    ("Service", "prometheus"): [("changed", ("spec", "selector", "extra"), None, "x")],
    ("Deployment", "grafana"): [("changed", ("spec", "template", "spec", "automountServiceAccountToken"), False, None)],
    ("StatefulSet", "prometheus"): [
        ("changed", ("spec", "template", "spec", "terminationGracePeriodSeconds"), 120, 30)
    ],
    ("ConfigMap", "prometheus-config"): [
        ("changed", ("scrape_configs", "job_name=argo-rollouts", "honor_labels"), "true", "false"),
        ("changed", ("scrape_configs", "job_name=kube-state-metrics", "honor_labels"), "true", "false"),
        ("extra", ("data", "extra.rules.yml"), None, "groups: []\n"),
    ],
    ("ClusterRole", "monitoring-prometheus"): [
        (
            "missing",
            ("rules", "resources=endpoints,pods,services"),
            {"apiGroups": [""], "resources": ["services", "endpoints", "pods"], "verbs": ["get", "list", "watch"]},
            None,
        )
    ],
}
NOBODY = {("spec", "template", "spec", "automountServiceAccountToken")}
"""Nobody owns a field that was removed."""


def told(change: Change) -> tuple[str, tuple[str | int, ...], Any, Any]:
    return change.what, change.path, change.desired, change.live


@pytest.mark.parametrize("name", ["helm-4", "applied", "created", "kubectl-applied"])
def test_an_object_that_is_left_alone_has_no_change(name: str) -> None:
    assert [(left.id, changes(left, right)) for left, right in recorded(name) if changes(left, right)] == []


def test_each_edit_by_hand_is_found_with_its_place_and_its_author() -> None:
    found = {(left.id.kind, left.id.name): changes(left, right) for left, right in recorded("edited")}

    assert {key: [*map(told, made)] for key, made in found.items() if made} == EXPECTED
    authors = {change.manager for made in found.values() for change in made if change.path not in NOBODY}
    assert authors == {"kubectl-edit"}
    assert all(change.time for made in found.values() for change in made if change.manager)


def test_a_deleted_key_is_missing_and_one_that_was_added_is_extra() -> None:
    wanted = config_map({"a.yml": "groups: []", "b.txt": "b"}, binaryData={"c": "AAEC"})
    there = config_map({"a.yml": "groups: []", "mine.txt": "m"}, binaryData={"c": "AAE="})

    found = [told(change) for change in changes(desired(wanted), stored(there))]

    assert [(what, path) for what, path, _, _ in found] == [
        ("missing", ("data", "b.txt")),
        ("extra", ("data", "mine.txt")),
        ("changed", ("binaryData", "c")),
    ]
    assert [change.severity for change in changes(desired(wanted), stored(there))] == ["warning", "info", "warning"]
    assert str(found[2][2]).startswith("3 bytes, sha256 ")


def test_the_last_writer_of_a_value_is_who_changed_what_is_in_it() -> None:
    fields = ("data", "a.rules.yml")
    there = config_map({"a.rules.yml": "groups: [{name: g, rules: [{alert: A, expr: up == 1}]}]"})
    there["metadata"]["managedFields"] = [
        managed("helm", "Apply", DEPLOYED, ("metadata", "annotations", "meta.helm.sh/release-name"), fields),
        managed("kubectl-edit", "Update", EDITED, fields),
    ]
    wanted = config_map({"a.rules.yml": "groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]"})

    (change,) = changes(desired(wanted), stored(there))

    assert (change.key, change.path) == ("a.rules.yml", ("groups", "name=g", "rules", "alert=A", "expr"))
    assert (change.manager, change.time) == ("kubectl-edit", EDITED)


@pytest.mark.parametrize("name", ["helm-4", "edited", "kubectl-applied"])
def test_an_object_that_was_read_back_from_the_cluster_is_a_manifest_as_well(name: str) -> None:
    rows = [json.loads(line.rstrip(",")) for line in (RECORDED / f"{name}.json").read_text("utf-8").splitlines()[1:-1]]

    assert [change for row in rows for change in changes(desired(row["live"]), stored(row["live"]))] == []


def test_values_of_a_secret_are_not_shown() -> None:
    wanted: dict[str, Any] = {**config_map({"password": "aHVudGVyMg=="}), "kind": "Secret"}
    there = {**wanted, "data": {"password": "c2VzYW1l"}}

    (change,) = changes(desired(wanted), stored(there))

    assert (change.path, change.desired, change.live) == (("data", "password"), "<secret>", "<secret>")


PORT = "spec", "ports", "name=a"


def test_a_secret_is_stored_in_base64_whatever_it_was_deployed_in() -> None:
    head: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "m", "name": "s"}}
    there = stored({**head, "data": {"password": "aHVudGVyMg=="}})

    assert changes(desired({**head, "stringData": {"password": "hunter2"}}), there) == ()
    (change,) = changes(desired({**head, "stringData": {"password": "hunter3"}}), there)
    assert (change.path, change.desired, change.live) == (("data", "password"), "<secret>", "<secret>")


def test_what_was_added_is_told_in_the_order_of_its_keys() -> None:
    added = dict.fromkeys("hgfedcba", "x")

    found = changes(desired(config_map({})), stored(config_map(added)))

    assert [change.path[1] for change in found] == sorted(added)


def service(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "m", "name": "p"}, "spec": spec}


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ({"ports": [{"port": 9090, "targetPort": "9090"}]}, {"ports": [{"port": 9090, "targetPort": 9090}]}),
        ({"ports": [{"port": 80}, {"port": 443}]}, {"ports": [{"port": 443, "protocol": "TCP"}, {"port": 80}]}),
        ({"externalIPs": []}, {}),
        ({"publishNotReadyAddresses": False}, {}),
        ({"cpu": "1000m", "memory": "1024Mi", "timeout": "60s"}, {"cpu": "1", "memory": "1Gi", "timeout": "1m"}),
        ({"cpu": 2.0}, {"cpu": "2"}),
    ],
)
def test_what_the_server_rewrites_is_equal(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> None:
    assert changes(desired(service(**wanted)), stored(service(**there))) == ()


@pytest.mark.parametrize(
    ("wanted", "there", "path"),
    [
        ({"selector": {"a": "1000m"}}, {"selector": {"a": "1"}}, ("spec", "selector", "a")),
        ({"publishNotReadyAddresses": True}, {"publishNotReadyAddresses": 1}, ("spec", "publishNotReadyAddresses")),
        ({"cpu": "1000m"}, {"cpu": "1001m"}, ("spec", "cpu")),
        ({"ports": [{"name": "a", "port": 1}]}, {"ports": [{"name": "a", "port": 2}]}, (*PORT, "port")),
        ({"type": "ClusterIP"}, {}, ("spec", "type")),
    ],
)  # fmt: skip
def test_what_means_something_else_is_a_change(
    wanted: Mapping[str, Any], there: Mapping[str, Any], path: tuple[str, ...]
) -> None:
    (change,) = changes(desired(service(**wanted)), stored(service(**there)))

    assert (change.what, change.path) == ("changed", path)


def with_retention(text: str) -> dict[str, Any]:
    containers = [{"name": "prometheus", "args": ["--web.enable-lifecycle", f"--storage.tsdb.retention.time={text}"]}]
    spec = {"template": {"spec": {"containers": containers}}}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "p", "namespace": "m"}, "spec": spec}


def test_a_flag_is_compared_by_its_name_and_value() -> None:
    there = with_retention("360h")
    there["spec"]["template"]["spec"]["containers"][0]["args"].reverse()
    assert changes(desired(with_retention("15d")), stored(there)) == ()

    (change,) = changes(desired(with_retention("30d")), stored(there))

    assert change.path[-2:] == ("args", "arg=--storage.tsdb.retention.time")
    assert change.live == "--storage.tsdb.retention.time=360h"
