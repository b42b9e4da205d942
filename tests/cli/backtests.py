"""``maintainer backtest`` in a folder with files of rules and an archive."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from maintainer.model.alert_archive import HarvestedDay, measured
from maintainer.model.alerts import DAY, HOUR, MINUTE, HourCoverage, Impact, ImpactRun, Run
from maintainer.model.documents import ARCHIVE
from maintainer.model.ledger import ArchiveLine, archive_name
from maintainer.model.outcomes import Outcomes, PhaseRun, ShortRun
from maintainer.store.directory import DirectoryStore
from maintainer.store.memory import Memory
from tests.analyse.alerts import harvested
from tests.servers.commands import Done, command

RULES = """
groups:
  - name: argo-rollouts
    interval: 30s
    rules:
      - alert: RolloutStuck
        expr: rollout_info{phase="Progressing"} == 1
        for: 15m
"""
LONGER = RULES.replace("15m", "25m")


def call(folder: Path, *words: str) -> Done:
    """Runs ``maintainer backtest`` in a folder without a cluster."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("MAINTAINER_", "KUBE"))}
    environ = {**mine, "KUBECONFIG": str(folder / "none"), "MAINTAINER_STORE_KIND": "directory", "HOME": str(folder)}
    return command("backtest", *words, folder=folder, environ=environ)


def archive(tmp_path: Path, *, harm: bool = False) -> Path:
    """A folder with two files of rules, and an archive of five days, each with a page of 20 minutes and an outage.

    With ``harm``, users were harmed during the page of 20 minutes.
    """
    (tmp_path / "old.yml").write_text(RULES)
    (tmp_path / "new.yml").write_text(LONGER)
    midnight = int(datetime.now(UTC).timestamp()) * 1000 // DAY * DAY
    store = DirectoryStore(str(tmp_path / "reports" / "store"))
    for number in range(-5, 0):
        lines = [
            ArchiveLine("", one.kind, one.at, one.data) for one in measured(archived_day(midnight, number, harm=harm))
        ]
        for name in {archive_name(line.at) for line in lines}:
            Memory(store, ARCHIVE, name).add([line for line in lines if archive_name(line.at) == name])
    return tmp_path


def archived_day(midnight: int, number: int, *, harm: bool) -> HarvestedDay:
    start = midnight + number * DAY
    transient, outage = start + 3 * HOUR, start + 9 * HOUR
    episodes = (
        harvested.episode(transient, transient + 20 * MINUTE, fired=transient + 15 * MINUTE),
        harvested.episode(outage, outage + HOUR, fired=outage + 15 * MINUTE),
    )
    bad = ("shop", "web")
    outcomes = Outcomes(
        phases=(PhaseRun(bad, "Timeout", outage, outage + HOUR),),
        short=(ShortRun(bad, outage, outage + HOUR, 3, 0),),
    )
    day = harvested.day(0, episodes=episodes, outcomes=outcomes)
    hours = tuple(HourCoverage(hour.start - harvested.START + start, hour.evaluated) for hour in day.coverage)
    kept = HarvestedDay(start, start + DAY, rules=day.rules, coverage=hours, episodes=episodes, outcomes=outcomes)
    run = ImpactRun(harvested.WEB, transient, transient + 20 * MINUTE)
    return replace(kept, impact=Impact((run,), (Run(start, start + DAY),))) if harm else kept
