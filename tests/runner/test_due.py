"""Runs of all that is due: their order, what they share, what is remembered, and the exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from maintainer.analyse.checks import CHECKS
from maintainer.due import DueRun, run_due
from maintainer.errors import DeliveryFailed, SourceUnavailable
from maintainer.jobs.context import JobContext
from maintainer.model.clock import Clock
from maintainer.model.message import message
from maintainer.model.report import Conclusion, Gap, Measured
from maintainer.reporting import Job, Machine
from maintainer.runner import Outcome
from maintainer.sandbox.api import kubeconfig
from maintainer.schedule import CalendarJob, Due
from maintainer.settings import Settings, load
from maintainer.store.directory import DirectoryStore
from tests.runner.test_remembering import entries
from tests.runner.test_run import REFUSED, concluding, finding
from tests.runner.test_schedule import seoul

PASSING = Gap("query/error", "passing", message("gap/no-emitter"))
PERMANENT = Gap("query/error", "permanent", message("gap/no-emitter"))
FOUND = finding("pipeline/reload")


def failing(_settings: Settings, _context: JobContext) -> Conclusion:
    raise ZeroDivisionError


@dataclass
class Days:
    """Runs what is due on a machine at several times; the reports and the store are in ``folder``."""

    folder: Path
    begun: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def run(self, now: str, *jobs: CalendarJob, **flags: Any) -> DueRun:
        """Run what is due of the jobs at this time on a clock in Seoul."""
        self.begun, self.outcomes = [], []
        machine = Machine(
            Clock(lambda: 0.0, lambda _seconds: None), seoul(now), "1.2.3", str(self.folder / "kubeconfig")
        )
        usual = {
            "prometheus.url": REFUSED,
            "reports.directory": str(self.folder / "out"),
            "store.kind": "directory",
            "store.path": str(self.folder / "store"),
        }
        settings = load("", {}, usual | {key.replace("_", "."): value for key, value in flags.items()})
        return run_due(settings, machine, running=self._running, told=self.outcomes.append, jobs=jobs)

    @property
    def ledger(self) -> list[tuple[str, str, str]]:
        """(job, period, result) of all entries, sorted."""
        found = entries(DirectoryStore(str(self.folder / "store")))
        return sorted((entry.job, entry.period, entry.result) for entry in found)

    @contextmanager
    def _running(self, due: Due) -> Iterator[None]:
        self.begun.append(f"{due.turn.job.name} {due.turn.label}")
        yield


@pytest.fixture
def days(tmp_path: Path) -> Days:
    (tmp_path / "kubeconfig").write_text(kubeconfig(REFUSED), "utf-8")
    return Days(tmp_path)


def harvest(job: Job) -> CalendarJob:
    return CalendarJob("harvest", job, "daily", "stored", tuple(CHECKS), reports="never")


def monthly(job: Job) -> CalendarJob:
    return CalendarJob("monthly", job, "monthly", "present", tuple(CHECKS))


def test_what_is_due_is_run_in_the_order_of_the_calendar_and_only_once(days: Days) -> None:
    jobs = harvest(concluding()), monthly(concluding(FOUND))
    first = days.run("2026-11-27 06:00", *jobs)

    assert days.begun == ["harvest 2026-11-26", "monthly 2026-11"]
    assert [outcome.document["period"]["label"] for outcome in days.outcomes] == ["2026-11-26", "2026-11-27"]
    assert (first.exit_code, [due.turn.label for due in first.due]) == (0, ["2026-11-26", "2026-11"])
    assert days.ledger == [("harvest", "2026-11-26", "done"), ("monthly", "2026-11", "done")]

    assert days.run("2026-11-27 07:00", *jobs).due == ()
    assert days.begun == []


def test_stored_data_are_made_up_for_and_a_missed_look_is_recorded_once(days: Days) -> None:
    jobs = harvest(concluding()), monthly(concluding())
    days.run("2026-10-30 06:00", *jobs)
    days.run("2026-12-01 10:00", *jobs)

    assert days.begun[0] == "harvest 2026-10-30"
    assert days.begun[-2:] == ["harvest 2026-11-30", "monthly 2026-12"]
    assert len(days.begun) == 33
    assert ("monthly", "2026-11", "missed") in days.ledger
    days.run("2026-12-02 10:00", *jobs)
    assert sum(result == "missed" for _, _, result in days.ledger) == 1


def test_a_gap_that_may_pass_is_3_and_repeated_the_next_day_until_it_passed(days: Days) -> None:
    assert days.run("2026-11-02 06:00", monthly(concluding(gaps=(PASSING,)))).exit_code == 3
    assert days.run("2026-11-02 07:00", monthly(concluding())).due == ()
    assert days.run("2026-11-03 06:00", monthly(concluding(gaps=(PASSING,)))).exit_code == 3
    assert days.run("2026-11-10 06:00", monthly(concluding())).due == ()

    assert days.run("2026-11-09 06:00", monthly(concluding())).exit_code == 0
    assert days.ledger == [("monthly", "2026-11", "done")]


def test_a_gap_that_will_not_pass_makes_no_run_red_and_is_not_repeated(days: Days) -> None:
    job = monthly(concluding(FOUND, gaps=(PERMANENT,)))

    assert days.run("2026-11-02 06:00", job).exit_code == 0
    assert days.ledger == [("monthly", "2026-11", "incomplete")]
    assert days.run("2026-11-03 06:00", job).due == ()
    assert days.run("2026-12-02 06:00", job, failOn="error").exit_code == 1


@pytest.mark.parametrize(
    ("jobs", "code"),
    [
        ((concluding(gaps=(PASSING,)), concluding()), 3),
        ((concluding(gaps=(PASSING,)), failing), 70),
        ((failing, concluding()), 70),
    ],
)
def test_the_exit_code_is_the_worst_of_all_and_a_fault_costs_no_other_job(
    days: Days, jobs: tuple[Job, Job], code: int
) -> None:
    assert days.run("2026-11-02 06:00", harvest(jobs[0]), monthly(jobs[1])).exit_code == code
    assert [(job, period) for job, period, _ in days.ledger] == [("harvest", "2026-11-01"), ("monthly", "2026-11")]
    assert [bool(outcome.faults) for outcome in days.outcomes] == [jobs[0] is failing, jobs[1] is failing]


def test_the_jobs_share_the_sources_and_what_was_read(days: Days) -> None:
    seen: list[object] = []
    made: list[int] = []

    def job(_settings: Settings, context: JobContext) -> Conclusion:
        seen.append(context.sources)
        seen.append(context.once("list", partial(made.append, 1)))
        return Conclusion()

    days.run("2026-11-02 06:00", harvest(job), monthly(job))
    assert seen[0] is seen[2]
    assert made == [1]
    assert days.outcomes[0].catalogue is days.outcomes[1].catalogue


def test_what_a_job_measures_is_archived_and_read_by_a_later_one(days: Days) -> None:
    read: list[Any] = []

    def measure(_settings: Settings, context: JobContext) -> Conclusion:
        return Conclusion(archive=(Measured("accuracy", context.now, {"compared": 12}),))

    def look_back(_settings: Settings, context: JobContext) -> Conclusion:
        read.extend((line.at, line.data) for line in context.archived("accuracy", context.since))
        assert context.archived("other", context.since) == ()
        return Conclusion()

    for day in ("2026-10-01", "2026-10-31", "2026-11-01"):
        days.run(f"{day} 06:00", harvest(measure))
    days.run("2026-11-01 09:00", monthly(look_back))

    assert [at for at, _ in read] == [seoul("2026-10-01 06:00"), seoul("2026-10-31 06:00"), seoul("2026-11-01 06:00")]
    assert {data["compared"] for _, data in read} == {12}


def test_kinds_below_a_kind_are_read_with_it_and_those_that_only_begin_alike_are_not(days: Days) -> None:
    read: list[str] = []

    def measure(_settings: Settings, context: JobContext) -> Conclusion:
        kinds = ("alerts", "alerts/episodes", "alertsome")
        return Conclusion(archive=tuple(Measured(kind, context.now, {}) for kind in kinds))

    def look_back(_settings: Settings, context: JobContext) -> Conclusion:
        read.extend(line.kind for line in context.archived("alerts", context.since))
        return Conclusion()

    days.run("2026-10-31 06:00", harvest(measure))
    days.run("2026-11-01 09:00", monthly(look_back))
    assert sorted(read) == ["alerts", "alerts/episodes"]


def test_a_job_without_a_report_writes_none_and_is_recorded(days: Days) -> None:
    sample = CalendarJob("harvest", concluding(), "daily", "present", tuple(CHECKS), reports="never")
    days.run("2026-11-02 06:00", sample)

    assert [outcome.files for outcome in days.outcomes] == [()]
    assert not (days.folder / "out").exists() or not list((days.folder / "out").iterdir())
    assert days.ledger == [("harvest", "2026-11-02", "done")]


def test_a_ledger_that_cannot_be_read_costs_the_run_before_anything_is_run_twice(days: Days) -> None:
    (days.folder / "store" / "ledger.jsonl.gz").mkdir(parents=True)

    with pytest.raises(SourceUnavailable):
        days.run("2026-11-02 06:00", monthly(concluding()))
    assert days.begun == []


def test_a_second_run_at_the_same_time_ends_with_the_name_of_the_first(days: Days) -> None:
    refused: list[DeliveryFailed] = []

    def job(_settings: Settings, _context: JobContext) -> Conclusion:
        with pytest.raises(DeliveryFailed, match="another run holds the lock") as raised:
            Days(days.folder).run("2026-11-02 06:00", monthly(concluding()))
        refused.append(raised.value)
        return Conclusion()

    assert days.run("2026-11-02 06:00", monthly(job)).exit_code == 0
    assert refused[0].exit_code == 4


def test_entries_of_days_are_kept_for_two_months_and_those_of_months_for_longer(days: Days) -> None:
    jobs = harvest(concluding()), monthly(concluding())
    for day in ("2026-08-31", "2026-09-01", "2026-11-01"):
        days.run(f"{day} 10:00", *jobs)

    recorded = {period for _, period, _ in days.ledger}
    assert {"2026-08", "2026-09", "2026-10", "2026-11", "2026-08-31"} <= recorded
    assert "2026-08-30" not in recorded
