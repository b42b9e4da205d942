"""Harvests of three days that a test has written, from a real Prometheus."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from maintainer.analyse.alerts.history import alert_history
from maintainer.model.alerts import DAY, AlertHistory
from maintainer.model.clock import Clock
from maintainer.model.ledger import ArchiveLine
from maintainer.render.words import load as words
from maintainer.render.words import say
from maintainer.reporting import Machine
from maintainer.runner import Outcome, run
from maintainer.schedule import run_by_hand
from maintainer.settings import Settings, load
from maintainer.store.archive import append, read_archive
from maintainer.store.directory import DirectoryStore
from tests.collect.alerts.backfilled import Past, days_ago, every

ENGLISH = words("en")
FIRST, LAST = days_ago(3), days_ago(1)
"""The begin of the first and of the last of three days that are over."""
TODAY = LAST + 86_400
WEB = ("shop", "web")
STUCK = FIRST + 86_400 - 1_200
"""When the Rollout web gets stuck: twenty minutes before a midnight."""
FREED = FIRST + 86_400 + 1_800
BORN = FIRST + 40_000


def past() -> Past:
    """Three days in which a Rollout was stuck over midnight, and lacked a pod; and Prometheus was started once."""
    found = Past()
    found.rollout("api", FIRST - 1_200, TODAY)
    found.add("rollout_info_replicas_desired", every(FIRST - 1_200, TODAY, 3), **labels("web"))
    found.add("rollout_info_replicas_available", every(FIRST - 1_200, STUCK, 3), **labels("web"))
    found.add("rollout_info_replicas_available", every(STUCK, FREED, 2), **labels("web"))
    found.add("rollout_info_replicas_available", every(FREED, TODAY, 3), **labels("web"))
    found.phase("web", "Progressing", STUCK, FREED)
    found.alert("RolloutStuck", STUCK, FREED, hold=900, namespace="shop", name="web")
    found.alert("RolloutStuck", LAST + 7_200, LAST + 7_500, hold=900, namespace="shop", name="api")
    found.alert("Foreign", LAST + 7_200, LAST + 7_500, hold=0)
    for reason, at in (("RolloutUpdated", STUCK), ("RolloutAborted", FREED)):
        found.add("rollout_events_total", every(at, TODAY, 1), reason=reason, type="Normal", **labels("web"))
    return found


def labels(name: str) -> dict[str, str]:
    return {"namespace": "shop", "name": name, "job": "argo-rollouts", "instance": "10.0.0.1:8090"}


def settings_of(url: str, folder: Path, **flags: object) -> Settings:
    own = {
        "prometheus.url": url,
        "cluster.name": "production",
        "store.kind": "directory",
        "store.path": str(folder / "store"),
        "reports.directory": str(folder / "reports"),
        "schedule.timeZone": "UTC",
        **flags,
    }
    return load("", {}, own).recording(record=True)


def harvested(url: str, folder: Path, **flags: object) -> Outcome:
    """A harvest that is recorded; it does not wait between requests."""
    return harvested_at(datetime.now(UTC), url, folder, **flags)


def harvested_at(at: datetime, url: str, folder: Path, **flags: object) -> Outcome:
    """A harvest on a machine with this time."""
    settings = settings_of(url, folder, **flags)
    machine = Machine(Clock(time.monotonic, lambda _: None), at, "test", kubeconfig=str(folder / "none"))
    return run(run_by_hand("harvest", at, settings.schedule), settings, machine)


def lines(folder: Path) -> tuple[ArchiveLine, ...]:
    return read_archive(DirectoryStore(str(folder / "store")), datetime.now(UTC), keep=15)[0]


def history(folder: Path) -> AlertHistory:
    """What the archive has of the three days."""
    return alert_history(lines(folder), FIRST * 1000, TODAY * 1000)


def gaps(outcome: Outcome) -> list[str]:
    return [say(ENGLISH, gap.reason) for gap in outcome.report.gaps]


def moved(folder: Path, line: ArchiveLine, days: int) -> None:
    """Put a line into another store, as one of so many days before."""
    data = {**line.data, "end": line.data["end"] - days * DAY}
    earlier = replace(line, at=line.at - timedelta(days=days), data=data)
    append(DirectoryStore(str(folder / "store")), [earlier], datetime.now(UTC), keep=15)
