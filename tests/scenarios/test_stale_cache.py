"""Whole runs where the controller works with an old version of a Rollout, or only seems to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from maintainer.model.contract import DESIRED
from maintainer.sandbox.rollouts import stamp, usual
from maintainer.sandbox.world import World
from tests.scenarios.audits import audit, named, told
from tests.scenarios.runs import monthly
from tests.scenarios.small_worlds import ROLLOUTS, eventually

KEY = ROLLOUTS[0].key
STALE = {("controller/stale-cache", f"Rollout/{KEY[0]}/{KEY[1]}")}
OLD = timedelta(minutes=10)
REPLICAS = usual(ROLLOUTS[0]).replicas
OWNED: dict[str, Any] = {"f:spec": {}, "f:status": {"f:abort": {}}}


@contextmanager
def written(
    world: World,
    *,
    spec: Mapping[str, Any] | None = None,
    status: Mapping[str, Any] | None = None,
    age: timedelta = OLD,
) -> Iterator[Mapping[str, Any]]:
    """The first Rollout is written so long ago, and the controller still has the version before in its cache."""
    before, entry = world.store.get("rollouts", KEY), world.store.entry("rollouts", KEY)
    assert before
    assert entry
    [leader, _] = world.controllers
    honest = leader.distortion
    leader.distortion = replace(honest, gauges={KEY: {DESIRED: float(REPLICAS)}})
    write = {"manager": "kubectl", "time": stamp(datetime.now(UTC) - age), "fieldsV1": OWNED}
    changed = {
        **before,
        "metadata": {**before["metadata"], "managedFields": [write]},
        "spec": {**before["spec"], **(spec or {})},
        "status": {**before["status"], **(status or {})},
    }
    try:
        yield world.store.put("rollouts", changed)
    finally:
        leader.distortion, leader.extra = honest, []
        world.store.put("rollouts", before, emits=entry.emits)
        # Its generation has grown, which the controller then observes.
        now = world.store.get("rollouts", KEY)
        assert now
        observed = {**now["status"], "observedGeneration": str(now["metadata"]["generation"])}
        world.store.put("rollouts", {**now, "status": observed})
        eventually(world, f'{DESIRED}{{name="{KEY[1]}"}}', REPLICAS)


def test_a_scale_that_the_controller_overlooks_is_one_finding_with_the_command_that_mends_it(
    healthy: World, tmp_path: Path
) -> None:
    with written(healthy, spec={"replicas": 9}) as rollout:
        ended = monthly(healthy.environment(), tmp_path)
    [finding] = ended.report["findings"]
    [row] = finding["evidence"]["rollouts"]
    generation = rollout["metadata"]["generation"]

    assert ended.code == 0
    assert (finding["check"], finding["severity"]) == ("controller/stale-cache", "error")
    assert row["ignored"] == f"replicas {REPLICAS} → 9"
    assert row["ignored"] in finding["summary"]
    assert (row["generation"], row["observedGeneration"]) == (generation, str(generation - 1))
    assert row["by"] == "kubectl"
    assert datetime.now(UTC) - datetime.fromisoformat(row["since"]) >= OLD
    command = (
        f"kubectl -n {KEY[0]} annotate rollouts.argoproj.io {KEY[1]} maintainer.io/touched=$(date +%s) --overwrite"
    )
    assert command in finding["action"]
    assert "v1.10.0" in finding["action"]


def test_a_deployment_and_an_abort_that_are_overlooked_are_found_although_no_metric_shows_them(healthy: World) -> None:
    changes: tuple[dict[str, Any], ...] = ({"spec": {"minReadySeconds": 3}}, {"status": {"abort": True}})
    for change in changes:
        with written(healthy, **change):
            report = audit(healthy)
        assert named(report) == STALE, told(report)
        assert report.complete, told(report)


def test_a_change_of_just_now_is_no_finding(healthy: World) -> None:
    with written(healthy, spec={"replicas": 9}, age=timedelta(seconds=5)):
        report = audit(healthy)

    assert named(report) == set(), told(report)


def test_a_reconcile_that_fails_is_no_stale_cache(healthy: World) -> None:
    [leader, _] = healthy.controllers
    with written(healthy, spec={"minReadySeconds": 3}):
        leader.extra = [f'rollout_reconcile_error{{name="{KEY[1]}",namespace="{KEY[0]}"}} 7']
        eventually(healthy, f'rollout_reconcile_error{{name="{KEY[1]}"}}', 7)
        report = audit(healthy)

    assert named(report) == set(), told(report)


def test_a_pipeline_that_writes_old_replicas_is_not_blamed_on_the_controller(healthy: World) -> None:
    [leader, _] = healthy.controllers
    honest = leader.distortion
    leader.distortion = replace(honest, gauges={KEY: {DESIRED: 9.0}})
    eventually(healthy, f'{DESIRED}{{name="{KEY[1]}"}}', 9)
    try:
        report = audit(healthy)
    finally:
        leader.distortion = honest

    assert {check for check, _ in named(report)} == {"accuracy/replicas", "panel/value"}, told(report)
