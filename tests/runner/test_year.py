"""The runs of a CronJob over months: outages, runs that are killed at a write, two runs at once, changes of clocks."""

import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from maintainer.sandbox.api import kubeconfig
from maintainer.store.directory import DirectoryStore
from maintainer.triggers import next_fire
from tests.runner.test_run import REFUSED
from tests.runner.year import KILLED, Year, ticking

pytestmark = pytest.mark.extended


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    with ticking() as started:
        yield started


def year(process: subprocess.Popen[str], folder: Path, **schedule: str) -> Year:
    folder.mkdir(exist_ok=True)
    (folder / "kubeconfig").write_text(kubeconfig(REFUSED), "utf-8")
    flags = {
        "prometheus.url": REFUSED,
        "reports.directory": str(folder / "out"),
        "store.kind": "directory",
        "store.path": str(folder / "store"),
    }
    flags |= {f"schedule.{key}": value for key, value in schedule.items()}
    return Year(process, folder, flags, DirectoryStore(str(folder / "store")))


def next_day(of: Year, now: datetime, days: int = 1) -> datetime:
    """The daily run so many days later; the one after ``now`` for 1."""
    fire = next_fire(of.schedule.daily, of.schedule.time_zone, now + timedelta(days=days - 1, minutes=6))
    assert fire
    return fire


STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 2, 8, 31, 45]),  # days since the run before
        st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 20, 30]),  # the write at which it is killed
        st.sampled_from([0, 0, 0, 0, 2, 5, 9]),  # the write at which it is overtaken
    ),
    min_size=4,
    max_size=6,
)


@pytest.mark.parametrize(
    ("zone", "daily", "begin"),
    [
        pytest.param("Asia/Seoul", "0 6 * * *", "2027-12-27T21:00Z", id="a new year in Seoul"),
        pytest.param("America/New_York", "30 2 * * *", "2028-02-27T07:30Z", id="29 February, and a day without 2:30"),
        pytest.param("America/New_York", "30 1 * * *", "2027-10-31T05:30Z", id="a day with 1:30 twice"),
    ],
)
@settings(max_examples=2, deadline=None, phases=[Phase.generate])  # Each run is a process; e2e has a whole year.
@given(steps=STEPS)
def test_outages_kills_and_two_runs_at_once_cost_nothing_but_missed_looks(
    process: subprocess.Popen[str], zone: str, daily: str, begin: str, steps: list[tuple[int, int, int]]
) -> None:
    with TemporaryDirectory() as folder:
        made = year(process, Path(folder), timeZone=zone, daily=daily)
        now = datetime.fromisoformat(begin)
        made.day(now)
        for days, kill, stop in steps:
            now = next_day(made, now, days)
            made.day(now, kill=kill, stop=0 if kill else stop)
        made.check()


def test_a_run_that_is_killed_at_any_write_is_made_up_for(process: subprocess.Popen[str], tmp_path: Path) -> None:
    before, killed = year(process, tmp_path / "0"), 0
    before.day(datetime.fromisoformat("2027-12-30T06:00+09:00"))
    while True:
        copy = copytree(tmp_path / "0", tmp_path / str(killed + 1))
        made = year(process, copy)
        made.runs, made.seen = list(before.runs), dict(before.seen)
        codes = made.day(datetime.fromisoformat("2028-01-01T06:00+09:00"), kill=killed + 1)
        made.check()
        if codes == [0]:
            break
        assert codes == [KILLED, 0]
        killed += 1
    assert killed > 8
