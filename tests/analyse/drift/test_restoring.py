"""What would be written: all that the deployer declares and owns, under its name, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from maintainer.analyse.drift.apply_set import merge_patch
from maintainer.analyse.drift.audit import ComparedObject
from maintainer.analyse.drift.objects import changes
from maintainer.analyse.drift.owners import foreign_owner
from maintainer.analyse.drift.restoring import LAST_APPLIED, Policy, restoring_plan
from maintainer.model.drift import DesiredObject, FieldManager, Operation, Release, StoredObject
from maintainer.model.restoring import ObjectWrite, RestoringPlan, Rewrite
from tests.analyse.drift.builders import DEPLOYED, EDITED, config_map, desired, managed, recorded, stored

HELMS = {"meta.helm.sh/release-name": "monitoring", "meta.helm.sh/release-namespace": "monitoring"}
DATA, EXTRA = ("data", "a.rules.yml"), ("data", "mine.yml")
RULE = "groups: [{{name: g, rules: [{{alert: A, expr: up == {}}}]}}]"
MINE = RULE.format(1).replace("[{alert", "[{alert: Mine, expr: up}, {alert")


def compared(wanted: DesiredObject, there: StoredObject | None) -> ComparedObject:
    if there is None:
        return ComparedObject(wanted, None)
    return ComparedObject(wanted, there, changes(wanted, there), foreign_owner(there))


def plan(*objects: ComparedObject, prune: bool = False, retention: bool = False) -> RestoringPlan:
    return restoring_plan(objects, Policy(prune, retention, delete_data=retention))


def edited(name: str, operation: Operation, live: str = RULE.format(1), **more: Any) -> ComparedObject:
    """A ConfigMap that this manager has deployed, with a rule that somebody has edited."""
    there = config_map({"a.rules.yml": live, "mine.yml": "a: b"}, **more)
    there["metadata"] |= {"annotations": dict(HELMS), "labels": {"team": "a"}, "uid": "u1", "resourceVersion": "7"}
    helms = [("metadata", "annotations", name) for name in HELMS]
    there["metadata"]["managedFields"] = [
        managed(name, operation, DEPLOYED, *helms),
        managed("kubectl-edit", "Update", EDITED, DATA, EXTRA, ("metadata", "labels", "team")),
    ]
    return compared(desired(config_map({"a.rules.yml": RULE.format(0)})), stored(there))


def only(planned: RestoringPlan) -> Rewrite:
    (write,) = planned.writes
    return write.rewrite


def requests(planned: RestoringPlan) -> list[tuple[str, str, bool]]:
    return [(request.verb, request.manager, request.forced) for request in only(planned).requests]


def test_an_object_that_was_applied_gets_its_whole_apply_set_and_nobody_shares_it() -> None:
    (planned,) = plan(edited("python", "Apply")).writes
    write = planned.rewrite
    assert [(one.verb, one.manager, one.forced) for one in write.requests] == [
        ("apply", "python", True),
        ("disown", "python", False),
    ]
    metadata = {"namespace": "monitoring", "name": "prometheus-config", "annotations": HELMS}
    identity = {"apiVersion": "v1", "kind": "ConfigMap"}
    assert write.body == {**identity, "metadata": metadata, "data": {"a.rules.yml": RULE.format(0)}}
    assert write.undo[0].body == {**identity, "metadata": metadata, "data": {"a.rules.yml": RULE.format(1)}}
    assert (write.version, write.uid, write.stage) == ("7", "u1", "configuration")
    assert [change.path for change in planned.kept] == [("data", "mine.yml")]


def test_an_extra_key_is_its_writers_also_where_somebody_owns_the_map_besides() -> None:
    found = edited("python", "Apply")
    assert found.stored
    creator = FieldManager("kubectl-create", "Update", DEPLOYED, {"f:data": {}})
    write = only(plan(replace(found, stored=replace(found.stored, managers=(*found.stored.managers, creator)))))
    assert write.body["data"] == {"a.rules.yml": RULE.format(0)}


def test_an_object_that_was_updated_gets_a_merge_patch_of_what_differs() -> None:
    write = only(plan(edited("helm", "Update")))
    assert write.requests == (ObjectWrite("patch", "helm", {"data": {"a.rules.yml": RULE.format(0)}}),)
    assert write.undo == (ObjectWrite("patch", "helm", {"data": {"a.rules.yml": RULE.format(1)}}),)


def test_pruning_takes_extras_away_also_those_that_others_own() -> None:
    pruned = plan(edited("python", "Apply"), prune=True)
    assert requests(pruned)[0] == ("patch", "maintainer", False)
    assert only(pruned).requests[0].body == {"data": {"mine.yml": None}}
    assert only(pruned).undo[0].body == {"data": {"mine.yml": "a: b"}}
    assert only(plan(edited("helm", "Update"), prune=True)).body == {
        "data": {"a.rules.yml": RULE.format(0), "mine.yml": None}
    }


def test_where_only_extras_differ_nothing_is_written() -> None:
    live = RULE.format(0).replace("[{alert", "[{alert: Mine, expr: up}, {alert")
    assert plan(edited("python", "Apply", live)) == RestoringPlan()
    assert only(plan(edited("python", "Apply", live), prune=True)).body["data"] == {"a.rules.yml": RULE.format(0)}


def test_an_extra_alert_is_carried_over_into_the_deployed_text() -> None:
    body = only(plan(edited("python", "Apply", MINE))).body
    assert "Mine" in str(body["data"])
    assert "up == 0" in str(body["data"])


@pytest.mark.parametrize(
    ("more", "why"), [({"immutable": True}, "restoring/immutable"), ({"immutable": False}, None), ({}, None)]
)
def test_an_immutable_object_is_not_written_and_it_is_said_what_to_do(more: dict[str, Any], why: str | None) -> None:
    planned = plan(edited("python", "Apply", **more))
    assert [one.why.id for one in planned.not_restored] == ([why] if why else [])
    assert bool(planned.writes) is (why is None)


def test_an_extra_in_a_text_that_cannot_be_read_is_not_lost() -> None:
    found = edited("python", "Apply", MINE)
    assert found.stored
    broken = replace(found.stored, content={**found.stored.content, "data": {"a.rules.yml": "groups: ["}})
    planned = plan(replace(found, stored=broken))
    assert (planned.writes, [one.why.id for one in planned.not_restored]) == ((), ["restoring/unreadable"])


def test_what_argo_cd_owns_is_never_written() -> None:
    found = edited("python", "Apply")
    assert found.stored
    metadata = {"annotations": {"argocd.argoproj.io/tracking-id": "app:v1/ConfigMap:a/b"}}
    theirs = replace(found.stored, content={**found.stored.content, "metadata": metadata})
    assert plan(compared(found.desired, theirs)) == RestoringPlan()


def test_a_missing_object_is_made_as_its_siblings_were() -> None:
    dashboard = desired(config_map({"a.json": "{}"}, metadata={"namespace": "monitoring", "name": "dashboard"}))
    by_helm = only(plan(ComparedObject(dashboard, None), replace(edited("python", "Apply"), changes=())))
    assert [(one.verb, one.manager, one.forced) for one in by_helm.requests] == [("apply", "python", False)]
    assert by_helm.body["metadata"] == {
        "namespace": "monitoring",
        "name": "dashboard",
        "annotations": HELMS,
    }
    assert by_helm.undo[0].verb == "delete"
    assert (by_helm.stage, by_helm.version) == ("dashboards", "")
    updated = replace(edited("helm", "Update"), changes=())
    assert requests(plan(ComparedObject(dashboard, None), updated)) == [("create", "helm", False)]


def test_who_has_edited_an_object_is_never_taken_for_its_deployer() -> None:
    there = config_map({"a.rules.yml": RULE.format(1)})
    there["metadata"]["managedFields"] = [managed("kubectl-edit", "Update", EDITED, DATA)]
    wanted = replace(
        desired(config_map({"a.rules.yml": RULE.format(0)})), release=Release("monitoring", "monitoring", 3)
    )
    write = only(plan(compared(wanted, stored(there))))
    assert [(one.verb, one.manager) for one in write.requests] == [("apply", "helm"), ("disown", "helm")]
    assert write.body["metadata"]["annotations"] == HELMS


def test_a_missing_object_of_a_release_without_any_other_is_made_as_helm_makes_it() -> None:
    release = Release("monitoring", "monitoring", 3)
    wanted = replace(desired(config_map({"a.json": "{}"})), release=release)
    write = only(plan(ComparedObject(wanted, None)))
    assert (write.requests[0].verb, write.requests[0].manager) == ("apply", "helm")
    assert write.body["metadata"]["annotations"] == HELMS
    assert write.body["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "Helm"}


def test_a_missing_object_of_kubectl_apply_has_itself_in_an_annotation() -> None:
    dashboard = desired(config_map({"a.json": "{}"}, metadata={"name": "dashboard"}))
    there = config_map({"a.rules.yml": RULE.format(0)})
    there["metadata"]["managedFields"] = [managed("kubectl-client-side-apply", "Update", DEPLOYED, DATA)]
    sibling = compared(desired(config_map({"a.rules.yml": RULE.format(0)})), stored(there))
    write = only(plan(ComparedObject(dashboard, None), sibling))
    assert requests(plan(ComparedObject(dashboard, None), sibling)) == [("create", "kubectl-client-side-apply", False)]
    assert write.body["metadata"]["annotations"][LAST_APPLIED] == (
        '{"apiVersion":"v1","data":{"a.json":"{}"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"dashboard"}}\n'
    )


def test_what_a_killed_run_left_behind_is_finished() -> None:
    found = edited("python", "Apply", RULE.format(0))
    assert plan(found).writes == ()
    assert found.stored
    (mine,) = (manager for manager in found.stored.managers if manager.name == "kubectl-edit")
    half = replace(found.stored, managers=(*found.stored.managers[:1], replace(mine, name="maintainer")))
    assert requests(plan(replace(found, stored=half))) == [("apply", "python", True), ("disown", "python", False)]


def test_the_stages_follow_each_other_and_retention_is_the_last_and_only_if_it_is_wanted() -> None:
    objects = [compared(left, right) for left, right in recorded("edited")]
    for_retention = [
        replace(found, changes=tuple(change for change in found.changes if found.desired.id.kind != "StatefulSet"))
        for found in objects
        if found.desired.id.kind != "Deployment"
    ]
    assert [write.rewrite.stage for write in plan(*for_retention).writes] == [
        "access",
        "access",
        "access",
        "configuration",
    ]
    assert plan(*objects, retention=True).writes[-1].rewrite.stage == "retention"


def test_of_a_workload_only_the_arguments_change() -> None:
    content = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"namespace": "monitoring", "name": "prometheus"},
        "spec": {"template": {"spec": {"containers": [{"name": "prometheus", "image": "p:1", "args": ["--a=1"]}]}}},
    }
    retention = "--storage.tsdb.retention.time={}d"

    def with_args(image: str, *args: str) -> dict[str, Any]:
        container = {"name": "prometheus", "image": image, "args": list(args)}
        return {**content, "spec": {"template": {"spec": {"containers": [container]}}}}

    wanted = desired(with_args("p:1", "--a=1", retention.format(30)))
    there = stored(with_args("p:2", "--a=2", retention.format(7)))
    found = compared(wanted, there)
    flags = [change for change in found.changes if "retention" in str(change.path)]
    write = only(plan(replace(found, changes=tuple(flags)), retention=True))
    assert write.body["spec"] == with_args("p:1", "--a=2", retention.format(30))["spec"] | {
        "template": {"spec": {"containers": [{"name": "prometheus", "args": ["--a=2", retention.format(30)]}]}}
    }
    left = plan(replace(found, changes=tuple(flags)))
    assert left.writes == ()
    assert [one.why.id for one in left.not_restored] == ["restoring/retention.keeps-data"]


def test_a_merge_patch_takes_away_what_is_gone_and_sets_what_differs() -> None:
    before: dict[str, Any] = {"a": {"b": 1, "c": [1]}, "d": None, "e": 1}
    assert merge_patch(before, {"a": {"b": 1, "c": [2]}, "d": None}) == {"a": {"c": [2]}, "e": None}
