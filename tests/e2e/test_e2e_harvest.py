"""Alerts that real Rollouts have fired are read back with what became of these Rollouts."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from maintainer.analyse.alerts.harvested_day import harvested_day
from maintainer.analyse.alerts.watched_alerts import watched_alerts
from maintainer.clients.endpoint import Endpoint
from maintainer.clients.prometheus import Prometheus
from maintainer.collect.alerts.day import read_day
from maintainer.collect.alerts.reading import Reader
from maintainer.collect.alerts.rules import loaded_alerting
from maintainer.collect.alerts.selectors import selectors
from maintainer.model.alert_archive import HarvestedDay
from maintainer.model.alerts import MINUTE
from maintainer.model.clock import Clock
from maintainer.model.guard import unguarded
from maintainer.model.harvest import PlannedDay
from maintainer.model.scope import Scope
from tests.e2e.fleets import STATES, begin, image, rollout
from tests.e2e.kube import ROLLOUT
from tests.e2e.plane import control_plane
from tests.e2e.processes import until
from tests.e2e.sites import PROMETHEUS, QUICK, Site, site

RULES = {
    "RolloutFailed": {"for": "10s"},
    "RolloutHighErrorRate": {"enabled": False},
    "RolloutStuck": {"for": "40s"},
    "RolloutReplicaMismatch": {"enabled": False},
}
FAILED = {"aborted": "Abort", "invalid": "InvalidSpec", "no-replica-set": "Error", "timed-out": "Timeout"}
"""The phases of the Rollouts that fail, by name."""
FIRED = {("RolloutStuck", "progressing"), *(("RolloutFailed", name) for name in FAILED)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with (
        control_plane(tmp_path_factory.mktemp("plane")) as plane,
        site(plane, {**QUICK, "alertRules": {"argo-rollouts": RULES}}) as running,
    ):
        begin(plane.kube, STATES, calm=0)
        plane.kube.create(rollout("states", "updated"))
        running.wait_for('rollout_info{name="updated", phase="Completed"}')
        yield running


def harvested() -> HarvestedDay:
    """What a harvest keeps of the time up to now."""
    with closing(Prometheus(Endpoint(PROMETHEUS))) as prometheus:
        rules = watched_alerts(loaded_alerting(prometheus))
        now = round(prometheus.time()) * 1000
        day = PlannedDay(now - 15 * MINUTE, now, grids={"replicas": MINUTE, "events": MINUTE})
        reader = Reader(prometheus, Clock(time.monotonic, time.sleep))
        read = read_day(reader, day, selectors(rules, Scope(), watchdog=False), guard=unguarded)
        assert read.unread == {}
        return harvested_day(read, rules, same_server=True)


def fired(day: HarvestedDay) -> set[tuple[str, str]]:
    """The alerts that have fired, by alert and Rollout."""
    of_rollouts = (episode for episode in day.episodes if episode.alert.startswith("Rollout") and episode.fired_at)
    return {(episode.alert, dict(episode.labels)["name"]) for episode in of_rollouts}


def test_alerts_of_real_rollouts_are_harvested_with_what_became_of_them(made: Site) -> None:
    until(lambda: fired(harvested()) >= FIRED, 120, lambda: f"these have fired: {sorted(fired(harvested()))}")
    day = harvested()
    assert fired(day) == FIRED
    assert day.unread == {}
    by_rollout = {(dict(one.labels).get("name"), one.alert): one for one in day.episodes}
    aborted = by_rollout["aborted", "RolloutFailed"]
    assert (aborted.end, aborted.fired_at) == ("open", aborted.runs[0].first + 12_000)

    phases = {(run.subject[1], run.phase) for run in day.outcomes.phases}
    assert phases >= {*FAILED.items(), ("progressing", "Progressing")}
    assert max(hour.evaluated for hour in day.coverage) > 0


def test_what_ends_and_what_is_updated_is_seen_by_the_next_harvest(made: Site) -> None:
    made.plane.kube.patch(ROLLOUT, ("states", "progressing"), {"spec": {"template": {"spec": {"nodeSelector": None}}}})
    made.plane.kube.patch(ROLLOUT, ("states", "updated"), image(2))

    def stuck() -> list[str]:
        return [one.end for one in harvested().episodes if one.alert == "RolloutStuck" and one.fired_at]

    def told() -> set[tuple[str, str]]:
        """The events of Rollouts, of which counters are read once a minute."""
        outcomes = harvested().outcomes
        events = {(one.subject[1], one.event) for one in outcomes.increases}
        return events | {(one.subject[1], "revision") for one in outcomes.revisions}

    until(lambda: stuck() == ["resolved"], 90, lambda: f"it is {stuck()}")
    until(
        lambda: told() >= {("updated", "RolloutCompleted"), ("updated", "revision")}, 130, lambda: f"this is: {told()}"
    )
