"""What `maintainer serve` runs, and what it says of it: jobs that are due together, errors, and faults."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from maintainer.analyse.checks import CHECKS
from maintainer.commands.serve import Serving
from maintainer.deliver.metrics import page
from maintainer.model.clock import Clock
from maintainer.model.documents import LEDGER
from maintainer.model.ledger import Entry
from maintainer.model.report import Conclusion
from maintainer.reporting import Job, Machine
from maintainer.sandbox.api import kubeconfig
from maintainer.schedule import CalendarJob, states
from maintainer.serve import Ran
from maintainer.settings import load
from maintainer.store.directory import DirectoryStore
from maintainer.store.memory import Memory
from tests.runner.test_run import REFUSED, concluding, finding

Serve = Callable[..., Serving]


def fails(*_: Any) -> Conclusion:
    raise ZeroDivisionError("in a job")


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Serve:
    """The work with these jobs, of which all are due."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kubeconfig").write_text(kubeconfig(REFUSED), "utf-8")
    caplog.set_level(logging.INFO, "maintainer")

    def call(*jobs: CalendarJob) -> Serving:
        settings = load("", {}, {"prometheus.url": REFUSED, "store.kind": "directory", "reports.formats": "json"})
        clock = Clock(partial(next, count(0.0, 12.0)), lambda _: None)
        machine = Machine(clock, datetime.now(UTC), "1.2.3", str(tmp_path / "kubeconfig"))
        return Serving(settings, machine, jobs)

    return call


def job(name: str, function: Job) -> CalendarJob:
    return CalendarJob(name, function, "monthly", "present", tuple(CHECKS))


def ran(serving: Serving) -> Ran:
    return serving.run(lambda _seconds: None)


def numbers(serving: Serving) -> str:
    return page(serving.look() or ()).decode()


def test_jobs_that_are_due_together_are_run_after_each_other(serving: Serve, caplog: pytest.LogCaptureFixture) -> None:
    both = serving(job("first", concluding(finding("pipeline/reload"))), job("second", concluding()))
    assert ran(both) == Ran(0)

    begun = [line.split(" for ")[0] for line in caplog.messages if line.startswith("running") and "done" not in line]
    assert begun == ["running first", "running second"]
    text = numbers(both)
    assert 'maintainer_findings{check="pipeline/reload",job="first",severity="error"} 1.0' in text
    assert 'maintainer_gaps{job="second"} 0.0' in text
    assert text.count("\nmaintainer_last_success_timestamp_seconds{") == 2
    assert 'maintainer_run_duration_seconds{job="first"} 12.0' in text


def test_when_nothing_is_due_the_log_says_what_comes_next(serving: Serve, caplog: pytest.LogCaptureFixture) -> None:
    served = serving(job("monthly", concluding()))
    ran(served)
    caplog.clear()

    assert ran(served) == Ran(0)
    assert caplog.messages[0].startswith("nothing is due; next: monthly on ")


def test_a_job_is_due_since_its_time_until_it_was_run(serving: Serve) -> None:
    served, now = serving(job("monthly", concluding())), datetime.now(UTC).timestamp()

    def due() -> float:
        return float(numbers(served).split('due_timestamp_seconds{job="monthly"} ')[1].split()[0])

    assert due() <= now
    ran(served)
    assert due() > now


def test_a_job_that_is_only_repeated_is_not_overdue(serving: Serve) -> None:
    """What it could not look at is not in its success, and it is not due since the first of the month."""
    served, now = serving(job("monthly", concluding())), datetime.now(UTC)
    (state,) = states(served.jobs, (), now, served.settings.schedule)
    label, before = state.due[0].turn.label, now - timedelta(days=2)
    tried = Entry("sandbox", "monthly", label, "incomplete", before, passing=True, first_at=before)
    Memory(DirectoryStore("reports/store"), LEDGER, "ledger").add([tried])

    (state,) = states(served.jobs, (tried,), now, served.settings.schedule)
    text = numbers(served)
    assert [due.why for due in state.due] == ["again"]
    assert float(text.split('due_timestamp_seconds{job="monthly"} ')[1].split()[0]) > now.timestamp()
    assert "\nmaintainer_last_success" not in text


def test_no_step_begins_after_the_end_was_asked_for(serving: Serve, caplog: pytest.LogCaptureFixture) -> None:
    asked: list[str] = []

    def before_step() -> None:
        if asked:
            raise KeyboardInterrupt

    def asks(*arguments: Any) -> Conclusion:
        asked.append("end")
        return concluding()(*arguments)

    served = serving(job("first", asks), job("second", concluding()))
    with pytest.raises(KeyboardInterrupt):
        ran(replace(served, machine=replace(served.machine, before_step=before_step)))

    assert not any("done" in line or "recorded" in line or "second" in line for line in caplog.messages)
    assert "\nmaintainer_last_success" not in numbers(served), "it is run at the next start"


def test_a_fault_of_a_job_is_logged_and_no_reason_to_run_it_again_at_once(
    serving: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    assert ran(serving(job("monthly", fails))) == Ran(70)
    assert any(line.startswith("a fault of this program, please report it: ZeroDivision") for line in caplog.messages)


def test_a_fault_around_the_jobs_is_logged_too(serving: Serve, caplog: pytest.LogCaptureFixture) -> None:
    unheard_of: Any = "never"
    served = serving(CalendarJob("monthly", concluding(), unheard_of, "present", tuple(CHECKS)))

    assert ran(served) == Ran(70)
    assert caplog.messages[-1].startswith("what is due was not run: ")
    assert "KeyError('never')" in caplog.messages[-1]
    assert served.look() is None


def test_a_file_of_a_secret_that_is_gone_is_an_error_that_is_tried_again(
    serving: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    served = serving(job("monthly", concluding()))
    settings = load(
        "", {}, {"prometheus.url": REFUSED, "prometheus.bearerTokenFile": "gone", "store.kind": "directory"}
    )
    assert ran(replace(served, settings=settings)) == Ran(2, again=True)
    assert "which is tried again in 5 minutes" in caplog.messages[-1]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-12-31T23:59", "2027-01-01T00:05"),
        ("2027-01-01T00:05", "2027-01-01T06:00"),
        ("2027-01-01T06:00", "2027-01-01T09:00"),
        ("2027-01-01T09:00", "2027-01-02T06:00"),
    ],
)
def test_the_times_are_those_of_all_schedules(serving: Serve, after: str, expected: str) -> None:
    """On 1 January the schedules of the month, the quarter and the half year come together: at one time."""
    settings = load("", {}, {"schedule.timeZone": "UTC", "schedule.quarterly": "5 0 1 1,4,7,10 *"})
    served = replace(serving(), settings=settings)
    assert served.next_fire(datetime.fromisoformat(f"{after}Z")) == datetime.fromisoformat(f"{expected}Z")
