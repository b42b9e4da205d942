"""Harvests that are killed, that meet another one, or that find a damaged archive: each day is kept once."""

import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maintainer.model.ledger import archive_name
from maintainer.sandbox.programs import Program
from tests.collect.alerts.backfilled import prometheus_with
from tests.scenarios.harvests import FIRST, harvested, history, lines, past, settings_of
from tests.scenarios.runs import COMMAND

pytestmark = pytest.mark.extended


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Program]:
    with prometheus_with(past()) as running:
        yield running


IMPACT = "max by (namespace, name) (rollout_info_replicas_available) < 3"


def begun(url: str, folder: Path, *options: str) -> "subprocess.Popen[bytes]":
    """The command, harvesting into the store of the folder."""
    settings = settings_of(url, folder)
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "MAINTAINER_PROMETHEUS_URL": url,
        "MAINTAINER_CLUSTER_NAME": settings.cluster.name,
        "MAINTAINER_STORE_KIND": "directory",
        "MAINTAINER_STORE_PATH": settings.store.path,
        "MAINTAINER_REPORTS_DIRECTORY": str(folder / "reports"),
        "MAINTAINER_SCHEDULE_TIME_ZONE": "UTC",
        "MAINTAINER_ALERTS_IMPACT": IMPACT,
    }
    command = [str(COMMAND), "run", "harvest", "--record", *options]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_harvest_that_is_killed_at_any_time_loses_and_doubles_nothing(prometheus: Program, tmp_path: Path) -> None:
    harvested(prometheus.url, tmp_path / "whole", **{"alerts.impact": IMPACT})
    killed = 0
    for number in range(30):
        running = begun(prometheus.url, tmp_path)
        try:
            running.wait(0.3 * 1.15**number)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            running.wait()
            killed += 1
        else:
            break
    assert killed > 3

    assert begun(prometheus.url, tmp_path).wait(60) == 0
    assert lines(tmp_path) == lines(tmp_path / "whole")


def test_two_harvests_at_once_keep_each_day_once(prometheus: Program, tmp_path: Path) -> None:
    both = [begun(prometheus.url, tmp_path, "--wait-lock", "1m") for _ in range(2)]
    assert [running.wait(120) for running in both] == [0, 0]

    harvested(prometheus.url, tmp_path / "whole", **{"alerts.impact": IMPACT})
    assert lines(tmp_path) == lines(tmp_path / "whole")


def test_a_damaged_archive_is_set_aside_and_its_days_are_read_again(prometheus: Program, tmp_path: Path) -> None:
    harvested(prometheus.url, tmp_path)
    kept = lines(tmp_path)
    name = archive_name(datetime.fromtimestamp(FIRST, UTC))
    file = tmp_path / "store" / f"{name}.jsonl.gz"
    file.write_bytes(file.read_bytes()[:-40])

    outcome = harvested(prometheus.url, tmp_path)
    assert any("It was copied to" in warning for warning in outcome.warnings)
    assert lines(tmp_path) == kept
    assert history(tmp_path).missing == ()
