"""A fleet of which every Rollout changes all the time, and a controller whose cache lags: nothing may be accused."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from maintainer.sandbox.fleet import read_fleet, synthetic
from maintainer.sandbox.world import Plan, World
from tests.scenarios.audits import audit, told

pytestmark = pytest.mark.extended

RUNS = 30
AT_ONCE = 3
ROLLOUTS = 200
INTERVAL = 0.5
CHANGES = 150


@pytest.fixture(scope="module")
def restless() -> Iterator[World]:
    """Each Rollout changes about every two seconds; the controller's cache is up to one scrape behind."""
    rollouts = [replace(placed, moving=True) for placed in synthetic(ROLLOUTS)]
    plan = Plan(
        fleet=read_fleet().with_rollouts(rollouts),
        moving=True,
        scrape_interval=INTERVAL,
        changes_per_second=CHANGES,
        cache_lag=(0.6 * INTERVAL, 0.98 * INTERVAL),
    )
    with World.start(plan) as world:
        yield world


def test_thirty_runs_on_a_restless_fleet_accuse_nobody(restless: World) -> None:
    """Three at a time: a run mostly waits for scrapes, and it changes nothing that another one sees."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        reports = list(pool.map(audit, [restless] * RUNS))

    assert [told(report) for report in reports if report.findings] == []
    compared = sum(int(report.figures["rollouts.compared"]) for report in reports)
    moving = sum(int(report.figures["rollouts.moving"]) for report in reports)
    assert compared > 0.9 * RUNS * ROLLOUTS
    assert moving + compared <= RUNS * ROLLOUTS
    assert moving > 0
    assert restless.churn.changes > ROLLOUTS
