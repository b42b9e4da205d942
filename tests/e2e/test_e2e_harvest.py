"""Alerts that real Rollouts have fired are read back with what became of these Rollouts, and judged by it."""

import csv
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

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
from maintainer.model.episode_table import EPISODES
from maintainer.model.guard import unguarded
from maintainer.model.harvest import PlannedDay
from maintainer.model.scope import Scope
from tests.collect.alerts.backfilled import days_ago, prometheus_with
from tests.e2e import episodes
from tests.e2e.fleets import STATES, begin, image, rollout
from tests.e2e.kube import ROLLOUT
from tests.e2e.parts import found
from tests.e2e.plane import control_plane
from tests.e2e.processes import until
from tests.e2e.product import MAINTAINER
from tests.e2e.sites import PROMETHEUS, QUICK, Site, site
from tests.e2e.slowed import Slowed, slower

RULES = {
    "RolloutFailed": {"for": "10s"},
    "RolloutHighErrorRate": {"enabled": False},
    "RolloutStuck": {"for": "40s"},
    "RolloutReplicaMismatch": {"enabled": False},
    "RolloutWaiting": {
        "expr": 'max by (namespace, name) (rollout_info{phase="Paused"}) == 1\n',
        "for": "15s",
        "severity": "warning",
        "summary": "It waits",
        "description": "It waits.",
    },
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
        episodes.make(plane.kube)
        begin(plane.kube, STATES, calm=0)
        plane.kube.create(rollout("states", "updated"))
        running.wait_for('rollout_info{name="updated", phase="Completed"}')
        yield running


@pytest.fixture(scope="module", autouse=True)
def disturbed(made: Site) -> int:
    """What is judged at the end begins now, at this time in milliseconds: alerts take a while to fire."""
    begun = round(time.time()) * 1000
    episodes.disturb(made.plane.kube)
    return begun


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
    """The alerts that have fired, by alert and Rollout; but of those that are disturbed later."""
    of_rollouts = (one for one in day.episodes if one.alert in {"RolloutFailed", "RolloutStuck"} and one.fired_at)
    of_states = (dict(one.labels) | {"alert": one.alert} for one in of_rollouts)
    return {(own["alert"], own["name"]) for own in of_states if own["namespace"] != episodes.NAMESPACE}


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
        kept = (one for one in harvested().episodes if one.alert == "RolloutStuck" and one.fired_at)
        return [one.end for one in kept if dict(one.labels)["name"] == "progressing"]

    def told() -> set[tuple[str, str]]:
        """The events of Rollouts, of which counters are read once a minute."""
        outcomes = harvested().outcomes
        events = {(one.subject[1], one.event) for one in outcomes.increases}
        return events | {(one.subject[1], "revision") for one in outcomes.revisions}

    until(lambda: stuck() == ["resolved"], 90, lambda: f"it is {stuck()}")
    until(
        lambda: told() >= {("updated", "RolloutCompleted"), ("updated", "revision")}, 130, lambda: f"this is: {told()}"
    )


DAYS_AGO = 2
"""The day to which the record is moved: that before may be too young for a harvest."""


@contextmanager
def slowly(start: int, moved: int) -> Iterator[str]:
    """The URL of a Prometheus with what was recorded since ``start`` in milliseconds, as of ``moved`` in seconds."""
    with closing(Prometheus(Endpoint(PROMETHEUS))) as prometheus:
        rules = loaded_alerting(prometheus)
        watched = watched_alerts(rules)
        end = round(prometheus.time() * 1000)
        record = Slowed(start, moved)
        for name, selector in selectors(watched, Scope(), watchdog=False).items():
            if name != "heartbeat":
                record.add(prometheus.raw(selector, at=end, length=end - start), watched[0].interval)
    record.evaluated(watched, days_ago(DAYS_AGO))
    programs = [str(found(name)) for name in ("prometheus", "promtool")]
    with prometheus_with(record.past, rules=slower(watched), programs=programs) as server:
        yield server.url


def reviewed(url: str, moved: int, folder: Path) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The report of the quarter of ``moved`` after a harvest, and the rows of its episodes.csv; both are commands."""
    settings = {
        "prometheus": {"url": url},
        "cluster": {"name": "real"},
        "schedule": {"timeZone": "UTC"},
        "store": {"kind": "directory", "path": str(folder / "store")},
        "reports": {"directory": str(folder / "reports")},
    }
    (folder / "maintainer.yaml").write_text(yaml.safe_dump(settings))
    at = datetime.fromtimestamp(moved, UTC)
    quarter = f"{at.year}-Q{(at.month + 2) // 3}"
    for job in (["harvest"], ["quarterly", "--period", quarter]):
        ended = subprocess.run(
            [MAINTAINER, "run", *job, "--record", "--quiet"], cwd=folder, capture_output=True, text=True, check=False
        )
        assert ended.returncode in {0, 3}, ended.stderr
    (document,) = folder.glob("reports/*quarterly*.json")
    (table,) = folder.glob("reports/*quarterly*.episodes.csv")
    with table.open(encoding="utf-8-sig", newline="") as file:
        return json.loads(document.read_text()), list(csv.DictReader(file))


JUDGED = {
    ("RolloutStuck", "short"): "real",
    ("RolloutFailed", "undone"): "handled",
    ("RolloutStuck", "slow"): "noise",
    ("RolloutWaiting", "paused"): "expected",
}
"""The verdict of each alert that fires, by what is done to its Rollout."""


def test_each_alert_is_judged_by_what_was_done_to_its_rollout(made: Site, disturbed: int, tmp_path: Path) -> None:
    for alert, name in JUDGED:
        made.wait_for(f'ALERTS{{alertname="{alert}",name="{name}",alertstate="firing"}}')
    episodes.heal(made.plane.kube)
    until(lambda: not made.query('ALERTS{name=~"short|slow"}'), 60, lambda: str(made.query("ALERTS")))

    moved = days_ago(DAYS_AGO) + 36_000
    with slowly(disturbed - MINUTE, moved) as url:
        report, table = reviewed(url, moved, tmp_path)
    of_these = [row for row in table if row["namespace"] == episodes.NAMESPACE]
    assert {(row["alert"], row["rollout"]): row["judged"] for row in of_these} == JUDGED, of_these
    (listed,) = (one for one in report["sections"] if one.get("name") == EPISODES)
    assert len(listed["rows"]) == len(table)
