"""The lines that a review proposes, in a real Prometheus: they drop the series that it names, and no job misses any."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from maintainer.sandbox.prometheus import CONFIG
from maintainer.sandbox.world import Plan, World
from tests.helm.charts import named, objects, rendered
from tests.scenarios.audits import audit, told
from tests.scenarios.audits import named as found
from tests.scenarios.runs import typed
from tests.scenarios.small_worlds import eventually_at
from tests.scenarios.stacks import having

pytestmark = pytest.mark.extended

JOB = "argo-rollouts"
STORED = ("monitoring", "prometheus-config")
ENDS = ("_bucket", "_sum", "_count")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The Rollouts of the demo without faults, with its rules and its dashboard."""
    with World.start(Plan()) as world:
        yield world


def proposal(world: World, folder: Path) -> Mapping[str, Any] | None:
    """What ``maintainer run semiannual`` proposes, as it prints it; ``None`` if nothing."""
    line = "maintainer run semiannual --check 'cardinality/*' --format json --output -"
    ran = typed(line, folder, world.environment())
    assert ran.returncode == 0, ran.stderr
    findings = [one for one in json.loads(ran.stdout)["findings"] if one["check"] == "cardinality/top"]
    assert len(findings) <= 1
    return findings[0] if findings else None


def by_values(evidence: Mapping[str, Any]) -> Any:
    """The rules of the controller's job in the chart, with the values that were printed."""
    config_map = named(objects(rendered(values=yaml.safe_load(evidence["values"]))), "ConfigMap", "prometheus-config")
    config = yaml.safe_load(config_map["data"]["prometheus.yml"])
    (job,) = (job for job in config["scrape_configs"] if job["job_name"] == JOB)
    return job["metric_relabel_configs"]


def by_snippet(evidence: Mapping[str, Any]) -> Any:
    """The rules that were printed."""
    return yaml.safe_load(evidence["relabelling"])["metric_relabel_configs"]


@contextmanager
def scraping(world: World, rules: Any) -> Iterator[None]:
    """Prometheus drops by these rules, which were deployed; afterwards it stores everything again."""
    config_map = world.store.get("configmaps", STORED)
    assert config_map
    before = config_map["data"][CONFIG]
    config = yaml.safe_load(before)
    (job,) = config["scrape_configs"]
    job["metric_relabel_configs"] = rules
    text = yaml.safe_dump(config)
    with having(world, "configmaps", {**config_map, "data": {**config_map["data"], CONFIG: text}}):
        _load(world, text)
        try:
            yield
        finally:
            _load(world, before)


def _load(world: World, text: str) -> None:
    """Have Prometheus load it, and wait until it has found Alertmanager again."""
    (world.kubeconfig.parent / CONFIG).write_text(text, "utf-8")
    assert requests.post(f"{world.prometheus}/-/reload", timeout=10).ok
    deadline = time.monotonic() + 30
    while not _get(world, "alertmanagers")["activeAlertmanagers"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _get(world: World, path: str, **params: str) -> Any:
    return requests.get(f"{world.prometheus}/api/v1/{path}", params=params, timeout=10).json()["data"]


def series(world: World) -> dict[str, int]:
    """The number of series of each metric that the controller's job stores."""
    rows = _get(world, "query", query=f'count by (__name__) ({{job="{JOB}"}})')["result"]
    return {row["metric"]["__name__"]: int(row["value"][1]) for row in rows}


@pytest.mark.parametrize("written", [by_values, by_snippet])
def test_a_proposal_drops_what_it_names_and_the_audit_finds_nothing_new(
    written: Any, world: World, tmp_path: Path
) -> None:
    before, audited = series(world), audit(world)
    finding = proposal(world, tmp_path)
    assert finding
    families = {subject["name"] for subject in finding["subjects"]}
    dropped = {name for name in before if any(name.removesuffix(end) in families for end in ("", *ENDS))}
    assert sum(before[name] for name in dropped) == finding["evidence"]["series"]
    assert {"rollout_phase"} <= families

    with scraping(world, written(finding["evidence"])):
        eventually_at(world.prometheus, "count(rollout_phase)", None)
        assert before.keys() - series(world).keys() == dropped
        assert {name: count for name, count in before.items() if name not in dropped} == series(world)
        again = audit(world)
        assert found(again) == found(audited), told(again)
        assert [(gap.check, gap.reason.id) for gap in again.gaps] == [
            (gap.check, gap.reason.id) for gap in audited.gaps
        ]
        assert again.figures["rollouts.compared"] == audited.figures["rollouts.compared"]
        assert proposal(world, tmp_path) is None
    eventually_at(world.prometheus, "count(rollout_phase)", before["rollout_phase"])
