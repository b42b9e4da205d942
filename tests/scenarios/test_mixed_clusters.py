"""Whole runs where one store has the series of several clusters, or of one cluster twice, or none that the matchers let
through."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from maintainer.sandbox.exporter import Controller
from maintainer.sandbox.programs import Program, free_port, new_folder, stop
from maintainer.sandbox.prometheus import CONFIG, launch
from maintainer.sandbox.store import Store
from maintainer.sandbox.world import World, put_rollouts
from tests.scenarios.audits import audit, named, told
from tests.scenarios.runs import AGAINST_API, assert_incomplete, monthly
from tests.scenarios.small_worlds import INTERVAL, ROLLOUTS, eventually

pytestmark = pytest.mark.extended

OF_SERIES = AGAINST_API | {"coverage/duplicate"}
Targets = tuple[Mapping[str, Any], ...]


def both(label: str, prod: str, other: str, *, values: tuple[str, str] = ("prod", "staging"), job: str = "a") -> Any:
    """A job of two targets that this label tells apart; their instance is rewritten if they have a name in common."""
    groups = [
        {"targets": [address], "labels": {label: value}} for address, value in zip((prod, other), values, strict=True)
    ]
    named_alike = [{"target_label": "instance", "replacement": "argo-rollouts-metrics:8090"}]
    return {"job_name": job, "static_configs": groups, **({"relabel_configs": named_alike} if job == "alike" else {})}


@pytest.fixture(scope="module")
def stores(healthy: World) -> Iterator[Mapping[str, str]]:
    """By name: the URLs of Prometheus servers that scrape this cluster and another one, or this one twice."""
    [prod, _] = healthy.instances.values()
    staging = Store()
    put_rollouts(
        staging, healthy.fleet, rollouts=[*(replace(old, state="aborted") for old in ROLLOUTS[:2]), *ROLLOUTS[2:]]
    )
    other = healthy.api.serving.listen(Controller(staging, pod="staging").app()).removeprefix("http://")
    jobs = {
        "cluster": both("cluster", prod, other),
        "environment": both("environment", prod, other, job="alike"),
        "prometheus_replica": both("prometheus_replica", prod, prod, values=("a", "b"), job="alike"),
    }
    of_the_rollout = {"source_labels": ["namespace"], "regex": "team-(.)", "target_label": "squad"}
    only_ours = {"static_configs": [{"targets": [prod]}], "metric_relabel_configs": [of_the_rollout]}
    counts = {**dict.fromkeys(jobs, 2 * len(ROLLOUTS)), "squad": len(ROLLOUTS)}
    jobs["squad"] = only_ours
    running: list[Program] = []
    try:
        for name, job in jobs.items():
            often = f"{round(1000 * INTERVAL)}ms"
            scraping = {"scrape_interval": often, "scrape_timeout": often}
            files = {CONFIG: json.dumps({"global": scraping, "scrape_configs": [{**job, "job_name": name}]})}
            running.append(launch(new_folder(), files, port=free_port()))
        for name, program in zip(jobs, running, strict=True):
            program.wait()
            eventually(replace(healthy, prometheus=program.url), "count(rollout_info)", counts[name])
        yield {name: program.url for name, program in zip(jobs, running, strict=True)}
    finally:
        stop(running)


@pytest.mark.parametrize("label", ["cluster", "environment"])
def test_clusters_in_one_store_are_a_gap_with_the_label_that_splits_them_and_no_wrong_rollout(
    healthy: World, stores: Mapping[str, str], tmp_path: Path, label: str
) -> None:
    ended = monthly(healthy.environment(), tmp_path, "--prometheus-url", stores[label])

    assert_incomplete(ended, f"differ in the label {label}: prod, staging", f"""['{label}="prod"']""")
    assert ended.found & (OF_SERIES | {"pipeline/target", "pipeline/emitter"}) == set()
    assert "scrape each controller once" not in ended.texts["md"].lower()


@pytest.mark.parametrize("label", ["cluster", "environment"])
def test_with_the_matcher_that_the_gap_names_the_cluster_is_compared(
    healthy: World, stores: Mapping[str, str], label: str
) -> None:
    report = audit(healthy, {"prometheus.url": stores[label], "prometheus.matchers": [f'{label}="prod"']})

    assert {check for check, _ in named(report)} & OF_SERIES == set(), told(report)
    assert report.figures["rollouts.compared"] == len(ROLLOUTS), told(report)


def test_a_label_that_relabelling_makes_of_the_rollout_splits_nothing(
    healthy: World, stores: Mapping[str, str]
) -> None:
    report = audit(healthy, {"prometheus.url": stores["squad"]})

    assert {check for check, _ in named(report)} & OF_SERIES == set(), told(report)
    assert report.figures["rollouts.compared"] == len(ROLLOUTS), told(report)


def test_a_pair_of_prometheus_servers_is_told_by_its_label_and_compared_once_that_is_set(
    healthy: World, stores: Mapping[str, str]
) -> None:
    url = stores["prometheus_replica"]
    before = audit(healthy, {"prometheus.url": url})
    after = audit(healthy, {"prometheus.url": url, "prometheus.replicaLabels": ["prometheus_replica"]})

    assert {check for check, _ in named(before)} & OF_SERIES == set(), told(before)
    [reason] = {gap.reason for gap in before.gaps if gap.check == "coverage/duplicate"}
    assert (reason.id, reason.named["label"], reason.named["values"]) == (
        "gap/prometheus-replicas", "prometheus_replica", "a, b",
    )  # fmt: skip
    assert {check for check, _ in named(after)} & OF_SERIES == set(), told(after)
    assert after.figures["rollouts.compared"] == len(ROLLOUTS), told(after)


@pytest.mark.parametrize(
    ("matchers", "said"),
    [
        (['cluster="prd"'], "The values of cluster there are: prod, staging."),
        (['cluster=~"pr|st"'], "The values of cluster there are: prod, staging."),
        (['cluster="prod"', 'instance!~".+"'], 'The matcher instance!~".+"'),
        (['environment="prod"'], "none has the label environment"),
    ],
)
def test_a_matcher_that_matches_nothing_is_a_gap_with_the_values_that_there_are(
    healthy: World, stores: Mapping[str, str], tmp_path: Path, matchers: list[str], said: str
) -> None:
    file = tmp_path / "maintainer.yaml"
    file.write_text(json.dumps({"prometheus": {"matchers": matchers}}), "utf-8")
    ended = monthly(
        healthy.environment(), tmp_path / "run", "--prometheus-url", stores["cluster"], "--config", str(file)
    )

    assert_incomplete(ended, said)
    assert ended.found & (OF_SERIES | {"pipeline/target", "pipeline/emitter", "pipeline/service"}) == set()


def test_two_leaders_are_told_by_the_lease_and_not_scraped_twice(healthy: World) -> None:
    leader, second = healthy.controllers
    second.leading = True
    eventually(healthy, "count(rollout_info)", 2 * len(ROLLOUTS))
    try:
        report = audit(healthy)
    finally:
        second.leading = False
        eventually(healthy, "count(rollout_info)", len(ROLLOUTS))

    duplicated = {subject for check, subject in named(report) if check != "panel/value"}
    assert duplicated == {f"Pod/argo-rollouts/{pod}" for pod in (leader.pod, second.pod)}, told(report)
    [finding] = [finding for finding in report.findings if finding.check == "coverage/duplicate"]
    assert (finding.cause, finding.action.named["holder"]) == ("leaders", leader.pod)
