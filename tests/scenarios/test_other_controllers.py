"""Whole runs where the controller is in another namespace than the settings say, or is not the only one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from maintainer.clients.objects import INSTANCE_ID
from maintainer.sandbox.store import Object
from maintainer.sandbox.world import World
from tests.scenarios.audits import audit, named, told
from tests.scenarios.runs import assert_incomplete, monthly
from tests.scenarios.small_worlds import HURRY, ROLLOUTS, eventually

pytestmark = pytest.mark.extended

OF_PODS = {"coverage/unwatched", "pipeline/emitter", "pipeline/endpoints", "pipeline/service", "pipeline/version"}
LOCK = "argo-rollouts-controller-lock"
BLUE, GREEN = ({placed.key for placed in ROLLOUTS[half::2]} for half in (0, 1))


@contextmanager
def replaced(world: World, *objects: tuple[str, Object, Object]) -> Iterator[None]:
    """Objects, each with its resource, in the place of others."""
    for resource, before, after in objects:
        _put_in_place(world, resource, before, after)
    try:
        yield
    finally:
        for resource, before, after in objects:
            _put_in_place(world, resource, after, before)


def _put_in_place(world: World, resource: str, old: Object, new: Object) -> None:
    world.store.delete(resource, (old["metadata"]["namespace"], old["metadata"]["name"]))
    world.store.put(resource, new)


def in_namespace(world: World, namespace: str) -> list[tuple[str, Object, Object]]:
    """All of the controller, and the same in another namespace."""
    return [
        (resource, found, {**found, "metadata": {**found["metadata"], "namespace": namespace}})
        for resource in ("services", "pods", "endpointslices", "leases")
        for found in world.store.snapshot(resource, "argo-rollouts").objects
    ]


@pytest.fixture
def moved(healthy: World) -> Iterator[World]:
    """All of the controller is in the namespace rollouts."""
    with replaced(healthy, *in_namespace(healthy, "rollouts")):
        yield healthy


def test_a_controller_in_another_namespace_is_a_gap_that_says_where_and_what_to_set(
    moved: World, tmp_path: Path
) -> None:
    ended = monthly(moved.environment(), tmp_path / "untouched")
    told_where = monthly({**moved.environment(), "MAINTAINER_CONTROLLER_NAMESPACE": "rollouts"}, tmp_path / "set")

    where = "rollouts (by its pods, by its Lease). Set controller.namespace"
    assert_incomplete(ended, "argo-rollouts has no Service", where, checks=OF_PODS)
    assert ended.report["findings"] == []
    assert {gap["kind"] for gap in ended.report["gaps"]} == {"permanent"}
    assert (told_where.code, told_where.report["verdict"]) == (0, "ok")


def test_where_nothing_may_be_listed_elsewhere_the_gap_remains(moved: World, tmp_path: Path) -> None:
    moved.api.forbid("list", "pods", "")
    try:
        ended = monthly(moved.environment(), tmp_path)
    finally:
        moved.api.allow_all()

    assert_incomplete(ended, "although metrics of one arrive. Set controller.namespace", checks=OF_PODS)
    assert ended.report["findings"] == []


def test_a_namespaced_controller_is_judged_by_the_rollouts_of_its_namespace(healthy: World, tmp_path: Path) -> None:
    [leader, _] = healthy.controllers
    honest, outside = leader.distortion, {placed.key for placed in ROLLOUTS if placed.namespace != "team-0"}
    objects = [
        (resource, old, _with_argument(new, "--namespaced") if resource == "pods" else new)
        for resource, old, new in in_namespace(healthy, "team-0")
    ]
    with replaced(healthy, *objects):
        leader.distortion = replace(honest, missing=frozenset(outside))
        eventually(healthy, "count(rollout_info)", len(ROLLOUTS) - len(outside))
        try:
            ended = monthly({**healthy.environment(), "MAINTAINER_CONTROLLER_NAMESPACE": "team-0"}, tmp_path)
        finally:
            leader.distortion = honest
            eventually(healthy, "count(rollout_info)", len(ROLLOUTS))

    assert (ended.code, ended.report["findings"], ended.gaps()) == (0, [], {})
    assert ended.figures["rollouts.compared"] == ended.figures["rollouts.listed"] == len(ROLLOUTS) - len(outside)
    assert "it watches team-0 only" in ended.texts["md"]


@pytest.fixture
def blue_and_green(healthy: World) -> Iterator[World]:
    """Two controllers with instance ids in one namespace, each with its Lease; only blue emits."""
    store, (blue, green) = healthy.store, healthy.controllers
    lease = store.get("leases", ("argo-rollouts", LOCK))
    assert lease
    leases = [
        {
            **lease,
            "metadata": {**lease["metadata"], "name": f"{LOCK}-{id_}"},
            "spec": {**lease["spec"], "holderIdentity": f"{controller.pod}_0b7e"},
        }
        for id_, controller in (("blue", blue), ("green", green))
    ]
    objects = [
        ("pods", found, _with_argument(found, f"--instance-id={id_}"))
        for id_, controller in (("blue", blue), ("green", green))
        if (found := store.get("pods", ("argo-rollouts", controller.pod)))
    ]
    honest, before = blue.distortion, [store.entry("rollouts", placed.key) for placed in ROLLOUTS]
    store.delete("leases", ("argo-rollouts", LOCK))
    for own in leases:
        store.put("leases", own)
    with replaced(healthy, *objects):
        for entry in before:
            assert entry
            key = entry.object["metadata"]["namespace"], entry.object["metadata"]["name"]
            labels = {**entry.object["metadata"]["labels"], INSTANCE_ID: "blue" if key in BLUE else "green"}
            store.put("rollouts", {**entry.object, "metadata": {**entry.object["metadata"], "labels": labels}})
        blue.distortion = replace(honest, missing=frozenset(GREEN))
        eventually(healthy, "count(rollout_info)", len(BLUE))
        yield healthy
    blue.distortion = honest
    store.put("leases", lease)
    for own in leases:
        store.delete("leases", ("argo-rollouts", own["metadata"]["name"]))
    for entry in before:
        assert entry
        store.put("rollouts", entry.object)
    eventually(healthy, "count(rollout_info)", len(ROLLOUTS))


def _with_argument(pod: Object, argument: str) -> Object:
    containers = [{**container, "args": [argument]} for container in pod["spec"]["containers"]]
    return {**pod, "spec": {**pod["spec"], "containers": containers}}


def test_of_two_controllers_the_silent_one_is_accused_and_the_other_is_not(blue_and_green: World) -> None:
    _, green = blue_and_green.controllers
    report = audit(blue_and_green, {"controller.instanceId": "green"}, hurry=HURRY)

    assert named(report) == {("pipeline/emitter", "Service/argo-rollouts/argo-rollouts-metrics")}, told(report)
    [finding] = report.findings
    assert dict(finding.action.params) == {"pod": green.pod, "lease": f"{LOCK}-green"}
    assert {gap.reason.id for gap in report.gaps} == {"gap/no-emitter"}, told(report)


def test_of_two_controllers_the_one_that_is_fine_is_fine(blue_and_green: World, tmp_path: Path) -> None:
    ended = monthly({**blue_and_green.environment(), "MAINTAINER_CONTROLLER_INSTANCE_ID": "blue"}, tmp_path)

    assert (ended.code, ended.report["findings"]) == (0, []), ended.report
    assert ended.figures["rollouts.compared"] == len(BLUE)
    assert f"{blue_and_green.controllers[1].pod} (green)" in ended.texts["md"]


def test_the_controller_with_the_instance_id_is_found_where_it_is_beside_another_here(blue_and_green: World) -> None:
    world, (_, green) = blue_and_green, blue_and_green.controllers
    moved = [
        change
        for change in in_namespace(world, "green-system")
        if (change[0], change[1]["metadata"]["name"]) in {("pods", green.pod), ("leases", f"{LOCK}-green")}
    ]
    assert len(moved) == 2
    with replaced(world, *moved):
        report = audit(world, {"controller.instanceId": "green"}, hurry=HURRY)

    placed = [gap for gap in report.gaps if gap.reason.id == "gap/controller-other-id"]
    assert ({gap.check for gap in placed}, {gap.kind for gap in placed}) == (OF_PODS, {"permanent"}), told(report)
    assert "green-system" in str(placed[0].reason)
    # Only blue emits. Of blue's pods, which are here, nothing is said.
    assert named(report) == {("pipeline/emitter", "Service/argo-rollouts/argo-rollouts-metrics")}, told(report)


def test_a_target_of_another_instance_id_that_is_down_is_not_ours(blue_and_green: World) -> None:
    _, green = blue_and_green.controllers
    green.down = "error"
    eventually(blue_and_green, "sum(up)", 1)
    try:
        report = audit(blue_and_green, {"controller.instanceId": "blue"})
    finally:
        green.down = ""
        eventually(blue_and_green, "sum(up)", 2)

    assert (named(report), report.gaps) == (set(), ()), told(report)
