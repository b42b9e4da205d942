"""Reconcile counts that did not change, read from a real Prometheus with two hours of data."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from math import isclose
from time import time

import pytest
import yaml

from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.pipeline.counts import reconcile_counts
from maintainer.model.facts import labels
from maintainer.model.pipeline import Pod
from maintainer.model.scope import Scope
from maintainer.sandbox.programs import free_port, new_folder, stop
from maintainer.sandbox.prometheus import CONFIG, launch

STEP, HOUR = 30, 3600
TARGET = labels({"instance": "10.0.0.1:8090", "job": "argo-rollouts"})
OLD = labels({"instance": "10.0.0.9:8090", "job": "argo-rollouts"})
HERE, THERE, ELSEWHERE = (f'instance="10.0.0.{n}:8090",job="argo-rollouts"' for n in (1, 9, 5))
RELABELLED = labels({"instance": "10.0.0.5:8090", "job": "argo-rollouts"})
RESYNC = 900


def series(name: str, now: int, *, since: int = 2 * HOUR, until: int = 0, last: int = 0, own: str = HERE) -> str:
    """A count that grows with each resync until ``last`` seconds ago, from ``since`` to ``until`` seconds ago."""
    values = ((at, (10 * HOUR - max(at, last)) // RESYNC) for at in range(since, until - 1, -STEP))
    label = f'{{{own},namespace="shop",name="{name}"}}'
    return "".join(f"rollout_reconcile_count{label} {value} {now - at}\n" for at, value in values)


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Prometheus]:
    folder, port, now = new_folder(), free_port(), int(time())
    text = [
        "# TYPE rollout_reconcile_count gauge\n",
        series("watched", now),
        series("still", now, last=45 * 60),
        series("still-for-less", now, last=30 * 60),
        series("young", now, since=30 * 60, last=30 * 60),
        series("gone", now, until=20 * 60, last=HOUR),
        series("moved", now, until=20 * 60, last=HOUR, own=THERE),
        series("pushed", now, last=HOUR).replace(",namespace=", ',namespace="argo-rollouts",exported_namespace='),
        series("moved-label", now, last=HOUR, own=ELSEWHERE).replace(",namespace=", ",rollout_ns="),
        "# TYPE process_start_time_seconds gauge\n",
        *(f"process_start_time_seconds{{{HERE}}} {now - 10 * HOUR} {at}\n" for at in range(now - HOUR, now + 1, STEP)),
        "# EOF\n",
    ]
    (folder / "past.om").write_text("".join(text), "utf-8")
    make = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", f"{folder}/past.om", f"{folder}/data"]
    subprocess.run(make, check=True, capture_output=True)
    running = launch(folder, {CONFIG: yaml.safe_dump({"scrape_configs": []})}, port=port)
    try:
        running.wait()
        with closing(Prometheus(Endpoint(running.url))) as prometheus:
            yield prometheus
    finally:
        stop([running])


def test_a_series_that_did_not_change_in_the_whole_window_and_still_exists_is_still(prometheus: Prometheus) -> None:
    found = reconcile_counts(prometheus, Scope(), pods=(), namespace_labels={RELABELLED: "rollout_ns"})

    assert found.still == {
        TARGET: frozenset({("shop", "still"), ("shop", "pushed")}),
        RELABELLED: frozenset({("shop", "moved-label")}),
    }
    assert found.remembered == frozenset({TARGET, OLD, RELABELLED})
    assert found.started.keys() == {TARGET}
    assert isclose(found.now - found.started[TARGET], 10 * HOUR, abs_tol=600)
    assert (found.window, found.resync) == (40 * 60, RESYNC)


def test_a_longer_resync_makes_the_window_longer(prometheus: Prometheus) -> None:
    found = reconcile_counts(
        prometheus,
        Scope(),
        pods=[Pod("argo-rollouts", "controller", words=("--rollout-resync=1800",))],
        namespace_labels={},
    )

    assert found.window == 70 * 60
    assert found.still == {}


def test_counts_of_another_cluster_are_left_out(prometheus: Prometheus) -> None:
    found = reconcile_counts(prometheus, Scope(matchers=('cluster="b"',)), pods=(), namespace_labels={})

    assert (found.still, found.remembered, found.started) == ({}, frozenset(), {})
