"""A CronJob's runs in a time that is passed in: jobs that stand in for those of the calendar, and what must be left."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from maintainer.analyse.checks import CHECKS
from maintainer.jobs.context import JobContext
from maintainer.model.documents import LEDGER
from maintainer.model.ledger import MONTHS_OF_DAYS, Entry, months_before
from maintainer.model.periods import is_day, period_before, period_of
from maintainer.model.report import Conclusion, Measured
from maintainer.reporting import Job
from maintainer.schedule import CalendarJob
from maintainer.settings import Settings
from maintainer.settings_jobs import ScheduleSettings
from maintainer.store.archive import read_archive
from maintainer.store.interface import Store
from maintainer.store.memory import Memory
from tests.settings.schedules import fires

ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL


def calendar(journal: Path) -> tuple[CalendarJob, ...]:
    """A job of each kind. Each writes a line into the journal when it is run: its name and the label of its report."""

    def noted(name: str, conclude: Callable[[JobContext], Conclusion] = lambda _context: Conclusion()) -> Job:
        def job(_settings: Settings, context: JobContext) -> Conclusion:
            with journal.open("a", encoding="utf-8") as lines:
                lines.write(f"{name} {context.period.label}\n")
            return conclude(context)

        return job

    return (
        CalendarJob("reconcile", noted("reconcile"), "daily", "present", tuple(CHECKS), reports="never"),
        CalendarJob("harvest", noted("harvest", _episode), "daily", "stored", tuple(CHECKS), reports="never"),
        CalendarJob("sample", noted("sample", _sample), "daily", "present", tuple(CHECKS), reports="never"),
        CalendarJob("monthly", noted("monthly"), "monthly", "present", tuple(CHECKS), reports="never"),
        CalendarJob("quarterly", noted("quarterly", _days), "quarterly", "stored", tuple(CHECKS), reports="never"),
        CalendarJob("semiannual", noted("semiannual"), "semiannual", "present", tuple(CHECKS), reports="never"),
    )


def _episode(context: JobContext) -> Conclusion:
    return Conclusion(archive=(Measured("episode", context.period.start, {"day": context.period.label}),))


def _sample(context: JobContext) -> Conclusion:
    return Conclusion(archive=(Measured("accuracy", context.now, {"day": context.period.label}),))


def _days(context: JobContext) -> Conclusion:
    """How many days of the period are in the archive."""
    lines = context.archived("episode", context.since)
    return Conclusion(figures={"days": sum(line.at < context.period.end for line in lines)})


@contextmanager
def ticking() -> Iterator[subprocess.Popen[str]]:
    """The process that starts the runs."""
    command = [sys.executable, "-m", "tests.runner.ticking"]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@dataclass
class Year:
    """The daily runs of a CronJob, each a process of its own, and what was seen of the ledger after each.

    ``runs`` are the times of the runs that came to their end. ``spare`` is how often a job may have been run in vain:
    once for each run that was killed, and whenever there were two runs at once.
    """

    process: subprocess.Popen[str]
    folder: Path
    flags: Mapping[str, Any]
    store: Store
    runs: list[datetime] = field(default_factory=list)
    seen: dict[tuple[str, str], Entry] = field(default_factory=dict)
    spare: int = 0

    @property
    def schedule(self) -> ScheduleSettings:
        """The schedules of the settings."""
        own = {key.removeprefix("schedule."): value for key, value in self.flags.items() if "schedule." in key}
        return ScheduleSettings.model_validate(own)

    @property
    def journal(self) -> list[str]:
        """A line for each time that a job was run: its name and the label of its report."""
        file = self.folder / "journal"
        return file.read_text("utf-8").splitlines() if file.exists() else []

    def day(self, now: datetime, *, kill: int = 0, stop: int = 0) -> list[int]:
        """Run what is due, and return the exit codes.

        Before the write with the number ``kill`` the run is killed, and run again after 5 minutes. Before the one with
        the number ``stop`` it is stopped, and goes on when another run, which began 10 minutes later, has ended.
        """
        before = len(self.journal)
        codes = self._run(now, kill=kill, stop=stop)
        self.spare += len(self.journal) - before if len(codes) > 1 else codes == [KILLED]
        if codes == [KILLED]:
            now += timedelta(minutes=5)
            codes += self._run(now)
        # Of two runs at once, one is refused if the other holds the lock.
        assert set(codes) <= {0, KILLED} or sorted(codes) == [0, 4], codes
        self.runs.append(now)
        return codes

    def _run(self, now: datetime, *, kill: int = 0, stop: int = 0) -> list[int]:
        asked = {
            "flags": dict(self.flags),
            "folder": str(self.folder / "store"),
            "journal": str(self.folder / "journal"),
            "kill": kill,
            "kubeconfig": str(self.folder / "kubeconfig"),
            "later": (now + timedelta(minutes=10)).isoformat(),
            "now": now.isoformat(),
            "stop": stop,
        }
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{json.dumps(asked)}\n")
        self.process.stdin.flush()
        codes: list[int] = json.loads(self.process.stdout.readline())
        self._look(now)
        return codes

    def _look(self, now: datetime) -> None:
        """Look at the ledger: nothing is in it twice, and of what was there nothing is lost or another result."""
        remembered = Memory(self.store, LEDGER, "ledger").read()
        found = {(entry.job, entry.period): entry for entry in remembered.records}
        assert (len(found), remembered.problems) == (len(remembered.records), ())
        for key, before in self.seen.items():
            if key in found:
                assert found[key].result == before.result, key
            else:
                assert is_day(key[1]), key
                assert before.at < months_before(now, MONTHS_OF_DAYS), key
        self.seen |= found

    def check(self) -> None:
        """Compare what was left with what should be."""
        expected = self.expected()
        assert {key: entry.result for key, entry in self.seen.items()} == expected
        for job in calendar(self.folder):
            times = [self.seen[key].at for key in expected if key[0] == job.name]
            assert times == sorted(times), f"{job.name} was not run in order"
        done = [key for key, result in expected.items() if result == "done"]
        assert len(done) <= len(self.journal) <= len(done) + self.spare
        self._check_archive(
            harvested=[day for job, day in done if job == "harvest"],
            sampled=[day for job, day in done if job == "sample"],
        )

    def _check_archive(self, *, harvested: list[str], sampled: list[str]) -> None:
        lines, problems = read_archive(self.store, self.runs[-1], keep=15)
        assert problems == ()
        assert [line.data["day"] for line in lines if line.kind == "episode"] == harvested
        samples = [line for line in lines if line.kind == "accuracy"]
        assert list(dict.fromkeys(line.data["day"] for line in samples)) == sampled
        assert len({line.at for line in samples}) == len(samples) <= len(sampled) + self.spare
        quarters = Counter(f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}" for day in harvested)
        read = {period: entry.figures["days"] for (job, period), entry in self.seen.items() if job == "quarterly"}
        assert read == {period: quarters[period] for period in read}

    def expected(self) -> dict[tuple[str, str], str]:
        """The result of each period of each job, in order: a look is missed if there was no run in its time."""
        return {(job.name, label): result for job in calendar(self.folder) for label, result in self._results(job)}

    def _results(self, job: CalendarJob) -> Iterator[tuple[str, str]]:
        zone, expression = self.schedule.time_zone, str(getattr(self.schedule, job.frequency))
        found = tuple(fires(expression, zone, self.runs[0] - timedelta(days=200), self.runs[-1]))
        first, last = max(fire for fire in found if fire <= self.runs[0]), found[-1]
        if job.reads == "stored":
            period, newest = (period_before(job.span, fire, zone) for fire in (first, last))
            while period.label <= newest.label:
                yield period.label, "done"
                period = period_of(job.span, period.end, zone)
            return
        begins: dict[str, datetime] = {}
        for fire in found[found.index(first) :]:
            begins.setdefault(period_of(job.span, fire, zone).label, fire)
        ends = [*begins.values(), self.runs[-1] + timedelta(seconds=1)][1:]
        for (label, begin), end in zip(begins.items(), ends, strict=True):
            yield label, "done" if any(begin <= run < end for run in self.runs) else "missed"
