"""What `maintainer run due` costs on a day on which nothing is due, with three years in the ConfigMaps of the store."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest

from maintainer.model.documents import LEDGER
from maintainer.model.ledger import Entry
from maintainer.schedule import JOBS, states
from maintainer.settings import Settings
from maintainer.store.memory import Memory
from tests.scenarios.runs import COMMAND
from tests.store.in_cluster import InCluster

pytestmark = pytest.mark.extended

LEASES = "/apis/coordination.k8s.io/v1/namespaces/maintainer/leases/maintainer"
CONFIG_MAPS = "/api/v1/namespaces/maintainer/configmaps"
IMPORTS = "import maintainer.commands.run, maintainer.schedule"
MOST = 1.5
"""The largest ratio of the CPU time to that of the imports alone."""

Command = tuple[str | Path, ...]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[InCluster]:
    """A cluster whose ledger has a report of 20 KB for each of 36 months, and nothing that is due."""
    cluster, now = InCluster(tmp_path), datetime.now(UTC)
    calendar = states(JOBS, (), now, Settings().schedule)
    done = [Entry("c", due.turn.job.name, due.turn.label, "done", now) for state in calendar for due in state.due]
    older = [
        Entry("c", "monthly", f"{at:%Y-%m}", "done", at, report=os.urandom(20_000))
        for at in (now - timedelta(days=31 * months) for months in range(2, 37))
    ]
    Memory(cluster.store(), LEDGER, "ledger").add([*older, *done])
    # The Lease exists since an earlier run.
    with cluster.store().lock("another run"):
        pass
    cluster.api.requests.clear()
    yield cluster
    cluster.stop()


def run(command: Command, folder: Path) -> tuple[str, float]:
    """What the command has printed on stderr, and its CPU seconds."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "MAINTAINER_STORE_KIND": "configmaps"}
    environ["KUBECONFIG"] = str(folder / "kubeconfig")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=300, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stderr, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def asked(cluster: InCluster) -> Mapping[tuple[str, str], int]:
    """How often each object was asked for or written."""
    return {(method, path.partition("?")[0]): count for (method, path), count in cluster.api.requests.items()}


def test_a_day_on_which_nothing_is_due_takes_one_look_at_the_ledger_and_the_lock(
    cluster: InCluster, tmp_path: Path
) -> None:
    said, _ = run((COMMAND, "run", "due"), tmp_path)

    assert said.startswith("maintainer: nothing is due")
    assert asked(cluster) == {
        ("GET", LEASES): 2,
        ("PATCH", LEASES): 2,
        ("GET", f"{CONFIG_MAPS}/maintainer-ledger"): 1,
        ("GET", f"{CONFIG_MAPS}/maintainer-ledger-2"): 1,
    }


def test_a_day_on_which_nothing_is_due_takes_little_more_time_than_the_imports(
    cluster: InCluster, tmp_path: Path
) -> None:
    def ratio() -> float:
        _, floor = run((sys.executable, "-c", IMPORTS), tmp_path)
        _, spent = run((COMMAND, "run", "due"), tmp_path)
        return spent / floor

    ratios = [ratio() for _ in range(5)]
    assert median(ratios) <= MOST, ratios
