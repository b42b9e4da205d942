"""A year of daily runs with the ConfigMaps of a real API server as store."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from maintainer.faults import Faults
from maintainer.model.clock import Clock
from maintainer.reporting import Machine, cluster_of
from maintainer.settings import load
from maintainer.store.interface import Store
from maintainer.store_opening import Surroundings, open_store
from tests.e2e.plane import Plane, control_plane
from tests.runner.test_run import REFUSED
from tests.runner.year import KILLED, Year, ticking
from tests.settings.schedules import fires

BEGIN, END = datetime(2027, 9, 1, tzinfo=UTC), datetime(2028, 9, 1, tzinfo=UTC)
DAILY, ZONE = "30 2 * * *", "America/New_York"
"""The clocks leave out 2:30 on 12 March 2028."""
OUTAGES = {20: 1, 40: 45, 100: 3, 130: 30, 180: 7, 200: 2, 240: 14, 300: 20}
"""The length in days of each outage, by the day on which it begins."""
WRITES = 9
"""More than the run of a day makes. Each of them is the one at which the run of some day is killed, or overtaken."""


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    with control_plane(tmp_path_factory.mktemp("plane")) as plane:
        plane.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "maintainer"}})
        yield plane


def test_a_year_leaves_each_period_once_whatever_happens_to_its_runs(plane: Plane, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(plane.kube.kubeconfig())
    flags = {
        "prometheus.url": REFUSED,
        "reports.directory": str(tmp_path / "out"),
        "schedule.daily": DAILY,
        "schedule.timeZone": ZONE,
        "store.kind": "configmaps",
    }
    down = {day for begin, length in OUTAGES.items() for day in range(begin, begin + length)}
    killed, overtaken = Counter[int](), 0
    with closing(store(flags, kubeconfig)) as opened, ticking() as process:
        year = Year(process, tmp_path, flags, opened)
        up = (now for day, now in enumerate(fires(DAILY, ZONE, BEGIN, END)) if day not in down)
        for number, now in enumerate(up):
            write = number // 3 % WRITES + 1
            codes = year.day(now, kill=write if number % 3 == 1 else 0, stop=write if number % 12 == 6 else 0)
            killed[write] += codes[0] == KILLED
            overtaken += len(codes) == 2 and codes[0] != KILLED
        year.check()
    assert set(range(1, 8)) <= {write for write, times in killed.items() if times}
    assert overtaken > 5


def store(flags: Mapping[str, str], kubeconfig: Path) -> Store:
    """The store of the settings."""
    settings, clock = load("", {}, flags), Clock(lambda: 0.0, lambda _seconds: None)
    machine = Machine(clock, END, "1.2.3", str(kubeconfig))
    guard = Faults(machine.secrets.hide_in_error).guard
    return open_store(settings.store, Surroundings(clock, END, partial(cluster_of, settings, machine), guard))
